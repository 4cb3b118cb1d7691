"""Search a list with one condition: it reads the list's table once, and relations by key."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from django.db.models import ForeignObjectRel, Model, Q, QuerySet
from django.utils.text import smart_split, unescape_string_literal

# The spellings of a word to look for. A case-insensitive search, which finds every spelling, takes
# longer for a million texts than a search for a few; slugs and patterns are mostly lower case.
SPELLINGS: Final[Mapping[str, Sequence[Callable[[str], str]]]] = {
    **dict.fromkeys(("pattern", "host", "path", "slug"), (str, str.lower)),
    "note": (str, str.lower, str.upper, str.capitalize),
}
MAX_KEYS: Final = 1_000  # keys listed in a condition; with more, it keeps a subquery
MAX_TRIED_WORDS: Final = 2  # words after which a search may narrow down to that many keys


def search_condition(rows: QuerySet[Model], names: Iterable[str], term: str) -> Q:
    """Return the condition for rows that contain every word of a term in some of these fields.

    A name may follow one relation: `tenant__slug`, `hosts__host`.
    """
    names = tuple(names)
    # The longest word, most likely the rarest, comes first. If few rows contain it, the other words
    # are searched for only in these rows and in their tenants.
    words = sorted(_words(term), key=len, reverse=True)
    condition, known = Q(), None
    for number, word in enumerate(words, 1):
        condition &= _has_word(rows, names, word, known)
        if known is None and number <= MAX_TRIED_WORDS and number < len(words):
            known = _known(rows.filter(condition))
            condition = condition if known is None else Q(pk__in=known)
    return condition


def _known(rows: QuerySet[Model]) -> list[int] | None:
    """Return the keys of rows if they are few, or None."""
    keys = list(rows.order_by().values_list("pk", flat=True)[: MAX_KEYS + 1])
    return keys if len(keys) <= MAX_KEYS else None


def _has_word(rows: QuerySet[Model], names: Iterable[str], word: str, known: list[int] | None) -> Q:
    texts: defaultdict[str, Q] = defaultdict(Q)
    for name in names:
        relation, _separator, field = name.rpartition("__")
        texts[relation] |= _has_text(field, word)
    found = texts.pop("", Q())
    for relation, condition in texts.items():
        found |= _is_related(rows, relation, condition, known)
    return found


def _has_text(field: str, word: str) -> Q:
    if field not in SPELLINGS:
        return Q(**{f"{field}__icontains": word})
    found = Q()
    for spelling in dict.fromkeys(spell(word) for spell in SPELLINGS[field]):
        found |= Q(**{f"{field}__contains": spelling})
    return found


def _is_related(rows: QuerySet[Model], relation: str, condition: Q, known: list[int] | None) -> Q:
    """Return the condition for rows related to a match. `known` limits the rows that count."""
    # Without a join: a database that joins before it searches reads every row.
    field: Any = rows.model._meta.get_field(relation)
    others = field.related_model._default_manager.using(rows.db).filter(condition).order_by()
    is_reverse = isinstance(field, ForeignObjectRel)
    back = field.field.name if is_reverse else field.related_query_name()
    keys = others.values_list(field.field.attname if is_reverse else "pk", flat=True)
    found = few_keys(keys) if known is None else keys.filter(**{f"{back}__in": known})
    return Q(**{f"{'pk' if is_reverse else relation}__in": found})


def few_keys(keys: "QuerySet[Model, int]") -> "list[int] | QuerySet[Model, int]":
    """Return the keys as a list if they are few, or else the queryset that finds them."""
    found = list(keys[: MAX_KEYS + 1])
    return found if len(found) <= MAX_KEYS else keys


def _words(term: str) -> Iterable[str]:
    for word in smart_split(term):
        quoted = word.startswith(('"', "'")) and len(word) > 1 and word[0] == word[-1]
        yield unescape_string_literal(word) if quoted else word
