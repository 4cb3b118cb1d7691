"""What Firefox says about cookies and trackers, in the words of each language.

The words are in `cookie_texts.json`, which `scripts/make-console-texts --cookies` takes from Firefox's
language packs (MPL 2.0). The module `cookies` reads the parts that Firefox does not translate.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from corsadmin.diagnose.console.addresses import checked_url, first_url, last_url
from corsadmin.diagnose.console.reading import BlockDetail, BlockKind
from corsadmin.diagnose.console.signs import Sign
from corsadmin.engine.headers import is_token

# The greatest distance, in characters, between the words and the cookie's name or the URL.
MAX_AROUND: Final = 300

_TEXTS: Final[dict[str, list[str]]] = json.loads(
    Path(__file__).with_name("cookie_texts.json").read_text(encoding="utf-8")
)
_QUOTED: Final = re.compile(r"""(["']) ?(?!Cookie )([^"' ]{1,4000}) ?\1""")
# Quoted words that are not cookie names.
_NOT_NAMES: Final = frozenset({"secure", "Partitioned"})


def read_firefox_cookies(text: str) -> Iterator[Sign]:
    """Yield a sign for each kind of message of Firefox about cookies and trackers."""
    for code, clauses in _TEXTS.items():
        for words in clauses:
            place = text.find(words)
            if place >= 0:
                yield _sign(BlockDetail(code), text, place, place + len(words))


def _sign(detail: BlockDetail, text: str, start: int, end: int) -> Sign:
    """Return a sign with the URL, or the quoted cookie name, near the words."""
    before, behind = text[max(0, start - MAX_AROUND) : start + 1], text[start : end + MAX_AROUND]
    if detail is BlockDetail.CONTENT_BLOCKER:
        url = last_url(before) or first_url(behind)
        kind = BlockKind.NOT_CORS_NETWORK
        return Sign(at=start, kind=kind, detail=detail, url=url, engine="firefox")
    found = [*reversed(_QUOTED.findall(before)), *_QUOTED.findall(behind)]
    quoted = [text for _mark, text in found]
    url = next((url for text in quoted if (url := checked_url(text)) is not None), None)
    names = (text for text in quoted if is_token(text) and text not in _NOT_NAMES)
    return Sign(
        at=start,
        detail=detail,
        subject=next(names, None) if url is None else None,
        url=url,
        engine="firefox",
        cured=False,
    )
