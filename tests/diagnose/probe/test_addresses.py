"""Which URLs and addresses are asked at all."""

from ipaddress import ip_address

import pytest

from corsadmin.diagnose.probe import ProbeError
from corsadmin.diagnose.probe.address import is_public, read_url, resolve
from tests.messages.screens import pattern


@pytest.mark.parametrize(
    ("url", "code"),
    [
        pytest.param("file:///etc/passwd", "url-scheme", id="file"),
        pytest.param("gopher://example.com/", "url-scheme", id="gopher"),
        pytest.param("//example.com/", "url-scheme", id="no scheme"),
        pytest.param("http://a\r\nHost: b/", "url-characters", id="line break"),
        pytest.param("http://exa mple.com/", "url-characters", id="space"),
        pytest.param("http://exämple.com/", "url-characters", id="not ASCII"),
        pytest.param("http:\\\\example.com", "url-characters", id="backslashes"),
        pytest.param("http://example.com/" + "a" * 2048, "url-characters", id="too long"),
        pytest.param("http://user:pw@example.com/", "url-user-name", id="user name"),
        pytest.param(
            "http://example.com@169.254.169.254/", "url-user-name", id="host as user name"
        ),
        pytest.param("http://127.1/", "host-ip-form", id="short address"),
        pytest.param("http://0/", "host-ip-form", id="zero"),
        pytest.param("http://2130706433/", "host-ip-form", id="decimal"),
        pytest.param("http://0x7f.0.0.1/", "host-ip-form", id="hexadecimal"),
        pytest.param("http://0177.0.0.1/", "host-ip-form", id="octal"),
        pytest.param("http://localhost./", "host-trailing-dot", id="trailing dot"),
        pytest.param("http://[::ffff:169.254.169.254]/", "host-ip-form", id="mapped, dotted"),
        pytest.param("http://[::1/", "host-invalid", id="half a bracket"),
        pytest.param("http:///", "host-empty", id="no host"),
        pytest.param("http://example.com:0/", "port-invalid", id="port 0"),
        pytest.param("http://example.com:65536/", "port-invalid", id="port too high"),
        pytest.param("http://example.com:8o/", "port-invalid", id="port no number"),
        pytest.param("http://example.com:999999999999/", "port-invalid", id="port without end"),
    ],
)
def test_urls_that_are_refused(url: str, code: str) -> None:
    with pytest.raises(ProbeError) as caught:
        read_url(url)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("url", "expected", "authority"),
    [
        pytest.param(
            "https://api.example.com",
            ("https", "api.example.com", 443, "/"),
            "api.example.com",
            id="bare",
        ),
        pytest.param(
            "HTTP://api.example.com:8080/a?b=c#d",
            ("http", "api.example.com", 8080, "/a?b=c"),
            "api.example.com:8080",
            id="all parts",
        ),
        pytest.param(
            "https://api.example.com:443?b",
            ("https", "api.example.com", 443, "/?b"),
            "api.example.com",
            id="default port, query without path",
        ),
        pytest.param("http://[::1]:80/", ("http", "[::1]", 80, "/"), "[::1]", id="IPv6"),
    ],
)
def test_urls(url: str, expected: tuple[str, str, int, str], authority: str) -> None:
    target = read_url(url)

    assert target == expected
    assert target.authority == authority


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/a/../b", "/b"),
        ("/a/./b", "/a/b"),
        ("/a/%2E%2e/b", "/b"),
        ("/a/..", "/"),
        ("/a/b/.", "/a/b/"),
        ("/../..", "/"),
        ("/a//b/", "/a//b/"),
        ("/a?b=/../c", "/a?b=/../c"),
        ("/...", "/..."),
    ],
)
def test_dots_in_a_path_are_resolved_as_browsers_do(path: str, sent: str) -> None:
    assert read_url(f"https://api.example{path}").path == sent


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:169.254.169.254",
        "::169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "2001::a9fe:a9fe",
        "192.0.0.192",
        "fec0::1",
        "5f00::1",
    ],
)
def test_addresses_of_ones_own_network(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111"])
def test_addresses_of_the_public_internet(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://localhost/",
        "http://acme.localhost/",
    ],
)
def test_private_targets_are_refused_unless_meant(url: str) -> None:
    target = read_url(url)

    with pytest.raises(ProbeError) as caught:
        resolve(target, allow_private=False)
    assert (caught.value.code, caught.value.option) == ("address-private", "allow_private")
    assert resolve(target, allow_private=True)


def test_a_name_with_one_private_address_is_refused(names: dict[str, list[list[str]]]) -> None:
    names["rebind.example"] = [["8.8.8.8", "127.0.0.1"]]

    said = pattern("probe-private-address", host="rebind.example")
    with pytest.raises(ProbeError, match=f"^{said}$"):
        resolve(read_url("http://rebind.example/"), allow_private=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://168.63.129.16/",
    ],
)
def test_metadata_services_are_refused_even_where_private_addresses_are_meant(url: str) -> None:
    target = read_url(url)

    with pytest.raises(ProbeError) as caught:
        resolve(target, allow_private=True, allow_metadata=False)
    assert (caught.value.code, caught.value.option) == ("address-metadata", "")
    assert resolve(read_url("http://localhost/"), allow_private=True, allow_metadata=False)


def test_a_public_name_is_looked_up_once(names: dict[str, list[list[str]]]) -> None:
    names["api.example"] = [["8.8.8.8", "2606:4700:4700::1111%eth0", "8.8.8.8"]]

    found = resolve(read_url("http://api.example/"), allow_private=False)

    assert found == ["8.8.8.8", "2606:4700:4700::1111"]


def test_a_name_without_address(names: dict[str, list[list[str]]]) -> None:
    names["nowhere.example"] = [[]]

    with pytest.raises(ProbeError, match=r"nowhere\.example") as caught:
        resolve(read_url("http://nowhere.example/"), allow_private=False)
    assert caught.value.code == "look-up-failed"
