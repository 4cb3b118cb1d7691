"""Which origins of an nginx configuration are inside others, or have some in common."""

import pytest

from corsadmin.convert.nginx.variables import pattern_within, patterns_overlap


@pytest.mark.parametrize(
    ("one", "other", "is_within", "meets"),
    [
        ("https://a.com", "https://a.com", True, True),
        ("https://a.com", "http://a.com", False, False),
        ("https://a.com", "https://a.com:8443", False, False),
        ("https://a.com", "https://a.com:*", True, True),
        ("https://a.com:*", "https://a.com", False, True),
        ("https://x.a.com", "https://*.a.com", True, True),
        ("https://a.com", "https://*.a.com", False, False),
        ("https://*.a.com", "https://a.com", False, False),
        ("https://*.a.com", "https://*.a.com:*", True, True),
        ("https://*.x.a.com", "https://*.a.com", True, True),
        ("https://*.a.com", "https://x.a.com", False, True),
        ("https://*.a.com", "https://b.com", False, False),
        ("https://xa.com", "https://*.a.com", False, False),
        ("https://*.a.com", "https://x.a.com:*", False, True),
    ],
)
def test_origins(one, other, is_within, meets):
    assert pattern_within(one, other) == is_within
    assert patterns_overlap(one, other) == patterns_overlap(other, one) == meets
