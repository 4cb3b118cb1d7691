"""What import contracts cannot see: the engine's surface, header names, banned words, files."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import settings

import corsadmin
from corsadmin import engine

ROOT = Path(settings.BASE_DIR)
PACKAGE = Path(corsadmin.__file__).parent
FILES = sorted(
    file for file in PACKAGE.rglob("*.py") if "migrations" not in file.relative_to(PACKAGE).parts
)
MAX_LINES = 300
MAX_ENGINE_NAMES = 18
# The modules of the engine from which the shell imports; all others are private to the engine.
ENGINE_MODULES = frozenset({
    "browser",
    "decision",
    "emergencies",
    "entries",
    "headers",
    "hosts",
    "methods",
    "origins",
    "packing",
    "paths",
    "problems",
    "rules",
    "wildcards",
})  # fmt: skip
BANNED = frozenset({
    "blacklist",
    "data",
    "handler",
    "helper",
    "helpers",
    "info",
    "manager",
    "service",
    "services",
    "util",
    "utils",
    "whitelist",
})  # fmt: skip
# Names that Django gives: to the parts of its forms, to its managers, to what templates may call.
DJANGOS = frozenset(
    {
        "alters_data",
        "base_manager_name",
        "changed_data",
        "get_changeform_initial_data",
        "get_historical_record_context_helper",
        "history_manager",
    }
)
# Names that may repeat: Django finds a command by its own, the registry of `convert` calls the others.
REQUIRED_NAMES = frozenset({"Command", "read_policies", "render_policy"})
HEADER = re.compile(r"access-control-[a-z-]+", re.IGNORECASE)
WITHOUT_DJANGO = """
import sys
for name in ("django", "asgiref"):
    sys.modules[name] = None  # an import of it fails
import corsadmin.engine
from corsadmin.engine import *
from corsadmin.engine import hosts, origins
assert origins.parse_origin("https://app.example.com") == ("https", "app.example.com", "")
assert hosts.check_host("b\\u00fccher.example").suggestion == "xn--bcher-kva.example"
"""


def test_the_engine_works_without_django() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_DJANGO],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def order(name: str) -> tuple[int, str]:
    """Constants first, then classes, then functions."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def test_the_engines_surface_is_small_sorted_and_complete() -> None:
    names = {
        name
        for name, value in vars(engine).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    modules = {name for name in engine.__all__ if isinstance(getattr(engine, name), ModuleType)}

    assert set(engine.__all__) == names | modules
    assert engine.__all__ == sorted(engine.__all__, key=order)
    assert len(engine.__all__) <= MAX_ENGINE_NAMES


@cache
def nodes(file: Path) -> list[ast.AST]:
    """Return all that a module says, itself first: parsed and walked once for all tests."""
    return list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))


def engine_imports(file: Path) -> Iterator[str]:
    """Yield what a module imports of the engine, `Snapshot` or `headers.ACAO`."""
    for node in nodes(file):
        match node:
            case ast.ImportFrom(module="corsadmin.engine", names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str(module)) if module.startswith("corsadmin.engine."):
                inner = module.removeprefix("corsadmin.engine.")
                yield from (f"{inner}.{name.name}" for name in node.names)


def test_the_engines_surface_is_what_the_shell_uses() -> None:
    shell = [file for file in FILES if PACKAGE / "engine" not in file.parents]
    used = {name for file in shell for name in engine_imports(file)}
    reached = {name.partition(".")[0] for name in used if "." in name}

    assert {name for name in used if "." not in name} == set(engine.__all__)
    assert reached == ENGINE_MODULES
    assert {name for name in used if "._" in name} == set()


def test_only_the_cache_and_comparisons_decide() -> None:
    """All others go through serving.evaluate, which names the decision for no tenant itself."""
    deciding = {
        str(file.relative_to(PACKAGE)) for file in FILES if "decide" in engine_imports(file)
    }

    assert deciding == {
        "serving/decision_cache.py",
        "serving/evaluate.py",
        "proposed_change/comparison.py",
        "sightings/answers.py",
        "admin/inbox/refused.py",
    }


def calls(file: Path) -> set[str]:
    """Return the names that a module calls: functions and classes."""
    return {
        node.func.id
        for node in nodes(file)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


def test_one_module_turns_rows_into_what_the_engine_takes() -> None:
    """The loader has joined columns and no rows; packing gives back what it packed."""
    building = {
        str(file.relative_to(PACKAGE)) for file in FILES if calls(file) & {"RuleText", "OriginText"}
    }

    assert building == {
        "engine/packing.py",
        "models/policy_rows.py",
        "serving/loader/entries.py",
    }


def texts(file: Path) -> Iterator[str]:
    """Yield every string of a module that is no docstring."""
    docstrings = {node.value for node in nodes(file) if isinstance(node, ast.Expr)}
    for node in nodes(file):
        match node:
            case ast.Constant(value=str(text)) if node not in docstrings:
                yield text


def test_header_names_are_written_once() -> None:
    found = {
        str(file.relative_to(PACKAGE)): [text for text in texts(file) if HEADER.fullmatch(text)]
        for file in FILES
    }

    assert {name for name, headers in found.items() if headers} == {"engine/headers.py"}


def names(file: Path) -> Iterator[str]:
    """Yield every name that a module gives to something."""
    for node in nodes(file):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.arg() if node.arg != "data":  # so Django's forms call what was sent
                yield node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.id
            case ast.Attribute(ctx=ast.Store()) if node.attr != "data":
                yield node.attr
            case ast.alias() if node.asname:
                yield node.asname


def defined_names(file: Path) -> Iterator[str]:
    """Yield the classes that a module defines, private ones too, and the functions for others."""
    for node in ast.iter_child_nodes(nodes(file)[0]):
        match node:
            case ast.ClassDef():
                yield node.name
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if not node.name.startswith("_"):
                    yield node.name


def test_no_two_classes_or_functions_share_a_name() -> None:
    places: dict[str, list[str]] = {}
    for file in FILES:
        for name in defined_names(file):
            places.setdefault(name, []).append(str(file.relative_to(PACKAGE)))

    shared = {name: found for name, found in places.items() if len(found) > 1}
    assert {name: shared[name] for name in shared.keys() - REQUIRED_NAMES} == {}
    assert shared.keys() >= REQUIRED_NAMES


def words(name: str) -> set[str]:
    """Return the words of a name in snake_case or CamelCase."""
    spaced = "".join(f"_{sign}" if sign.isupper() else sign for sign in name)
    return set(spaced.lower().split("_")) | set(name.lower().split("_"))


def test_banned_words_name_nothing() -> None:
    places: dict[str, set[str]] = {}
    for file in FILES:
        for name in {file.stem, *names(file)} - DJANGOS:
            places.setdefault(name, set()).add(str(file.relative_to(PACKAGE)))

    assert {name: found for name, found in places.items() if words(name) & BANNED} == {}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("url_helper", True, id="snake case"),
        pytest.param("OriginManager", True, id="camel case"),
        pytest.param("DATA", True, id="constant"),
        pytest.param("database", False, id="part of a word"),
        pytest.param("information", False, id="a longer word"),
    ],
)
def test_words_of_names(name: str, expected: bool) -> None:
    assert bool(words(name) & BANNED) is expected


@pytest.mark.parametrize("folder", ["corsadmin", "project", "tests"])
def test_files_are_short_and_begin_with_a_caption(folder: str) -> None:
    texts = {
        str(file.relative_to(ROOT)): file.read_text(encoding="utf-8")
        for file in (ROOT / folder).rglob("*.py")
        if "migrations" not in file.parts  # Django writes those
    }

    assert len(texts) > 5
    assert {name for name, text in texts.items() if len(text.splitlines()) > MAX_LINES} == set()
    assert {name for name, text in texts.items() if text and text[:3] != '"""'} == set()
