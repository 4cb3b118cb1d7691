"""The pages and the code say the same: settings, ids, reasons, codes, options, links."""

import json
import re
from argparse import Action
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand

import corsadmin
from corsadmin import checks, tenants
from corsadmin.conf import KEYS, Config
from corsadmin.diagnose.lint import FINDINGS
from corsadmin.engine import Reason
from corsadmin.engine.origins import parse_pattern
from corsadmin.engine.problems import CODES, PolicyError
from corsadmin.messages import SENTENCES
from corsadmin.models import Origin, PathRule
from corsadmin.presets import PRESETS

ROOT = Path(settings.BASE_DIR)
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
COMMANDS = sorted(name for name, app in get_commands().items() if app == "corsadmin")
CODE = re.compile(r"`([^`]*)`")


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def rows(text: str) -> Iterator[list[str]]:
    """Yield the cells of each row of each table, without headings."""
    lines = text.splitlines()
    for place, line in enumerate(lines):
        is_heading = place + 1 < len(lines) and lines[place + 1].startswith("|---")
        if line.startswith("|") and not line.startswith("|---") and not is_heading:
            cells = line.strip("|").replace("\\|", "\0").split("|")
            yield [cell.strip().replace("\0", "|") for cell in cells]


def coded(text: str) -> list[str]:
    """Return what stands in backquotes in the first cell of each row."""
    return [name for row in rows(text) for name in CODE.findall(row[0])]


def section(text: str, heading: str) -> str:
    """Return what follows a heading, up to the next one of its level."""
    level = heading.partition(" ")[0]
    body = text.split(f"\n{heading}\n")[1]
    return body.split(f"\n{level} ")[0]


def test_settings() -> None:
    given = {row[0]: row[1] for row in rows(page("settings.md"))}

    assert set(given) == {f"`{key}`" for key in KEYS}
    for field in fields(Config):
        is_flag = isinstance(field.default, bool)
        default = str(field.default) if is_flag else json.dumps(field.default)
        assert given[f"`{field.name.upper()}`"] == f"`{default}`"


def test_system_checks() -> None:
    folder = Path(checks.__file__).parent
    source = "".join(file.read_text(encoding="utf-8") for file in folder.glob("*.py"))
    used = set(re.findall(r"corsadmin\.[EW]\d{3}", source))
    described = re.findall(r"^#### (corsadmin\.[EW]\d{3})$", page("checks.md"), re.MULTILINE)

    assert sorted(described) == sorted(used)


def test_findings_of_the_lint() -> None:
    described = {row[0]: row[1] for row in rows(page("checks.md"))}

    assert described == {f"`{code}`": level for code, (level, _text) in FINDINGS.items()}


@pytest.mark.parametrize("name", ["reference/reasons.md", "troubleshooting.md"])
def test_reasons(name: str) -> None:
    text = page(name)
    if name == "troubleshooting.md":
        text = section(text, "## By reason")

    assert sorted(coded(text)) == sorted(Reason)


def test_problem_codes_and_their_sentences() -> None:
    described = {row[0]: row[1] for row in rows(page("reference/problems.md"))}

    assert set(described) == {f"`{code}`" for code in CODES}
    for code, sentence in SENTENCES.items():
        assert described[f"`{code}`"] == str(sentence) % {"value": "…"}


def origin_examples() -> list[list[str]]:
    found = rows(section(page("reference/problems.md"), "## Origins"))
    return [row for row in found if CODE.fullmatch(row[2])]


@pytest.mark.parametrize("row", origin_examples(), ids=lambda row: row[0].strip("`"))
def test_examples_of_problems(row: list[str]) -> None:
    code, _sentence, example, suggestion = row
    with pytest.raises(PolicyError) as caught:
        parse_pattern(example[1:-1])

    (problem,) = caught.value.problems
    assert (problem.code, problem.suggestion) == (code.strip("`"), suggestion.strip("`"))


@pytest.mark.parametrize(
    ("heading", "model"), [("## Path rules", PathRule), ("## Origin entries", Origin)]
)
def test_fields(heading: str, model: type[PathRule | Origin]) -> None:
    body = section(page("policies.md"), heading).split("\n### ")[0]
    columns = {field.name for field in model._meta.fields}

    assert set(coded(body)) == columns - {"id", "tenant", "created", "modified"}


def test_presets() -> None:
    lists, sources = (
        [*rows(part)] for part in page("reference/presets.md").split("## Where the names are from")
    )

    assert lists == [
        [str(preset.title), *(quoted(names) for names in preset.lists.values())]
        for preset in PRESETS.values()
    ]
    assert sources == [
        [
            str(preset.title),
            ", ".join(f"<{source}>" for source in preset.sources),
            str(preset.note) or "-",
        ]
        for preset in PRESETS.values()
    ]


def quoted(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "-"


def test_resolvers() -> None:
    shipped = {
        f"corsadmin.tenants.{name}"
        for name, value in vars(tenants).items()
        if callable(value) and (name.startswith("by_") or name == "single")
    }
    table = section(page("tenants.md"), "## Which request belongs to which tenant")

    assert set(coded(table)) == shipped


def own_options(name: str) -> set[str]:
    """Return the options of a command besides those that every command has."""
    command: BaseCommand = load_command_class("corsadmin", name)
    common = {option for action in actions(BaseCommand()) for option in action.option_strings}
    return {option for action in actions(command) for option in action.option_strings} - common


def actions(command: BaseCommand) -> list[Action]:
    return command.create_parser("manage.py", "command")._actions


def test_commands() -> None:
    headings = re.findall(r"^## (\w+)$", page("reference/commands.md"), re.MULTILINE)

    assert sorted(headings) == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_options_of_commands(name: str) -> None:
    body = section(page("reference/commands.md"), f"## {name}")
    described = [text.split()[0] for text in coded(body)]

    assert sorted(described) == sorted(own_options(name))


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_commands_has_examples_and_exit_statuses(name: str) -> None:
    text = load_command_class("corsadmin", name).create_parser("manage.py", name).format_help()

    assert f"\n  manage.py {name}" in text
    assert "\nexit status: 0 " in text


def test_modules() -> None:
    package = Path(corsadmin.__file__).parent
    found = {
        path.stem
        for path in package.iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.stem[0] != "_"
    }
    described = [row[1].strip("`") for row in rows(section(page("architecture.md"), "## Modules"))]

    assert sorted(described) == sorted(found - {"migrations"})


def test_every_page_is_in_the_index() -> None:
    linked = {target.partition("#")[0] for target in links(page("index.md"))}
    pages = {str(file.relative_to(DOCS)) for file in DOCS.rglob("*.md")}

    assert pages - linked == {"index.md"}


def links(text: str) -> list[str]:
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"\]\(([^)\s]+)\)", prose)
    return [target for target in found if "://" not in target]


def anchors(file: Path) -> set[str]:
    """Return the anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_links(file: Path) -> None:
    for link in links(file.read_text(encoding="utf-8")):
        target, _, anchor = link.partition("#")
        path = (file.parent / target).resolve() if target else file

        assert path.exists(), link
        assert not anchor or anchor in anchors(path), link


def named_code(file: Path) -> list[tuple[list[str], Path]]:
    """Return the functions and classes that a page links to, each with the file of its link.

    A method is named with its class, and a function may be named with its module.
    """
    found = re.findall(r"\[`([\w.]+)(?:\(\))?`\]\(([^)#]+\.py)\)", file.read_text(encoding="utf-8"))
    return [
        (
            [*re.findall("[A-Z]\\w+", name), name.rpartition(".")[2]],
            (file.parent / target).resolve(),
        )
        for name, target in found
        if not name.endswith(".py")
    ]


def defined(*files: Path) -> set[str]:
    """Return the names of all functions, methods and classes in files. To parse them takes seconds."""
    code = "\n".join(file.read_text(encoding="utf-8") for file in files)
    return set(re.findall(r"^\s*(?:async )?(?:def|class) (\w+)", code, re.MULTILINE))


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_linked_functions_are_in_the_linked_files(file: Path) -> None:
    for names, target in named_code(file):
        assert {*names} <= defined(target), f"{names} are not in {target}"


def test_pages_named_in_the_code_exist() -> None:
    package = Path(corsadmin.__file__).parent
    named = {
        name
        for file in package.rglob("*.py")
        for name in re.findall(r"docs/[\w/-]+\.md", file.read_text(encoding="utf-8"))
    }

    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_files_in_the_picture_of_the_architecture_exist() -> None:
    picture = (DOCS / "images" / "architecture.svg").read_text(encoding="utf-8")
    named = re.findall(r'class="file"[^>]*>([\w/.]+)<', picture)
    package = Path(corsadmin.__file__).parent
    known = {str(path.relative_to(package)) for path in package.rglob("*")}
    ends = {path.rpartition("/")[2] for path in known}

    assert named
    assert [name for name in named if name.strip("/") not in known | ends] == []


def test_names_in_the_picture_of_the_architecture_exist() -> None:
    picture = (DOCS / "images" / "architecture.svg").read_text(encoding="utf-8")
    named = re.findall(r'class="name"[^>]*>(?:\w+\.)?(\w+)', picture)
    known = defined(*Path(corsadmin.__file__).parent.rglob("*.py"))

    assert set(named) - known == {"full_clean"}  # which is Django's


@pytest.mark.parametrize("file", sorted((DOCS / "decisions").iterdir()), ids=lambda file: file.stem)
def test_a_decision_record_fits_on_a_page(file: Path) -> None:
    text = file.read_text(encoding="utf-8")

    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert len(text.splitlines()) <= 60
