"""What the words around an address say about it: the host of an API, or the origin of a page."""

import re
from typing import Final

from corsadmin.transfer.free_text.finds import FindKind

# Words for the host of an API, words for an origin, and words that fit both.
_HOST: Final = (
    r"server (?:names?|alias(?:es)?)|allowed hosts|(?:fetch|xmlhttprequest) at|fetch\(|curl|back-?\s?ends?|"
    r"api[\s-]?(?:host|server|endpoint|endpunkt|domain|dom\u00e4ne|url|base|adresse)(?:s|n|en|names?)?|"
    r"hosts?|host[\s-]?names?|endpoints?|endpunkte?"
)
_API: Final = r"apis?|gateways?|schnittstellen?"
_ORIGIN: Final = (
    r"origins?|access-control-allow-origin|"
    r"front-?\s?ends?|referr?ers?|web[\s-]?(?:apps?|shops?|sites?|seiten?|portale?)|"
    r"from(?=\W*\Z)|von(?=\W*\Z)"
)
_NEUTRAL: Final = (
    r"cors[\w-]*|allow\w*|add\w*|permit\w*|access\w*|zugriff\w*|greif\w*|call\w*|us(?:e|es|ing)|"
    r"consum\w*|aufruf\w*|nutz\w*|verwend\w*|frei(?:schalt|geb|gab)\w*|sites?|seiten?|domains?|"
    r"dom\u00e4nen?|urls?|pages?|clients?|apps?|shops?|portale?|docs?|keys?|tickets?"
)
_WORD: Final = re.compile(
    rf"(?<![\w.@/-])(?:(?P<host>{_HOST})|(?P<api>{_API})|(?P<origin>{_ORIGIN})|"
    rf"(?P<neutral>{_NEUTRAL}))(?![\w@/.-]*[\w@/])",
    re.IGNORECASE,
)
# A label and nothing else: “Our APIs:”, “Front end (prod)”.
_LABEL: Final = re.compile(
    rf"\W*(?:(?:our|the|unsere?|die|der|das)\s)?(?:(?P<host>{_HOST}|{_API})|(?P<origin>{_ORIGIN}))"
    r"(?:[\s-](?:urls?|names?|host|server))?(?:\s?\([^()]*\))?\W*\Z",
    re.IGNORECASE,
)
# What may come between such a word and the address that it names.
_CONNECTORS: Final = re.compile(
    r"(?:[^\w.!?]|\b(?:is|are|was|runs?|lives?|at|on|in|under|ist|sind|l\u00e4uft|laufen|liegt|unter|auf|"
    r"url|urls|base|name|names|namen|adresse|adressen|address|addresses|new|neue[nr]?|prod|"
    r"production|produktion|staging|test|dev|our|unsere?|the|die|der|das|and|und|or|oder|also|"
    r"following|folgende|region|v\d|est|sont|sur|es|son|est\u00e1n?|en|nos|nuestr[ao]s?|is|zijn|op|onze|draait|erreichbar|reachable|available|hosted|served|deployed|heisst|hei\u00dft)\b)*\Z",
    re.IGNORECASE,
)
_AND: Final = re.compile(
    r"(?:[^\w.!?:]|\b(?:and|und|or|oder|also|as well as|sowie)\b)*\Z", re.IGNORECASE
)
_AFTER: Final = re.compile(
    r"[\s\"'`)>]*(?:[(\[=\u2013\u2014-]|\bis\b|\bist\b|\bas\b|\bals\b)\s*"
    r"(?:(?:our|the|an?|unsere?|der|die|das)\s+)?(?P<words>[\w-]+(?:\s[\w-]+)?)",
    re.IGNORECASE,
)
# “Don't allow”, which the verb alone would turn into its opposite.
_NEGATED: Final = (
    r"(?:not|never|no longer|\w+n['\u2019]t|nicht(?: mehr)?)"
    r"(?:\s+(?:be|to|ever|also|any\s?more|any longer))?\s+"
    r"(?:add\w*|allow\w*|accept\w*|includ\w*|enabl\w*|permit\w*|erlaub\w*|zulass\w*|freischalt\w*|freigeb\w*|"
    r"aufnehm\w*|hinzu\w*)"
)
_UNWANTED: Final = (
    rf"{_NEGATED}|"
    r"remov\w*|delet\w*|drop|revok\w*|disabl\w*|not|\w+n['\u2019]t|never|no longer|without|instead of|except|"
    r"entfern\w*|l\u00f6sch\w*|nicht(?: mehr)?|statt|anstatt|anstelle von|ohne|au\u00dfer|kein\w*|sperr\w*|block\w*|"
    r"replac\w*|ersetz\w*|old|alte[nrs]?"
)
_WANTED: Final = (
    r"add\w*|allow\w*|but|new|also|neu\w*|sondern|auch|aber|with|by|to|durch|hinzu\w*|"
    r"erg\u00e4nz\w*|freischalt\w*|freigeb\w*"
)
_WISH: Final = re.compile(
    rf"(?<![\w.@/-])(?:(?P<unwanted>{_UNWANTED})|(?P<wanted>{_WANTED}))(?![\w@/-])|[.!?](?=\s)",
    re.IGNORECASE,
)
_TAKEN_BACK: Final = re.compile(
    r"[^.!?\n]{0,60}\b(?:entfern(?:en|t)|l\u00f6schen|gel\u00f6scht|rausnehmen|removed?|deleted?|"
    r"(?:no longer|not)\s+(?:needed|required|used|in use|allowed)|not\s+be\s+(?:allowed|added)|"
    r"nicht\s+(?:mehr\s+)?(?:ben\u00f6tigt|gebraucht|freischalten|zulassen|erlauben))\b",
    re.IGNORECASE,
)
_LIKE_API: Final = re.compile(
    r"(?:[\w-]+-)?(?:api|graphql|backend|gateway|rest)s?\d{0,2}(?:-[\w-]+)?\Z", re.IGNORECASE
)
# `CORS_ALLOWED_ORIGINS` and `allowedOrigins` are several words.
_JOINTS: Final = re.compile(r"_|(?<=[a-z])(?=[A-Z])")
MAX_LOOKED_AT: Final = 200  # characters before and after an address


def before(text: str) -> FindKind | None:
    """Return what the words before an address call it: EITHER if they fit both, None for no word."""
    words = _JOINTS.sub(" ", text[-MAX_LOOKED_AT:])
    found = [*_WORD.finditer(words)]
    if not found:
        return None
    last = found[-1]
    if (last["host"] or last["api"]) and _CONNECTORS.match(words, last.end()):
        return FindKind.HOST
    return FindKind.ORIGIN if last["origin"] else FindKind.EITHER


def after(text: str) -> FindKind | None:
    """Return what the words after an address call it, or None."""
    found = _AFTER.match(text[:MAX_LOOKED_AT])
    return None if found is None else only(found["words"])


def only(text: str) -> FindKind | None:
    """Return what a heading, or the heading of a column, announces; None if it does not say."""
    words = _JOINTS.sub(" ", text[:MAX_LOOKED_AT])
    found = {match.lastgroup for match in _WORD.finditer(words)}
    if "origin" in found:
        return FindKind.ORIGIN
    # “For the API” may come above hosts or origins.
    if label(text) is FindKind.HOST or ("host" in found and "neutral" not in found):
        return FindKind.HOST
    return FindKind.EITHER if found else None


def label(text: str) -> FindKind | None:
    """Return what a label announces; None for any text that is not only a label."""
    found = _LABEL.match(_JOINTS.sub(" ", text[:MAX_LOOKED_AT]))
    if found is None:
        return None
    return FindKind.HOST if found["host"] else FindKind.ORIGIN


def is_unwanted(before: str, after: str) -> bool | None:
    """Report whether the words around an address ask to remove it; None if they do not say."""
    said = [found.lastgroup for found in _WISH.finditer(before[-MAX_LOOKED_AT:])]
    if not (said and said[-1]) and _TAKEN_BACK.match(after[:MAX_LOOKED_AT]):
        return True
    return None if not said else said[-1] == "unwanted"


def continues(text: str) -> bool:
    """Report whether the text between two addresses only lists them, as “and” does."""
    return len(text) <= MAX_LOOKED_AT and _AND.match(text) is not None


def is_like_api(host: str) -> bool:
    """Report whether the first label of a host suggests an API."""
    return _LIKE_API.match(host.partition(".")[0]) is not None
