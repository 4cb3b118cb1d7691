"""Time callables side by side: interleaved rounds, medians of the differences."""

import gc
import random
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import perf_counter_ns
from typing import Any

Side = tuple[Callable[[Any], Any], Callable[[], Sequence[Any]]]  # what to call, what to call it on


def side_by_side(
    sides: Mapping[str, Side], rounds: int, clock: Callable[[], int] = perf_counter_ns
) -> dict[str, list[float]]:
    """Return each side's microseconds per call, one figure per round.

    In every round each side runs once, in a new order, on fresh arguments; collections of garbage
    are kept out of the measured part.
    """
    figures: dict[str, list[float]] = {name: [] for name in sides}
    names = list(sides)
    gc.collect()
    gc.freeze()  # what is there by now need not be looked through again each time
    for number in range(rounds + 1):
        random.shuffle(names)
        for name in names:
            call, prepare = sides[name]
            figure = _once(call, prepare(), clock)
            if number:  # the first round warms up
                figures[name].append(figure)
    return figures


def added(figures: Mapping[str, list[float]], name: str, base: str = "nothing") -> float:
    """Return the median of what a side costs over the base in the same round."""
    return median(one - other for one, other in zip(figures[name], figures[base], strict=True))


def _once(call: Callable[[Any], Any], arguments: Sequence[Any], clock: Callable[[], int]) -> float:
    gc.collect()
    gc.disable()
    try:
        started = clock()
        for argument in arguments:
            call(argument)
        return (clock() - started) / len(arguments) / 1_000
    finally:
        gc.enable()
