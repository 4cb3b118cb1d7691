"""What is misleading about an origin that somebody may be about to allow."""

import pytest

from corsadmin.admin.inbox.look_alikes import is_within_edits, listed_domains, look_alikes

LISTED = (
    "https://app.acmecorp.com",
    "https://*.globex.net",
    "https://shop.abc.com",
    "https://203.0.113.9",
    "app://desk",
    "not a pattern",
)
CASES = {
    "another origin of the same domain": ("https://www.acmecorp.com", []),
    "the same domain with a port": ("http://acmecorp.com:8080", []),
    "a domain of its own": ("https://initech.example", []),
    "a letter replaced": ("https://app.acmecorq.com", ["edit https://app.acmecorp.com"]),
    "two letters replaced": ("https://acmacurp.com", ["edit https://app.acmecorp.com"]),
    "two letters swapped": ("https://amcecorp.com", ["edit https://app.acmecorp.com"]),
    "a letter more": ("https://acmecorpp.com", ["edit https://app.acmecorp.com"]),
    "a letter less, below a wildcard": ("https://a.globx.net", ["edit https://*.globex.net"]),
    "two letters of a short name": ("https://glabax.net", []),
    "a letter of a very short name": ("https://abf.com", []),
    "another ending": ("https://acmecorp.example", ["suffix https://app.acmecorp.com"]),
    "an ending with a letter less": ("https://acmecorp.co", ["edit https://app.acmecorp.com"]),
    "the name with a word": ("https://acmecorp-login.io", ["contains https://app.acmecorp.com"]),
    "the domain below another one": (
        "https://acmecorp.com.evil.example",
        ["contains https://app.acmecorp.com"],
    ),
    "a Cyrillic letter": ("https://xn--acmecrp-ejg.com", ["idn acmec\u043erp.com"]),
    "letters that punycode cannot have": ("https://xn--a-.example", ["idn ?a-.example"]),
    "an address beside an address": ("https://203.0.113.8", []),
    "an application": ("app://dusk", []),
    "the browser's own machine": ("http://localhost:3000", []),
    "no origin": ("", []),
}


@pytest.mark.parametrize(("origin", "expected"), CASES.values(), ids=CASES)
def test_what_is_misleading(origin, expected):
    found = look_alikes(origin, listed_domains(LISTED))

    assert [" ".join(one) for one in found] == expected


def test_sentences_show_letters_that_look_like_latin_ones_as_escapes():
    (found,) = look_alikes("https://xn--acmecrp-ejg.com", {})

    assert found.code == "idn"
    assert "“acmec\\u043erp.com”" in found.sentence


@pytest.mark.parametrize(
    ("one", "other", "most", "expected"),
    [
        pytest.param("abc", "abc", 0, True, id="equal"),
        pytest.param("abc", "abf", 1, True, id="replaced"),
        pytest.param("abc", "abf", 0, False, id="one too many"),
        pytest.param("abcd", "acbd", 1, True, id="swapped"),
        pytest.param("", "ab", 2, True, id="inserted"),
        pytest.param("abcd", "a", 2, False, id="too far in length"),
    ],
)
def test_edits(one, other, most, expected):
    assert is_within_edits(one, other, most) is expected
    assert is_within_edits(other, one, most) is expected
