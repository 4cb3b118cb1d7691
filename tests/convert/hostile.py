"""Files of other programs that were made to cost far more than they weigh."""

from collections.abc import Callable
from typing import Final

Make = Callable[[int], str]
_ACAO: Final = "add_header Access-Control-Allow-Origin"
_SERVER: Final = (
    f"server {{ server_name api.test; location / {{ {_ACAO} $cors; proxy_pass http://a; }} }}"
)
_LOCATION: Final = "server { server_name api.test; location / {"


def repeated(before: str, piece: str, after: str = "") -> Make:
    """Return what makes a text of as many pieces as find room."""
    return lambda size: before + piece * ((size - len(before + after)) // len(piece)) + after


def numbered(before: str, piece: str, after: str = "", between: str = "") -> Make:
    """Return what makes the same of pieces that hold their number where they have a `%d`."""

    def make(size: int) -> str:
        pieces: list[str] = []
        length = len(before + after)
        while length < size:
            pieces.append(piece.replace("%d", str(len(pieces))))
            length += len(pieces[-1] + between)
        return before + between.join(pieces) + after

    return make


def _chained_maps(size: int) -> str:  # pragma: no cover (not in the first row of the sweep)
    last = size // 40
    maps = (f"map $v{at} $v{at + 1} {{ default $v{at}; a b; }}\n" for at in range(last))
    return "".join(maps) + f"{_LOCATION} {_ACAO} $v{last}; }} }}"


NGINX: Final[dict[str, Make]] = {
    "a map of origins": numbered(
        "map $http_origin $cors {", "'https://a%d.test' $http_origin;\n", "}" + _SERVER
    ),
    "a map of regexes": numbered(
        "map $http_origin $cors {", "'~^https://a%d\\.test$' $http_origin;\n", "}" + _SERVER
    ),
    "a map of wildcards": numbered(
        "map $http_origin $cors {", "'~^https://.*\\.a%d\\.test$' $http_origin;\n", "}" + _SERVER
    ),
    "one regex of many alternatives": numbered(
        "map $http_origin $cors { '~^https://(", "a%d", ")\\.test$' $http_origin; }" + _SERVER, "|"
    ),
    "one regex of optional groups": repeated(
        "map $http_origin $cors { '~^https://", "(a|b)?", "\\.test$' $http_origin; }" + _SERVER
    ),
    "one regex of nested groups": lambda size: (
        f"map $http_origin $cors {{ '~^{'(' * (size // 2)}a{')' * (size // 2)}$' 1; }}{_SERVER}"
    ),
    "maps that lead to maps": _chained_maps,
    "one long word": repeated("server { server_name ", "a", ";}"),
    "opening braces": repeated("", "a { "),
    "closing braces": repeated("a;", "}"),
    "empty blocks": repeated("", "a {} "),
    "comments": repeated("", "#a\n"),
    "quotation marks": repeated("", "'"),
    "backslashes": repeated("server { server_name '", "\\", "';}"),
    "servers": numbered("", f"server {{ server_name a%d.test; location / {{ {_ACAO} '*'; }} }}\n"),
    "locations": numbered(
        "server { server_name api.test;", f"location /a%d/ {{ {_ACAO} '*'; }}\n", "}"
    ),
    "locations of a regex": numbered(
        "server { server_name api.test;", f"location ~ ^/a%d/.*$ {{ {_ACAO} '*'; }}\n", "}"
    ),
    "nested locations": numbered("server { server_name a;", f"location /a%d/ {{ {_ACAO} '*'; "),
    "conditions": numbered(_LOCATION, f"if ($http_origin ~ a%d) {{ {_ACAO} '*'; }}\n", "}}"),
    "conditions that set": numbered(
        _LOCATION,
        "if ($http_origin ~ '^https://a%d\\.test$') { set $c $http_origin; }\n",
        f"{_ACAO} $c; }} }}",
    ),
    "conditions on something else": numbered(
        _LOCATION, "if ($arg_a%d) { set $c a; }\n", f"{_ACAO} $c; }} }}"
    ),
    "variables that double": numbered(_LOCATION, "set $v $v$v;", f"{_ACAO} $v; }} }}"),
    "names of hosts": numbered("server { server_name", " a%d.test", f"; {_ACAO} '*'; }}"),
    "names of headers": numbered(
        f"{_LOCATION} {_ACAO} '*'; add_header Access-Control-Allow-Headers '", "x-%d,", "x'; }}"
    ),
}
FLASK_CORS: Final[dict[str, Make]] = {
    "resources": numbered("{", '"/a%d/*":{"origins":"*"}', "}", ","),
    "resources of a regex": numbered("{", '"/a%d/(b|c)?/.*":{"origins":"*"}', "}", ","),
    "resources with origins of their own": numbered(
        "{", '"/a%d/*":{"origins":["https://a%d.test"]}', "}", ","
    ),
    "origins": numbered('{"/*":{"origins":[', '"https://a%d.test"', "]}}", ","),
    "origins of a regex": numbered('{"/*":{"origins":[', '"https://a%d.*-test$"', "]}}", ","),
    "one regex": repeated('{"/*":{"origins":["https://', "(a|b)?", '"]}}'),
    "names of headers": numbered('{"/*":{"allow_headers":[', '"x-%d"', "]}}", ","),
    "one path": repeated('{"/', "a/", '*":{"origins":"*"}}'),
    "one path of stars": repeated('{"/', "*/", '":{"origins":"*"}}'),
    "lists": repeated("", "["),
    "objects": repeated("", '{"a":'),
    "digits": repeated("", "1"),
}
S3: Final[dict[str, Make]] = {
    "rules": numbered(
        "[", '{"AllowedOrigins":["https://a%d.test"],"AllowedMethods":["GET"]}', "]", ","
    ),
    "origins": numbered(
        '[{"AllowedMethods":["GET"],"AllowedOrigins":[', '"https://a%d.test"', "]}]", ","
    ),
    "wildcards": numbered(
        '[{"AllowedMethods":["GET"],"AllowedOrigins":[', '"https://*a%d.test"', "]}]", ","
    ),
    "names of headers": numbered(
        '[{"AllowedMethods":["GET"],"AllowedOrigins":["*"],"AllowedHeaders":[',
        '"x-*%d"',
        "]}]",
        ",",
    ),
    "one origin": repeated('[{"AllowedMethods":["GET"],"AllowedOrigins":["https://', "a.", 'a"]}]'),
    "stars": repeated('[{"AllowedMethods":["GET"],"AllowedOrigins":["', "*", '"]}]'),
    "lists": repeated("", "["),
    "XML rules": numbered(
        "<CORSConfiguration>",
        "<CORSRule><AllowedOrigin>https://a%d.test</AllowedOrigin>"
        "<AllowedMethod>GET</AllowedMethod></CORSRule>",
        "</CORSConfiguration>",
    ),
    "XML elements": repeated("", "<a>"),
    "XML attributes": numbered("<a", " a%d='b'", "/>"),
    "one XML attribute": repeated("<a b='", "x", "'/>"),
    "XML entities": lambda _size: (
        "<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'>"
        + "".join(
            f"<!ENTITY {name} '{f'&{before};' * 10}'>"
            for before, name in zip("abcdefgh", "bcdefghi", strict=True)
        )
        + "]><CORSConfiguration>&i;</CORSConfiguration>"
    ),
    "angle brackets": repeated("", "<"),
}
_KONG: Final = '_format_version: "3.0"\n'
_SERVICE: Final = f"{_KONG}services:\n- name: a\n  url: http://a\n  routes:\n"
_ROUTE: Final = f"{_KONG}plugins: [{{name: cors}}]\nservices:\n- name: a\n  routes:\n  - name: r\n"
KONG: Final[dict[str, Make]] = {
    "routes": numbered(
        _SERVICE, "  - {name: r%d, hosts: [a.test], paths: [/a%d], plugins: [{name: cors}]}\n"
    ),
    "routes for many hosts": numbered(
        f"{_KONG}plugins: [{{name: cors}}]\nservices:\n- name: a\n  routes:\n",
        "  - {name: r%d, methods: [GET], hosts: [h%d.test], paths: [/a]}\n",
    ),
    "services": numbered(
        f"{_KONG}services:\n",
        "- {name: s%d, routes: [{name: r%d, paths: [/s%d], plugins: [{name: cors}]}]}\n",
    ),
    "plugins": numbered(f"{_KONG}plugins:\n", "- {name: cors, route: r%d}\n"),
    "origins": numbered(
        f"{_KONG}plugins:\n- name: cors\n  config:\n    origins: [",
        '"https://a%d.test"',
        "]\n",
        ",",
    ),
    "origins of a regex": numbered(
        f"{_KONG}plugins:\n- name: cors\n  config:\n    origins: [",
        '"^https://a%d-test$"',
        "]\n",
        ",",
    ),
    "hosts": numbered(f"{_ROUTE}    hosts: [", "a%d.test", "]\n", ","),
    "paths": numbered(f"{_ROUTE}    paths: [", "/a%d", "]\n", ","),
    "paths of a regex": numbered(f"{_ROUTE}    paths: [", '"~/a%d/(b|c)?.*$"', "]\n", ","),
    "values": repeated("a: [", "a,", "]"),
    "lists": repeated("", "["),
    "one value": repeated("a: ", "x"),
    "directives": repeated("", "%TAG ! a\n"),
}
HOSTILE: Final[dict[str, dict[str, Make]]] = {
    "nginx": NGINX,
    "flask-cors": FLASK_CORS,
    "s3": S3,
    "kong": KONG,
}
