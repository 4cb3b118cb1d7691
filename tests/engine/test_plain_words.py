"""`decide` answers as the plain words of the documents do, over thousands of policies and requests."""

from collections import Counter
from random import Random

import pytest

from corsadmin.engine import CorsRequest, Decision, Reason, headers
from corsadmin.engine.packing import Allowance
from tests.engine.plain_words import Answer, Entry, Level, answer
from tests.engine.policies import decide, record, snapshot

POLICIES, REQUESTS = 60, 40

HOSTS = ["pr-*", "*-t", "*a", "pr-*-t", "*", "app", "pr-1", "pr-a-t", "x.y"]
PARENTS = ["e.com", "x.e.com", "a_b.dev"]
APPLICATIONS = ["app://*", "app://A", "app://a", "app://.", "x+y://a:1", "app://pr-1.e.com"]
OTHERS = ["http://localhost:*", "http://1.2.3.4:*", "https://[::1]", "http://*.4.5:*"]
STANDS = ["a", "1", "-", "_", "x.y", "", "*", "A", "pr-a"]
BROKEN = [
    "*",
    "app://a~:0",
    "app://a b",
    "data://a",
    "https://1.2.3.4.5",
    "file://",
    "app://a:65536",
]
METHODS = ["GET", "PUT", "PATCH", "put"]


def some(random: Random, values: list[str]) -> tuple[str, ...]:
    return tuple(random.sample(values, random.randint(0, len(values))))


def a_pattern(random: Random) -> str:
    names = [random.choice(["a", "b", "api", "*"]) for _ in range(random.choice([0, 1, 1, 2, 3]))]
    return "/" + "/".join(names) + random.choice(["", "/", "/", "/{$}"] if names else ["", "{$}"])


def an_entry(random: Random) -> Entry:
    website = f"https://{random.choice(HOSTS)}.{random.choice(PARENTS)}{random.choice(['', ':8080', ':*'])}"
    origin = random.choice(
        [website, website, website, *APPLICATIONS[:2], *APPLICATIONS, *OTHERS][
            :: random.choice([1, 2])
        ]
    )
    scope = random.choice(["", a_pattern(random)])
    start, end = random.choice([None, None, 50.0]), random.choice([None, None, 60.0, 150.0])
    return origin, Allowance(random.choice([True, False]), scope, start, end)


def a_level(random: Random) -> Level:
    rules = {}
    for _ in range(random.choice([1, 3, 6, 14])):
        any_origin = random.random() < 0.1
        path = a_pattern(random)
        rules[path] = {
            "path": path,
            "any_origin": any_origin,
            "exclusive": not any_origin and random.random() < 0.5,
            "credentials": not any_origin and random.random() < 0.5,
            "methods": some(random, ["PUT", "*"]),
            "request_headers": some(random, ["x-a", "authorization", "*"]),
        }
    entries = {(one[0], one[1].scope): one for one in (an_entry(random) for _ in range(10))}
    return Level([*rules.values()], [*entries.values()])


def a_request(random: Random, entries: list[Entry]) -> CorsRequest:
    names = [
        random.choice(["a", "b", "api", "other", "", ".."]) for _ in range(random.randint(0, 4))
    ]
    pattern = random.choice(entries)[0].removesuffix(":*")
    origin = random.choice(
        [pattern.replace("*", random.choice(STANDS)), random.choice(BROKEN)][
            : random.choice([1, 1, 1, 2])
        ]
    )
    path = "/" + "/".join(names)
    if random.random() < 0.4:
        return CorsRequest(path, "GET", origin, None, None, "")
    asked = ",".join(some(random, ["x-a", "x-b", "authorization"]))
    return CorsRequest(path, "OPTIONS", origin, random.choice(METHODS), asked, "")


def told(decision: Decision) -> Answer:
    sent = dict(decision.headers)
    methods, names = (
        tuple(filter(None, sent.get(name, "").split(", "))) for name in (headers.ACAM, headers.ACAH)
    )
    grants = headers.ACAC in sent
    return Answer(decision.reason, decision.rule, decision.allow_origin, grants, methods, names)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_every_decision_is_what_the_words_say(seed: int) -> None:
    random = Random(seed)
    reasons = Counter[Reason]()
    for _ in range(POLICIES):
        own, platform = a_level(random), a_level(random)
        inherits = random.random() < 0.7
        policy = snapshot(
            record(rules=own.rules, origins=own.entries, inherits=inherits),
            record("platform", rules=platform.rules, origins=platform.entries),
        ).policy("acme")
        levels = [own, platform][: 1 + inherits]
        for _ in range(REQUESTS):
            request = a_request(random, own.entries + platform.entries)
            now = random.choice([0.0, 50.0, 60.0, 100.0, 150.0])

            decision = decide(policy, request, now)

            assert told(decision) == answer(levels, request, now), (levels, request, now)
            reasons[decision.reason] += 1
    # Hardly any decision is by chance: each kind came up.
    assert len(reasons) >= 9, reasons
