"""Which servers the admin's page asks: none of its own network, by no spelling, name or redirect."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from tests.admin.live_servers import ADDRESS, ALLOWED, PAGE
from tests.internet import Internet, internet
from tests.messages.screens import assert_says
from tests.scripted import scripted_server

pytestmark = pytest.mark.slow

__all__ = ["internet"]

PUBLIC = "8.8.8.8"

# URLs that lead to this machine, its network or a cloud's metadata, whatever a parser makes of them.
SPELLINGS = {
    "loopback": "http://127.0.0.1/",
    "another loopback address": "http://127.8.8.8/",
    "loopback, IPv6": "http://[::1]/",
    "localhost": "http://localhost:6379/",
    "a name below localhost": "http://acme.localhost/",
    "localhost with a dot": "http://localhost./",
    "this network": "http://0.0.0.0/",
    "unspecified, IPv6": "http://[::]/",
    "private, 10": "http://10.0.0.1/",
    "private, 172.16": "http://172.16.0.1/",
    "private, 192.168": "http://192.168.0.1/",
    "private, IPv6": "http://[fd12:3456:789a::1]/",
    "site-local, IPv6": "http://[fec0::1]/",
    "shared by carriers": "http://100.64.0.1/",
    "link-local": "http://169.254.1.1/",
    "link-local, IPv6": "http://[fe80::1]/",
    "multicast": "http://224.0.0.1/",
    "broadcast": "http://255.255.255.255/",
    "metadata": "http://169.254.169.254/",
    "metadata, IPv6": "http://[fd00:ec2::254]/",
    "metadata of Azure": "http://168.63.129.16/",
    "metadata of Alibaba": "http://100.100.100.200/",
    "mapped": "http://[::ffff:7f00:1]/",
    "mapped, dotted": "http://[::ffff:127.0.0.1]/",
    "compatible": "http://[::7f00:1]/",
    "NAT64": "http://[64:ff9b::7f00:1]/",
    "6to4": "http://[2002:7f00:1::1]/",
    "Teredo": "http://[2001:0:7f00:1::1]/",
    "decimal": "http://2130706433/",
    "octal": "http://0177.0.0.1/",
    "hexadecimal": "http://0x7f000001/",
    "short": "http://127.1/",
    "a user name": "http://public.example@127.0.0.1/",
    "a public name as user": "http://public.example:80@127.0.0.1/",
    "an escaped slash": "http://127.0.0.1%2f.public.example/",
    "backslashes": "http:\\\\127.0.0.1\\",
    "a line break": "http://public.example/\r\nHost: 127.0.0.1",
    "full-width digits": "http://\uff11\uff12\uff17.0.0.1/",
    "file": "file:///etc/passwd",
    "gopher": "gopher://127.0.0.1:11211/_stats",
    "ftp": "ftp://127.0.0.1/",
    "no scheme": "127.0.0.1",
    "nothing": "",
    "a name of the network": "http://inner.example/",
    "a name with a public and a private address": "http://mixed.example/",
    "a cloud's metadata by name": "http://metadata.google.internal/",
    "a name with a link-local address": "http://scoped.example/",
    "a name that nobody has": "http://nowhere.example/",
}
NAMES = {
    "inner.example": ["10.0.0.5"],
    "mixed.example": [PUBLIC, "10.0.0.5"],
    "metadata.google.internal": ["169.254.169.254"],
    "scoped.example": ["fe80::1%eth0"],
}
METADATA = [key for key in SPELLINGS if "metadata" in key or "link-local" in key]

ONE_CALL, MANY_PATHS = "", "/a\nPUT /b"


@pytest.fixture
def server(internet: Internet) -> Iterator[Any]:
    """A public server."""
    internet.names["public.example"] = [[PUBLIC]]
    with scripted_server() as running:
        internet.servers[PUBLIC] = running.server_address[1]
        yield running


def ask(client: Client, url: str, **fields: str) -> str:
    """Send the form and return the text of the page."""
    sent = {"url": url, "origin": PAGE, **fields}
    return client.post(ADDRESS, sent).content.decode()


@pytest.mark.sweep
@pytest.mark.parametrize("url", SPELLINGS.values(), ids=SPELLINGS)
def test_nobody_of_the_own_network_is_asked(
    superuser: Client, internet: Internet, url: str
) -> None:
    for paths in (ONE_CALL, MANY_PATHS):
        internet.names.update({name: [found, found] for name, found in NAMES.items()})

        text = ask(superuser, url, paths=paths)

        assert internet.connected == []
        assert 'class="errorlist"' in text
        assert "10.0.0.5" not in text


@pytest.mark.sweep
@pytest.mark.parametrize("name", METADATA)
def test_metadata_services_are_not_asked_even_where_private_addresses_are_meant(
    superuser: Client, internet: Internet, settings: Any, name: str
) -> None:
    settings.CORSADMIN = {"PROBE_PRIVATE_ADDRESSES": True}
    for paths in (ONE_CALL, MANY_PATHS):
        internet.names.update({name: [found, found] for name, found in NAMES.items()})

        text = ask(superuser, SPELLINGS[name], paths=paths)

        assert internet.connected == []
        assert_says(text, "probe-metadata")


@pytest.mark.parametrize("value", [False, 1, "yes", None])
def test_private_addresses_are_meant_only_where_the_setting_is_true(
    superuser: Client, internet: Internet, settings: Any, value: object
) -> None:
    settings.CORSADMIN = {"PROBE_PRIVATE_ADDRESSES": value}

    text = ask(superuser, "http://127.0.0.1/")

    assert internet.connected == []
    assert_says(text, "probe-only-public")


def test_a_private_address_is_asked_where_the_setting_says_so(
    superuser: Client, settings: Any
) -> None:
    settings.CORSADMIN = {"PROBE_PRIVATE_ADDRESSES": True}
    with scripted_server() as own:
        own.script = {"GET": (200, [ALLOWED])}
        text = ask(superuser, f"http://127.0.0.1:{own.server_address[1]}/")

    assert "✓ Allowed" in text


@pytest.mark.sweep
@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:6379/",
        "http://[::1]/",
        "http://localhost/",
        "http://inner.example/",
        "//inner.example/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://metadata.google.internal/",
        "gopher://127.0.0.1:11211/_stats",
        "http://me@127.0.0.1/",
        "http://127.0.0.1%2f@public.example/",
        "///127.0.0.1/",
        "http:127.0.0.1",
    ],
)
def test_no_redirect_leads_into_the_own_network(
    superuser: Client, internet: Internet, server: Any, location: str
) -> None:
    internet.names.update({name: [found] for name, found in NAMES.items()})
    server.script = {"GET": (302, [ALLOWED, ("Location", location)])}

    text = ask(superuser, "http://public.example/start")

    assert set(internet.connected) == {PUBLIC}
    assert [path for _method, path, _headers in server.asked] == ["/start"]
    assert "✓ Allowed" not in text
    assert "10.0.0.5" not in text


def test_a_name_that_changes_its_address_is_connected_to_where_it_was_checked(
    superuser: Client, internet: Internet, server: Any
) -> None:
    internet.names["public.example"] = [[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]]
    server.script = {
        "GET /": (302, [ALLOWED, ("Location", "http://public.example/next")]),
        "GET /next": (200, [ALLOWED]),
    }

    text = ask(superuser, "http://public.example/")

    assert "✓ Allowed" in text
    assert internet.connected == [PUBLIC] * 4  # the call, its redirect, and two to compare
    assert len(internet.names["public.example"]) == 2


def test_of_many_paths_each_is_checked_anew(
    superuser: Client, internet: Internet, server: Any
) -> None:
    internet.names["public.example"] = [[PUBLIC], [PUBLIC], ["127.0.0.1"]]
    server.script = {"GET": (200, [ALLOWED])}

    text = ask(superuser, "http://public.example", paths="/first\n/second")

    assert set(internet.connected) == {PUBLIC}
    assert {path for _method, path, _headers in server.asked} == {"/first"}
    assert_says(text, "probe-private-address", host="public.example")


@pytest.mark.parametrize("port", [22, 25, 6667])
def test_ports_of_other_protocols_are_not_asked(
    superuser: Client, internet: Internet, server: Any, port: int
) -> None:
    internet.names["public.example"] = [[PUBLIC]]

    text = ask(superuser, f"http://public.example:{port}/")

    assert internet.connected == []
    assert "✗ Blocked" in text
    assert_says(text, "probe-port", url=f"http://public.example:{port}/")
