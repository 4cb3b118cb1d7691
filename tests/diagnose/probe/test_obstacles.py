"""Calls that no browser sends, and addresses that give away secrets of a machine."""

from collections.abc import Callable
from ipaddress import ip_address

import pytest

from corsadmin.diagnose.outcomes import CallOutcome
from corsadmin.diagnose.probe import Outcome
from corsadmin.diagnose.probe.address import is_metadata, read_url
from corsadmin.diagnose.probe.page_call import PageCall
from tests.diagnose.probe.conftest import APP
from tests.messages.screens import assert_says, filled


@pytest.mark.parametrize(
    ("url", "obstacle"),
    [
        pytest.param("http://api.example/", "probe-mixed-content", id="a public name"),
        pytest.param("http://8.8.8.8/", "probe-mixed-content", id="a public address"),
        pytest.param("https://api.example:6667/", "probe-port", id="a chat's port"),
        pytest.param("http://printer.local/", "", id="a name of the local network"),
        pytest.param("http://192.168.0.1/", "", id="a private address"),
        pytest.param("https://api.example:8443/", "", id="https"),
    ],
)
def test_what_no_browser_sends_for_a_page_on_https(url: str, obstacle: str) -> None:
    call = PageCall(APP, read_url(url), "GET", {}, is_cors=True)

    assert call.obstacle == (filled(obstacle, url=url) if obstacle else "")


def test_what_no_browser_sends_is_not_sent(ask: Callable[..., Outcome]) -> None:
    found = ask({}, url="http://127.0.0.1:6000/")

    assert (found.verdict, found.exchanges) == (CallOutcome.BLOCKED, [])
    assert_says(found.sentence, "probe-port", url="http://127.0.0.1:6000/")


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("169.254.170.2", True),
        ("fe80::1", True),
        ("fd00:ec2::254", True),
        ("fd20:ce::254", True),
        ("168.63.129.16", True),
        ("192.0.0.192", True),
        ("::ffff:169.254.169.254", True),
        ("::169.254.169.254", True),
        ("64:ff9b::169.254.169.254", True),
        ("64:ff9b:1::100.100.100.200", True),
        ("2002:a9fe:a9fe::1", True),
        ("2606:4700::a9fe:a9fe", False),
        ("::ffff:10.0.0.1", False),
        ("10.0.0.1", False),
        ("2606:4700::1", False),
    ],
)
def test_metadata_services(address: str, found: bool) -> None:
    assert is_metadata(ip_address(address)) is found
