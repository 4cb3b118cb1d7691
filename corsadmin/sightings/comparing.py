"""Let two policies of a tenant decide everything that was seen of it, and compare.

Plain Python: sightings come in as values, and `decide` decides. Sightings do not always say which
paths a caller used. If the result depends on such a gap, the impact says on which one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from corsadmin.engine import CorsRequest, TenantPolicy
from corsadmin.engine.headers import ACAC
from corsadmin.sightings.answers import Answers, PolicyPair, plain_call, preflight
from corsadmin.sightings.impacts import AffectedOrigin, Depends, Impact, LostNames, joined
from corsadmin.sightings.recently import Recently, SeenCaller, SeenEntry

_ANY_NAME: Final = "any-other-name"
_STRANGER: Final = f"https://{_ANY_NAME}.invalid"

# How something seen changes: None if the decision stays the same.
_Change: TypeAlias = Depends | None
_Judge: TypeAlias = Callable[[Answers], bool]


def compare_seen(
    before: TenantPolicy | None,
    after: TenantPolicy | None,
    seen: Recently,
    now: float,
    *,
    within: str = "/",
) -> Impact:
    """Return how the decisions on what was seen of a tenant differ at the time `now`.

    A policy of None allows nobody. `within` is the pattern that covers all paths of the tenant.
    """
    return _Comparison(PolicyPair(before, after, now, within), seen).impact()


class _Use(NamedTuple):
    """An origin that the earlier policy lets in, and every decision that it may get."""

    origin: str
    affected: AffectedOrigin
    answers: list[Answers]

    def change(self, judge: _Judge) -> _Change:
        """Return the change that a judge finds in the origin's decisions."""
        found = _over([Depends.NOTHING if judge(one) else None for one in self.answers])
        return self.affected.depends if found is Depends.NOTHING else found


class _Uses(NamedTuple):
    """The callers that one pattern lets in: known origins, and stand-ins for the others."""

    known: list[_Use]
    others: list[_Use]

    def changed(self, judge: _Judge) -> Iterator[AffectedOrigin]:
        """Yield the origins in whose decisions a judge finds a change."""
        calls, is_spared = 0, not self.known
        for use in self.known:
            change = use.change(judge)
            if change is None:
                is_spared = True
            else:
                calls += use.affected.calls
                yield use.affected._replace(depends=change)
        for use in self.others if is_spared else ():
            change = use.change(judge)
            if change is not None:
                rest = max(0, use.affected.calls - calls)
                yield use.affected._replace(calls=rest, depends=change)


class _Comparison:
    def __init__(self, pair: PolicyPair, seen: Recently) -> None:
        self._pair, self._seen = pair, seen
        # If no rule is known to have been used, any may have been.
        self._rules = {rule.path for rule in seen.rules} or pair.rules_before
        self._answers: dict[tuple[str, str], Answers] = {}

    def impact(self) -> Impact:
        """Return everything that changes."""
        uses = [*self._uses()]
        return Impact(
            joined(one for each in uses for one in each.changed(_is_lost)),
            joined(self._opened()),
            joined(one for each in uses for one in each.changed(_loses_credentials)),
            tuple(self._lost_names([use for each in uses for use in each.known + each.others])),
            self._seen.is_cut,
        )

    def _uses(self) -> Iterator[_Uses]:
        """Yield everybody that the earlier policy lets in, by the pattern that does so."""
        samples = defaultdict[str, list[_Use]](list)
        for caller in self._seen.callers:
            answers = self._let_in(caller.origin, [caller.rule]) if caller.is_allowed else []
            if answers:
                affected = AffectedOrigin(caller.origin, caller.calls, caller.last)
                samples[_wildcard_in(answers)].append(_Use(caller.origin, affected, answers))
        entries = defaultdict[str, list[SeenEntry]](list)
        for entry in self._seen.entries:
            entries[entry.pattern].append(entry)
        for pattern in {**samples, **entries}:
            found = [use for entry in entries[pattern] if (use := self._use(entry)) is not None]
            if "*" in pattern:
                yield _Uses(_shared_out(samples[pattern], entries[pattern]), found)
            else:
                yield _Uses(found + samples[pattern], [])

    def _use(self, entry: SeenEntry) -> _Use | None:
        """Return the use of an entry, if an earlier entry with its pattern lets anybody in.

        The recording may confuse entries that have the same pattern.
        """
        origin = _covered_by(entry.pattern)
        answers = [
            one for one in self._let_in(origin, self._rules) if one.before.entry == entry.pattern
        ]
        depends = Depends.TENANT if entry.is_shared else Depends.NOTHING
        if origin != entry.pattern:
            depends = Depends.ORIGIN
        affected = AffectedOrigin(
            entry.pattern,
            entry.calls,
            entry.last,
            is_day=True,
            depends=depends,
            is_shared=entry.is_shared,
        )
        return _Use(origin, affected, answers) if answers else None

    def _let_in(self, origin: str, rules: Iterable[str]) -> list[Answers]:
        """Return an origin's decisions on each path where the earlier policy lets it in."""
        answers = (self._plain(origin, path) for rule in rules for path in self._pair.paths(rule))
        return [one for one in answers if one.before.allowed]

    def _plain(self, origin: str, path: str) -> Answers:
        if (origin, path) not in self._answers:
            self._answers[origin, path] = self._pair.ask(plain_call(origin, path))
        return self._answers[origin, path]

    def _opened(self) -> Iterator[AffectedOrigin]:
        """Yield the refused callers that the later policy lets in."""
        for caller in self._seen.callers:
            if caller.is_allowed or not caller.origin:
                continue
            change = _over([*self._openings(caller)])
            if change is not None:
                yield AffectedOrigin(caller.origin, caller.calls, caller.last, depends=change)

    def _openings(self, caller: SeenCaller) -> Iterator[_Change]:
        """Yield, for each path where a caller was refused, whether it is let in now."""
        for path in self._pair.paths(caller.rule):
            plain = self._plain(caller.origin, path)
            if not (plain.before.allowed or plain.after.allowed):
                yield None  # whatever its preflights request; true of most callers, so it must be cheap
                continue
            asked = [*map(self._pair.ask, _questions(caller, path))]
            if any(map(_is_opened, asked)):
                yield Depends.NOTHING
                continue
            # What it may have requested as well: each method and each header alone.
            methods = [*map(self._pair.ask, _method_questions(caller, path))]
            names = [*map(self._pair.ask, _name_questions(caller, path))]
            if any(not one.before.allowed for one in asked + methods + names):
                is_possible = any(map(_is_opened, methods)) or (
                    any(map(_is_opened, names)) and any(one.after.allowed for one in methods)
                )
                yield Depends.NAMES if is_possible else None

    def _lost_names(self, uses: Sequence[_Use]) -> Iterator[LostNames]:
        """Yield the names that rules newly refuse to callers that they still let in."""
        for rule in self._seen.rules:
            paths = self._pair.paths(rule.path)
            if all(map(self._pair.is_same_rule, paths)):
                continue
            kept = {
                path: [use for use in uses if self._is_kept(use.origin, path)] for path in paths
            }
            askers = {path: some[0].origin if some else _STRANGER for path, some in kept.items()}
            asked = [
                (origin, path) for path, origin in askers.items() if self._is_kept(origin, path)
            ]
            methods = {name: self._refusal(asked, method=name) for name in rule.methods}
            headers = {name: self._refusal(asked, names=(name,)) for name in rule.headers}
            refused = [
                change for change in [*methods.values(), *headers.values()] if change is not None
            ]
            if refused:
                callers = {
                    use.affected.origin: use.affected for some in kept.values() for use in some
                }.values()
                yield LostNames(
                    rule.path,
                    tuple(name for name in rule.methods if methods[name] is not None),
                    tuple(name for name in rule.headers if headers[name] is not None),
                    sum(one.calls for one in callers),
                    rule.last,
                    max(refused),
                    any(one.is_shared for one in callers),
                )

    def _refusal(self, asked: Iterable[tuple[str, str]], **names: Any) -> _Change:
        """Return whether a preflight for a name is newly refused."""
        answers = [self._pair.ask(preflight(origin, path, **names)) for origin, path in asked]
        return _over([Depends.NOTHING if _is_lost(one) else None for one in answers])

    def _is_kept(self, origin: str, path: str) -> bool:
        answers = self._plain(origin, path)
        return answers.before.allowed and answers.after.allowed


def _over(parts: Sequence[_Change]) -> _Change:
    """Return the change of something seen that may belong to any of the parts."""
    changes = [part for part in parts if part is not None]
    if not changes:
        return None
    return max(changes) if len(changes) == len(parts) else Depends.PATH


def _is_lost(answers: Answers) -> bool:
    return answers.before.allowed and not answers.after.allowed


def _is_opened(answers: Answers) -> bool:
    return answers.after.allowed and not answers.before.allowed


def _loses_credentials(answers: Answers) -> bool:
    before, after = ((ACAC, "true") in one.headers for one in answers)
    return answers.after.allowed and before and not after


def _questions(caller: SeenCaller, path: str) -> Iterator[CorsRequest]:
    """Yield requests that the caller certainly made, or easier ones."""
    if caller.calls_plainly:
        yield plain_call(caller.origin, path)
    for method in caller.methods:
        yield preflight(caller.origin, path, method, caller.headers)


def _method_questions(caller: SeenCaller, path: str) -> Iterator[CorsRequest]:
    for method in caller.methods or ("GET",) * (not caller.calls_plainly):
        yield preflight(caller.origin, path, method)


def _name_questions(caller: SeenCaller, path: str) -> Iterator[CorsRequest]:
    for name in caller.headers:
        yield preflight(caller.origin, path, names=(name,))


def _shared_out(samples: Sequence[_Use], entries: Sequence[SeenEntry]) -> list[_Use]:
    """Return samples, each with its share of all calls that the entries of a wildcard let in."""
    calls = sum(entry.calls for entry in entries)
    is_shared = any(entry.is_shared for entry in entries)
    counted = sum(use.affected.calls for use in samples)
    if not (calls and counted):
        return [*samples]
    return [
        use._replace(
            affected=use.affected._replace(
                calls=round(calls * use.affected.calls / counted), is_shared=is_shared
            )
        )
        for use in samples
    ]


def _wildcard_in(answers: Sequence[Answers]) -> str:
    """Return the wildcard that lets a sample in, or else the entry that does."""
    patterns = [one.before.entry for one in answers]
    return next((pattern for pattern in patterns if "*" in pattern), patterns[0])


def _covered_by(pattern: str) -> str:
    """Return an origin that a pattern covers: itself, or a stand-in for a wildcard's origins."""
    return pattern.removesuffix(":*").replace("*", _ANY_NAME)
