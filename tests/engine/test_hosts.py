"""Hosts: what is one, what a browser makes of it, and which a tenant may have."""

import re
import socket
import subprocess
import sys
from ipaddress import IPv6Address
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corsadmin.engine import hosts
from corsadmin.engine.hosts import check_host, is_host, label_fault, to_ascii
from corsadmin.engine.problems import Problem
from tests.engine import strategies

LONGEST_NAME = ".".join(["a" * 63] * 3 + ["b" * 61])


def naive_is_ipv6(text: str) -> bool:
    try:
        packed = IPv6Address(text).packed
    except ValueError:
        return False
    # The C library writes the canonical form, but for addresses that hold an IPv4 one.
    canonical = re.sub(
        r"(\d+)\.(\d+)\.(\d+)\.(\d+)\Z",
        lambda found: "{:x}:{:x}".format(
            *(int(found[place]) * 256 + int(found[place + 1]) for place in (1, 3))
        ),
        socket.inet_ntop(socket.AF_INET6, packed),
    )
    return canonical == text


def naive_is_host(text: str) -> bool:
    """Read the host rule of the design word by word."""
    if text.startswith("[") and text.endswith("]"):
        return naive_is_ipv6(text[1:-1])
    labels = text.split(".")
    if len(text) > 253 or not all(re.fullmatch(r"[a-z0-9_-]{1,63}", label) for label in labels):
        return False
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        octet = r"(0|[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5])"
        return re.fullmatch(rf"{octet}(\.{octet}){{3}}", text) is not None
    return True


@pytest.mark.parametrize(
    "text",
    [
        "localhost",
        "app.example.com",
        "my_app.example.org",
        "a-.example.org",
        "127.0.0.1.nip.io",
        "1password.example",
        "a.0xyz",
        "203.0.113.7",
        "[::1]",
        "[2001:db8::1]",
        "[::ffff:7f00:1]",
        "[1:0:2:3:4:5:6:7]",
        "[1:0:0:2::3]",
        "[::]",
        LONGEST_NAME,
    ],
)
def test_a_host_as_browsers_write_it_is_a_host(text: str) -> None:
    assert is_host(text)
    assert naive_is_host(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        ".a",
        "a.",
        "a..b",
        "A.example",
        "a b",
        "bücher.example",
        "a*b",
        "foo.255",
        "1.2.3",
        "1.2.3.256",
        "01.2.3.4",
        "1.2.3.4.5",
        "0x7f000001",
        "a.0x",
        "[",
        "[]",
        "[::1",
        "::1]",
        "[::0001]",
        "[::ABCD]",
        "[::ffff:127.0.0.1]",
        "[::1%lo]",
        "[::1].evil.com",
        "[0:0:0:0:0:0:0:1]",
        "[1::2:3:4:5:6:7]",
        "a" * 64,
        LONGEST_NAME + "b",
    ],
)
def test_a_host_browsers_would_write_differently_is_none(text: str) -> None:
    assert not is_host(text)
    assert not naive_is_host(text)


@given(strategies.host_texts)
def test_hosts_agree_with_a_naive_reading(text: str) -> None:
    assert is_host(text) is naive_is_host(text)


@given(st.ip_addresses(v=6).map(lambda address: f"[{address.exploded}]"))
def test_every_address_has_one_canonical_form(text: str) -> None:
    problem = check_host(text)

    assert problem is None or is_host(problem.suggestion)


@pytest.mark.parametrize(
    ("host", "fault"),
    [
        pytest.param("app.example.com", "", id="a plain name"),
        pytest.param("[::1]", "", id="an address"),
        pytest.param("xn--bcher-kva.example", "", id="punycode"),
        pytest.param("-.example", "marks", id="a label of marks"),
        pytest.param("xn--.example", "punycode", id="nothing encoded"),
        pytest.param("xn--abc-.example", "punycode", id="nothing to encode"),
        pytest.param("xn--99999999.example", "punycode", id="beyond Unicode"),
        pytest.param("xn--bcher-2pa.example", "punycode", id="an upper-case letter encoded"),
    ],
)
def test_labels_nobody_can_mean(host: str, fault: str) -> None:
    assert is_host(host)
    assert label_fault(host) == fault


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        pytest.param("bücher.example", "xn--bcher-kva.example", id="umlaut"),
        pytest.param("straße.example", "xn--strae-oqa.example", id="sharp s is kept"),
        pytest.param("BÜCHER.Example", "xn--bcher-kva.example", id="upper case"),
        pytest.param("app。example", "app.example", id="ideographic full stop"),
        pytest.param("app.example.com\xad", "app.example.com", id="soft hyphen is dropped"),
        pytest.param("my_bücher.example", "xn--my_bcher-95a.example", id="underscore"),
        pytest.param("☃.example", "xn--n3h.example", id="a symbol browsers accept"),
        pytest.param("नी\u200c.example", None, id="joiner where none may stand"),
        pytest.param("क्\u200cष.example", "xn--11b2ezcs70k.example", id="joiner after a virama"),
        pytest.param("\u0301a.example", None, id="leading accent"),
        pytest.param("א1a.example", None, id="directions mixed"),
        pytest.param("a\ud800.example", None, id="lone surrogate"),
        pytest.param("é" * 80, None, id="label too long"),
        pytest.param("é" * 4000, None, id="far too long"),
        pytest.param("é b", None, id="space"),
    ],
)  # fmt: skip
def test_unicode_hosts_become_what_a_browser_sends(host: str, expected: str | None) -> None:
    assert to_ascii(host) == expected


def test_a_host_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "_sound_hosts", set())
    spelt = to_ascii("größe.example")
    monkeypatch.setattr(hosts, "_is_punycode", None)

    assert spelt
    assert label_fault(spelt) == ""


@pytest.mark.parametrize("host", ["ä.xn--abc-.example", "ä.-.example"])
def test_what_was_not_looked_up_is_not_taken_for_sound(host: str) -> None:
    spelt = to_ascii(host)

    assert spelt
    assert label_fault(spelt)


def test_few_hosts_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "_sound_hosts", set())
    monkeypatch.setattr(hosts, "MAX_SOUND_HOSTS", 2)

    for name in ("ä", "ö", "ü"):
        to_ascii(f"{name}.example")

    assert hosts._sound_hosts == {to_ascii("ü.example")}


def test_a_long_host_is_not_looked_up() -> None:
    longest = "ä." + "a" * 40 + "." + "b" * 49 + ".test.de"

    assert len(longest) == hosts.MAX_UNICODE_LENGTH
    assert to_ascii(longest)
    assert to_ascii("a" + longest) is None


def test_answering_requests_loads_no_table_of_names() -> None:
    program = (
        "import sys; from corsadmin.engine.origins import parse_origin;"
        "from corsadmin.engine.wildcards import candidates;"
        "list(candidates(*parse_origin('https://xn--bcher-kva.example')));"
        "print({'idna', 'publicsuffixlist'} & {*sys.modules})"
    )

    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )

    assert run.stdout == "set()\n", run.stderr


@pytest.mark.parametrize(
    "host", ["acme.api.example.com", "localhost", "203.0.113.7", "[::1]", "xn--bcher-kva.example"]
)
def test_a_tenant_host_is_accepted(host: str) -> None:
    assert check_host(host) is None


@pytest.mark.parametrize(
    ("host", "code", "suggestion"),
    [
        pytest.param("", "host-empty", "", id="empty"),
        pytest.param(" ", "host-empty", "", id="a space only"),
        pytest.param("a.example ", "host-white-space", "a.example", id="space after it"),
        pytest.param("https://A.example:8443/x", "host-scheme", "a.example", id="a whole URL"),
        pytest.param("a.example/x", "host-path", "a.example", id="path"),
        pytest.param("a.example:8000", "host-port", "a.example", id="port"),
        pytest.param("a.example:", "host-port", "a.example", id="empty port"),
        pytest.param("[::1]:8000", "host-port", "[::1]", id="port after an address"),
        pytest.param("::1", "host-invalid", "", id="address without brackets"),
        pytest.param("a.example:x", "host-invalid", "", id="not a port"),
        pytest.param("*.example.com", "host-wildcard", "", id="wildcard"),
        pytest.param("A.Example", "host-upper-case", "a.example", id="R41 upper case"),
        pytest.param("a.example.", "host-trailing-dot", "a.example", id="R41 trailing dot"),
        pytest.param("a.example..", "host-invalid", "", id="two trailing dots"),
        pytest.param("bücher.example", "host-unicode", "xn--bcher-kva.example", id="R41 IDN"),
        pytest.param("bü cher.example", "host-unicode", "", id="IDN with a space"),
        pytest.param("[::0001]", "host-ip-form", "[::1]", id="zeros in an address"),
        pytest.param("127.1", "host-ip-form", "127.0.0.1", id="short address"),
        pytest.param("0177.0.0.01", "host-ip-form", "127.0.0.1", id="octal address"),
        pytest.param("0x7F000001", "host-upper-case", "127.0.0.1", id="hexadecimal address"),
        pytest.param("1.0x", "host-ip-form", "1.0.0.0", id="empty hexadecimal part"),
        pytest.param("256.1.1.1", "host-invalid", "", id="octet too large"),
        pytest.param("1.2.3.4.5", "host-invalid", "", id="five parts"),
        pytest.param("1.2.3.256", "host-invalid", "", id="last part too large"),
        pytest.param("08.1.1.1", "host-invalid", "", id="not octal after all"),
        pytest.param("foo.255", "host-invalid", "", id="name with a numeric end"),
        pytest.param("1..1", "host-invalid", "", id="empty part"),
        pytest.param("1._.1", "host-invalid", "", id="part of an underscore"),
        pytest.param("a.\uff12", "host-unicode", "", id="digits of another script"),
        pytest.param("a_-.-", "host-invalid", "", id="label of marks"),
        pytest.param("my_app.example", "host-underscore", "", id="underscore"),
        pytest.param("My_App.example", "host-upper-case", "", id="underscore and upper case"),
        pytest.param("xn--a.example", "host-punycode", "", id="broken punycode"),
        pytest.param("a." * 150 + "b", "host-too-long", "", id="too long"),
    ],
)
def test_a_refused_tenant_host_says_why(host: str, code: str, suggestion: str) -> None:
    assert check_host(host) == Problem("host", code, host, suggestion)


@given(strategies.host_texts)
@example("0x" + "f" * 9000)
@example("1" * 9000)
def test_a_suggested_host_is_accepted(text: str) -> None:
    problem = check_host(text)

    assert problem is None or not problem.suggestion or check_host(problem.suggestion) is None
    assert (problem is None) <= is_host(text)
