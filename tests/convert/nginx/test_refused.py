"""Text that is not nginx's configuration, or has no CORS headers, is refused."""

import pytest

from corsadmin.convert.nginx.source import read_policies
from corsadmin.transfer.formats.document_source import BrokenTextError
from tests.messages.screens import pattern

pytestmark = pytest.mark.django_db

ACAO = "add_header Access-Control-Allow-Origin"

# As Debian installs it: the headers are in the files that it includes.
MAIN = """include modules-enabled/*.conf;
http {
    include mime.types;
    include /etc/nginx/conf.d/*.conf;
    include x;
}
"""


@pytest.mark.parametrize(
    ("text", "hosts", "reason"),
    [
        ("server { listen 80; }", [], pattern("convert-nginx-no-cors")),
        (
            "server { proxy_hide_header Access-Control-Allow-Origin; }",
            [],
            pattern("convert-nginx-no-cors"),
        ),
        (
            f"server {{ server_name a; {ACAO} *; }}",
            ["b"],
            pattern("convert-nginx-no-server", hosts="b") + r'"\)$',
        ),
        (
            MAIN,
            [],
            pattern(
                "convert-nginx-unread",
                lines="line 4: include /etc/nginx/conf.d/*.conf; line 5: include x",
                more="",
            ),
        ),
        (
            f"include x; server {{ server_name a; {ACAO} *; }}",
            ["b"],
            pattern("convert-nginx-no-server", hosts="b")
            + pattern("convert-nginx-unread", lines="line 1: include x", more=""),
        ),
        ("location / { " + "include x; " * 7 + "}", [], "; and 2 more"),
        ("server {", [], "line 1"),
        (
            "server {\n add_header a; }",
            [],
            pattern("convert-nginx-argument", directive="line 2: add_header a"),
        ),
        ("server { if { } }", [], pattern("convert-nginx-argument", directive="line 1: if")),
        (
            f"server {{ {ACAO} *; if ( ) {{ }} }}",
            [],
            pattern("convert-nginx-argument", directive="line 1: if ( )"),
        ),
        (
            f"map $a $b {{ volatile; c; }} server {{ {ACAO} $b; }}",
            [],
            pattern("convert-nginx-argument", directive="line 1: c"),
        ),
    ],
)
def test_what_cannot_be_read_is_refused(text, hosts, reason):
    with pytest.raises(BrokenTextError, match=reason):
        read_policies(text, hosts)
