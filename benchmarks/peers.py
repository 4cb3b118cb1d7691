"""What flask-cors and Starlette's middleware add to their own bare apps, beside what we add."""

import contextlib
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any, Final

from flask import Flask
from flask_cors import CORS
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from benchmarks import cost, traffic
from benchmarks.rows import Row
from benchmarks.timing import Side, added, side_by_side

ORIGINS: Final = [f"https://app-{number}.example.com" for number in range(10)]
HEADERS: Final = ["authorization", "content-type", "x-csrftoken"]
METHODS: Final = ["GET", "POST", "PUT", "PATCH", "DELETE"]
BATCH: Final = 200
PATH: Final = "/api/orders"
SHAPES: Final = ("no Origin", "allowed GET", "refused GET")


def rows(rounds: int) -> Iterator[Row]:
    """Yield what ten origins cost in each of the three worlds, measured in turns."""
    cost.make_tenant()
    cost.store(ORIGINS)
    section = "10 origins, µs added to the framework's own bare app"
    for name in SHAPES:
        shape = cost.SHAPES[name]
        figures = side_by_side(sides(shape), rounds)
        ours = added(figures, "corsadmin")
        theirs = added(figures, "Starlette", "bare Starlette")
        yield Row(section, f"{name}: corsadmin", ours, "µs")
        yield Row(section, f"{name}: Starlette's CORSMiddleware", theirs, "µs")
        yield Row(section, f"{name}: times cheaper", theirs / ours, "times", 1.0, at_least=True)
        theirs = added(figures, "Flask", "bare Flask")
        yield Row(section, f"{name}: flask-cors", theirs, "µs")
        yield Row(section, f"{name}: times cheaper than it", theirs / ours, "times")
    shape = cost.SHAPES["preflight allowed"]
    figures = side_by_side(
        {
            "corsadmin": cost.side("corsadmin", shape),
            "Starlette": starlette(cors=True, shape=shape),
        },
        rounds,
    )
    ours, theirs = median(figures["corsadmin"]), median(figures["Starlette"])
    yield Row(section, "preflight allowed, whole: corsadmin", ours, "µs")
    yield Row(section, "preflight allowed, whole: Starlette's CORSMiddleware", theirs, "µs")
    name = "preflight allowed, whole: times cheaper"
    yield Row(section, name, theirs / ours, "times", 1.0, at_least=True)


def sides(shape: traffic.Shape) -> dict[str, Side]:
    """Return every app with and without its CORS."""
    return {
        "nothing": cost.side("nothing", shape),
        "corsadmin": cost.side("corsadmin", shape),
        "bare Starlette": starlette(cors=False, shape=shape),
        "Starlette": starlette(cors=True, shape=shape),
        "bare Flask": flask(cors=False, shape=shape),
        "Flask": flask(cors=True, shape=shape),
    }


def starlette(*, cors: bool, shape: traffic.Shape) -> Side:
    """Return a Starlette app with one route; a preflight is asked of the middleware alone."""
    app: Any = Starlette(routes=[Route(PATH, _starlette_orders)])
    if cors and shape.get("REQUEST_METHOD") == "OPTIONS":
        app = CORSMiddleware(app, **_options())
    elif cors:
        app.add_middleware(CORSMiddleware, **_options())
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    def call(scope: Any) -> None:
        # Nothing in it waits for anything, so no event loop is needed, which would cost more.
        with contextlib.suppress(StopIteration):
            app(scope, _nothing_to_receive, send).send(None)

    call(asgi(shape))
    check(cors, shape, b"access-control-allow-origin" in dict(sent[0]["headers"]))

    def prepare() -> list[Any]:
        sent.clear()
        return [asgi(shape) for _ in range(BATCH)]

    return call, prepare


async def _starlette_orders(_request: Request) -> JSONResponse:
    return JSONResponse({"orders": []})


async def _nothing_to_receive() -> Any:
    raise AssertionError


def _options() -> dict[str, Any]:
    return {
        "allow_origins": ORIGINS, "allow_credentials": True, "allow_methods": METHODS,
        "allow_headers": HEADERS, "max_age": 600,
    }  # fmt: skip


def asgi(shape: traffic.Shape) -> dict[str, Any]:
    """Return the same request as an ASGI scope."""
    environ = traffic.environ(shape)
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": environ["REQUEST_METHOD"],
        "scheme": "https",
        "path": environ["PATH_INFO"],
        "raw_path": environ["PATH_INFO"].encode(),
        "query_string": environ["QUERY_STRING"].encode(),
        "root_path": "",
        "client": ("10.0.0.7", 50000),
        "server": ("127.0.0.1", 8000),
        "headers": [
            (name[5:].replace("_", "-").lower().encode(), value.encode())
            for name, value in environ.items()
            if name.startswith("HTTP_")
        ],
    }


def flask(*, cors: bool, shape: traffic.Shape) -> Side:
    """Return a Flask app with one route."""
    app = Flask(__name__)
    app.add_url_rule(PATH, view_func=_flask_orders)
    if cors:
        CORS(app, origins=ORIGINS, supports_credentials=True, methods=METHODS,
             allow_headers=HEADERS, max_age=600)  # fmt: skip
    started: list[list[tuple[str, str]]] = []

    def start_response(_status: str, headers: list[tuple[str, str]], *_rest: Any) -> Callable:
        started.append(headers)
        return started.append

    def call(environ: Any) -> None:
        app.wsgi_app(environ, start_response).close()  # type: ignore[attr-defined]

    call(traffic.environ(shape))
    check(cors, shape, "Access-Control-Allow-Origin" in dict(started[0]))

    def prepare() -> list[Any]:
        started.clear()
        return [traffic.environ(shape) for _ in range(BATCH)]

    return call, prepare


def _flask_orders() -> dict[str, list[Any]]:
    return {"orders": []}


def check(cors: bool, shape: traffic.Shape, speaks: bool) -> None:
    """Assert that an app answers as it should: a fast answer that is wrong is no rival."""
    origin = shape.get("HTTP_ORIGIN")
    # Without an Origin, flask-cors names one of the origins all the same.
    if origin is not None and speaks is not (cors and origin == cost.ALLOWED):
        message = f"{shape}: {cors=}, {speaks=}"
        raise AssertionError(message)
