"""Texts within the limits of a page that were made to cost far more than they weigh."""

from collections.abc import Callable
from typing import Final

from corsadmin.admin.import_file.forms import MAX_SIZE

Make = Callable[[], bytes | str]
_ROOM: Final = MAX_SIZE - 300  # for what stands around the hostile part
_HEAD: Final = '{"version":1,"tenants":[{"slug":"acme",'


def filled(before: str, piece: str, after: str = "", room: int = _ROOM) -> str:
    """Return as much of a piece as finds room between two texts."""
    return before + piece * ((room - len(before) - len(after)) // len(piece)) + after


def _numbered(before: str, piece: str, after: str, room: int = _ROOM) -> str:
    """Return the same with pieces that have numbers, so that no two are equal."""
    count = (room - len(before) - len(after)) // (len(piece) + 5)
    return before + ",".join(piece % number for number in range(count)) + after


JSON: Final[dict[str, Make]] = {
    "one long text": lambda: filled(_HEAD + '"note":"', "x", '"}]}'),
    "one long pattern": lambda: filled(_HEAD + '"origins":["', "x", '"]}]}'),
    "one long origin": lambda: filled(_HEAD + '"origins":[{"pattern":"https://', "a.", 'a"}]}]}'),
    "one long Unicode host": lambda: filled(_HEAD + '"hosts":["', "\\u00e4.", 'a"]}]}'),
    "one long path": lambda: filled(_HEAD + '"paths":[{"path":"/', "*/", '"}]}]}'),
    "one long slug": lambda: filled('{"version":1,"tenants":[{"slug":"', "x", '"}]}'),
    "one long moment": lambda: filled(
        _HEAD + '"origins":[{"pattern":"https://a.example","valid_from":"', "2", '"}]}]}'
    ),
    "one long number": lambda: filled('{"version":', "1", "}"),
    "one long key": lambda: filled('{"version":1,"', "x", '":1}'),
    "one long key of a tenant": lambda: filled(_HEAD + '"', "x", '":1}]}'),
    "one number after the other": lambda: filled('{"version":1,"x":[', "0,", "0]}"),
    "one space after the other": lambda: filled('{"version":1,', " ", '"tenants":[]}'),
    "deep lists": lambda: filled('{"version":1,"tenants":', "[", ""),
    "deep objects": lambda: filled('{"version":1,"tenants":[', '{"a":', ""),
    "many small tenants": lambda: filled('{"version":1,"tenants":[', "{},", "{}]}"),
    "many tenants that are no objects": lambda: filled('{"version":1,"tenants":[', "0,", "0]}"),
    "many origins that are no objects": lambda: filled(_HEAD + '"origins":[', "0,", "0]}]}"),
    "many hosts": lambda: filled(_HEAD + '"hosts":[', '"",', '""]}]}'),
    "many hosts before the slug": lambda: filled(
        '{"version":1,"tenants":[{"hosts":[', '"",', '""],"slug":"acme"}]}'
    ),
    "many unknown keys at the top": lambda: _numbered('{"version":1,', '"%d":0', "}"),
    "many unknown keys of a tenant": lambda: _numbered(_HEAD, '"%d":0', "}]}"),
    "many keys like known ones": lambda: _numbered(_HEAD, '"name%d":0', "}]}"),
    "many keys of one origin": lambda: _numbered(
        _HEAD + '"origins":[{"pattern":"https://a.example",', '"%d":0', "}]}]}"
    ),
    "many keys, one of them twice": lambda: _numbered(
        '{"version":1,"x":{"a":0,"a":0,', '"%d":0', "}}"
    ),
    "many keys of a tenant, one of them twice": lambda: _numbered(
        _HEAD + '"slug":"acme",', '"%d":0', "}]}"
    ),
    "every key twice": lambda: _numbered(
        '{"version":1,"x":{', '"%d":0,"%<s":0'.replace("%<s", "a"), "}}"
    ),
    "one key very often": lambda: filled('{"version":1,', '"x":0,', '"x":0}'),
    "one key of a tenant very often": lambda: filled(_HEAD, '"note":0,', '"note":0}]}'),
    "many methods": lambda: _numbered(
        _HEAD + '"paths":[{"path":"/","methods":[', '"M%d"', "]}]}]}"
    ),
    "many wrong methods": lambda: _numbered(
        _HEAD + '"paths":[{"path":"/","methods":[', '"m %d"', "]}]}]}"
    ),
    "one method very often": lambda: filled(
        _HEAD + '"paths":[{"path":"/","methods":[', '"GET",', '"GET"]}]}]}'
    ),
    "many request headers": lambda: _numbered(
        _HEAD + '"paths":[{"path":"/","request_headers":[', '"x%d"', "]}]}]}"
    ),
    "many wrong request headers": lambda: _numbered(
        _HEAD + '"paths":[{"path":"/","request_headers":[', '"x %d"', "]}]}]}"
    ),
    "many exposed headers": lambda: _numbered(
        _HEAD + '"paths":[{"path":"/","exposed_headers":[', '"x%d"', "]}]}]}"
    ),
    "many rules with many methods": lambda: filled(
        _HEAD + '"paths":[', '{"path":"/","methods":[' + '"",' * 50 + '""]},', "0]}]}"
    ),
}
YAML: Final[dict[str, Make]] = {
    "one long text": lambda: filled("version: 1\nnote: ", "x"),
    "one long text in quotes": lambda: filled('version: 1\nnote: "', "\\x41", '"'),
    "one long folded text": lambda: filled("version: 1\nnote: >\n", " a\n"),
    "one long text of many lines": lambda: filled("version: 1\nnote: a\n", "  a\n"),
    "one long key": lambda: filled("version: 1\n", "x", ": 1"),
    "one long explicit key": lambda: filled("version: 1\n? ", "x", "\n: 1"),
    "one long number": lambda: filled("version: ", "1"),
    "one long comment": lambda: filled("version: 1 ", "#"),
    "many comments": lambda: filled("version: 1\n", "#\n"),
    "many empty lines": lambda: filled("version: 1\n", "\n"),
    "many directives": lambda: filled("", "%A b\n"),
    "many tag directives": lambda: "".join(f"%TAG !{n}! a\n" for n in range(62_000)) + "--- a\n",
    "many tags": lambda: filled("[", "!a b,", "]"),
    "many anchors": lambda: "[" + ",".join(f"&{n} a" for n in range(110_000)) + "]",
    "many documents": lambda: filled("", "---\n"),
    "one value after the other": lambda: filled("[", "a,", "a]"),
    "one value after the other, unknown": lambda: filled("version: 1\nx: [", "a,", "a]"),
    "one value after the other, as origins": lambda: filled(
        "version: 1\ntenants: [{slug: acme, origins: [", "a,", "a]}]"
    ),
    "one pair after the other": lambda: filled("version: 1\nx: {", "a,", "a}"),
    "one line after the other": lambda: filled("version: 1\nx:\n", "-\n"),
    "one list after the other": lambda: filled("version: 1\nx: [", "[],", "[]]"),
    "one object after the other": lambda: filled("version: 1\nx: [", "{},", "{}]"),
    "single pairs in a list": lambda: filled("version: 1\nx: [", "a: b,", "]"),
    "many question marks": lambda: filled("version: 1\nx:\n", "?\n"),
    "many colons": lambda: filled("version: 1\nx:\n", " : \n"),
    "many keys, one of them twice": lambda: (
        "version: 1\nx:\n a: 0\n a: 0\n" + "".join(f" {n}: 0\n" for n in range(95_000))
    ),
    "many unknown keys of a tenant": lambda: (
        "version: 1\ntenants:\n- slug: acme\n" + "".join(f"  k{n}: 0\n" for n in range(80_000))
    ),
    "deep lists in one line": lambda: filled("", "["),
    "deep objects in one line": lambda: filled("", "{a: "),
    "deep lists over many lines": lambda: filled("", "[\n"),
    "deep dashes": lambda: filled("", "- "),
    "deep indentation": lambda: "".join(f"{' ' * n}a:\n" for n in range(1_400)),
    "deep question marks": lambda: filled("", "? "),
    "many tenants": lambda: filled("version: 1\ntenants:\n", "- slug: a\n"),
    "many empty tenants": lambda: filled("version: 1\ntenants: [", "{},", "]"),
}
CSV: Final[dict[str, Make]] = {
    "one long cell": lambda: filled("tenant,pattern\nacme,", "x"),
    "one long cell within the limit of a cell": lambda: (
        "tenant,pattern\nacme,https://" + "a." * 65_000
    ),
    "one long line of quotes": lambda: filled("tenant,pattern\nacme,", '"'),
    "one text over many lines": lambda: filled('tenant,pattern\nacme,"', "\n"),
    "one long heading": lambda: filled("tenant,pattern", ",a"),
    "many columns": lambda: filled(
        "tenant,pattern" + "".join(f",{n}" for n in range(800)) + "\n", "," * 801 + "\n"
    ),
    "many empty lines": lambda: filled("tenant,pattern\n", "\n"),
    "many empty cells": lambda: filled("tenant,pattern\nacme", ","),
    "many rows of empty cells": lambda: filled("tenant,pattern\n", ",\n"),
    "many rows of one cell": lambda: filled("tenant,pattern\n", "a\n"),
    "many carriage returns": lambda: filled("tenant,pattern\n", "\r"),
    "many slugs": lambda: "tenant,pattern\n" + "".join(f"a{n},b\n" for n in range(90_000)),
    "long wrong origins": lambda: filled(
        "tenant,pattern\n", "acme,https://" + "ä." * 50 + "\n", room=_ROOM * 2 // 3
    ),
    "long Unicode origins": lambda: filled(
        "tenant,pattern\n", "acme,https://" + "ü" * 40 + ".example\n", room=_ROOM * 2 // 3
    ),
    "half of a pair of UTF-16": lambda: (
        "tenant,pattern\nacme,x".encode("utf-16") + b"\x00\xd8" * 400_000
    ),
}
