"""Turn rows into the packed texts of tenants. Rows that are not sound deny; none of them raises."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from corsadmin.engine import Grant, OriginText, RuleText, check_origin, packing
from corsadmin.loader import statements
from corsadmin.loader.database import Reader, epoch


def rules(reader: Reader) -> dict[int, str]:
    """Return each tenant's packed path rules."""
    known: dict[tuple[Any, ...], str] = {}
    texts: dict[int, list[str]] = defaultdict(list)
    for row in reader.stamped(statements.RULES):
        shape = row[1:]
        text = known.get(shape)
        if text is None:
            text = known[shape] = _rule(*shape)
        texts[row[0]].append(text)
    joined: dict[tuple[str, ...], str] = {}
    found = {}
    for key, own in texts.items():
        shape = tuple(own)
        if shape not in joined:
            joined[shape] = packing.join_rules(own)
        found[key] = joined[shape]
    return found


def _rule(path: str, *rest: Any) -> str:
    *lists, any_origin, credentials, max_age, refuse_unlisted = rest
    try:
        methods, request_headers, exposed_headers = map(_names, lists)
    except (ValueError, RecursionError):  # lists within lists within lists
        return packing.pack_unreadable_rule(str(path))
    if {type(any_origin), type(credentials), type(refuse_unlisted)} - {bool, int}:
        return packing.pack_unreadable_rule(str(path))
    if max_age is not None and type(max_age) is not int:
        return packing.pack_unreadable_rule(str(path))
    return packing.pack_rule(
        RuleText(
            path=str(path),
            methods=methods,
            request_headers=request_headers,
            exposed_headers=exposed_headers,
            any_origin=bool(any_origin),
            credentials=bool(credentials),
            max_age=max_age,
            refuse_unlisted=bool(refuse_unlisted),
        )
    )


def _names(text: Any) -> list[str]:
    names = json.loads(text) if isinstance(text, str) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        message = f"not a list of names: {text!r}"
        raise ValueError(message)
    return names


def hosts(reader: Reader) -> Iterator[tuple[int, str]]:
    """Yield each tenant's hosts, one per line."""
    joined = statements.HOSTS_JOINED.get(reader.vendor)
    if joined is None:
        rows = reader.stamped(statements.HOSTS)
        yield from (
            (key, _lines(host for _key, host in group))
            for key, group in groupby(rows, itemgetter(0))
        )
    else:
        for key, text, count in reader.stamped(joined):
            if _is_torn(text, count):
                text = _lines(host for (host,) in reader.rows(statements.HOSTS_OF_TENANT, key))  # noqa: PLW2901
            yield key, text


def plain_origins(reader: Reader) -> Iterator[tuple[int, str]]:
    """Yield each tenant's packed origins without conditions."""
    joined = statements.PLAIN_JOINED.get(reader.vendor)
    if joined is None:
        rows = reader.stamped(statements.PLAIN)
        for key, group in groupby(rows, itemgetter(0)):
            yield key, _literals(row[1:] for row in group)
        return
    for row in reader.stamped(joined):
        key, plain, count, credentials, count_credentials = row
        if _is_torn(plain, count) or _is_torn(credentials, count_credentials):
            yield key, _literals(reader.rows(statements.PLAIN_OF_TENANT, key))
        else:
            yield key, packing.join_literals(plain or "", credentials or "")


def _is_torn(text: str | None, count: int) -> bool:
    """Report whether something stored holds a separator, so that joining has torn it apart.

    No grammar check here: only a well-formed origin or host is ever looked up, so a row that is
    none matches nothing as long as it stays in one piece.
    """
    return text is not None and (text.count(packing.LINE) >= count or packing.SECTION in text)


def _literals(rows: Iterable[tuple[Any, ...]]) -> str:
    parts: tuple[list[str], list[str]] = ([], [])
    for pattern, credentials in rows:
        parts[1 if credentials else 0].append(pattern)
    return packing.join_literals(_lines(parts[0]), _lines(parts[1]))


def _lines(texts: Iterable[str]) -> str:
    return packing.LINE.join(text for text in texts if text.isprintable())


def other_origins(reader: Reader) -> Iterator[tuple[int, str]]:
    """Yield each tenant's packed entries with conditions or wildcards."""
    moment = statements.MOMENT.get(reader.vendor, "{0}")
    statement = statements.OTHERS.replace("{valid_from}", moment.format("valid_from"))
    statement = statement.replace("{valid_until}", moment.format("valid_until"))
    rows = reader.stamped(statement)
    for key, group in groupby(rows, itemgetter(0)):
        grants = (_grant(reader, *row[1:]) for row in group)
        yield key, packing.pack_grants(grant for grant in grants if grant is not None)


def _grant(reader: Reader, pattern: Any, *rest: Any) -> tuple[str, Grant] | None:
    credentials, risk_accepted, scope, *window = rest
    try:
        valid_from, valid_until = (epoch(moment, reader.timezone) for moment in window)
    except (ValueError, OverflowError):
        return None
    if not (isinstance(pattern, str) and isinstance(scope, str)):  # SQLite keeps bytes as such
        return None
    text = OriginText(
        pattern=pattern,
        credentials=bool(credentials),
        scope=scope,
        valid_from=valid_from,
        valid_until=valid_until,
        risk_accepted=bool(risk_accepted),
    )
    if check_origin(text):
        return None
    return pattern, Grant(text.credentials, scope, valid_from, valid_until)
