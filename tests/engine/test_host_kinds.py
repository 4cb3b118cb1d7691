"""What is known of a host: an address, loopback, or a public suffix."""

import pytest

from corsadmin.engine.hosts import is_ip, is_local, is_loopback, is_private_address
from corsadmin.engine.public_suffixes import is_public_suffix, reaches_public_suffix


def test_addresses_are_told_from_names() -> None:
    assert all(map(is_ip, ["203.0.113.7", "[::1]"]))
    assert not any(map(is_ip, ["localhost", "127.0.0.1.nip.io", "a1", "x.0xyz"]))


@pytest.mark.parametrize("host", ["localhost", "app.localhost", "127.0.0.1", "127.9.9.9", "[::1]"])
def test_loopback_hosts(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("127.0.0.1.nip.io", id="V12 a name that looks like an address"),
        pytest.param("localhost.example.com", id="V03 a name that begins like localhost"),
        pytest.param("192.168.evil.com", id="V12 a name that looks private"),
        "notlocalhost",
        "128.0.0.1",
        "[::2]",
        "127.example",
    ],
)
def test_hosts_that_are_not_loopback(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "192.168.0.1", "169.254.1.1", "100.64.0.1", "[fe80::1]", "[fd00::1]"]
)
def test_addresses_of_a_network_that_is_not_public(host: str) -> None:
    assert is_private_address(host)
    assert is_local(host)


@pytest.mark.parametrize(
    "host", ["8.8.8.8", "[2606:4700::1]", "printer.example", "10.0.0.1.nip.io"]
)
def test_hosts_of_the_public_internet(host: str) -> None:
    assert not is_private_address(host)
    assert not is_local(host)


@pytest.mark.parametrize(
    "host", ["com", "co.uk", "github.io", "vercel.app", "unknown-tld", "xn--p1ai"]
)
def test_public_suffixes_include_the_private_section(host: str) -> None:
    assert is_public_suffix(host)
    assert reaches_public_suffix(host)


@pytest.mark.parametrize("host", ["example.com", "localhost", "127.0.0.1", "[::1]", "a.github.io"])
def test_names_that_are_no_public_suffix(host: str) -> None:
    assert not is_public_suffix(host)
    assert not reaches_public_suffix(host)


def test_a_name_above_a_public_suffix_reaches_it() -> None:
    assert not is_public_suffix("amazonaws.com")
    assert reaches_public_suffix("amazonaws.com")
