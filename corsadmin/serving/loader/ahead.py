"""Ask the next question in a thread of its own while the answer to the one before is worked on."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


def asked_ahead(
    ask: Callable[[Question], Answer], questions: Iterable[Question]
) -> Generator[tuple[Question, Answer], None, None]:
    """Yield each question with its answer, in order. Raises what `ask` does.

    `ask` is called in another thread, one call at a time, and never more than two answers ahead.
    To be closed: that waits for the call under way.
    """
    with ThreadPoolExecutor(1, "corsadmin-reader") as thread:
        asked: deque[tuple[Question, Callable[[], Answer]]] = deque()
        for question in questions:
            asked.append((question, _asked(thread, ask, question)))
            if len(asked) > 1:
                earlier, answer = asked.popleft()
                yield earlier, answer()
        for earlier, answer in asked:
            yield earlier, answer()


def _asked(
    thread: ThreadPoolExecutor, ask: Callable[[Question], Answer], question: Question
) -> Callable[[], Answer]:
    try:
        return thread.submit(ask, question).result
    except RuntimeError:  # no thread is to be had: then not ahead
        return partial(ask, question)
