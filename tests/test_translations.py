"""Every text of the app can be translated, and is: catalogues are complete, compiled and sound."""

import ast
import gettext
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.core.management import call_command
from django.template.base import Lexer, TokenType

import corsadmin
from tests.test_architecture import nodes

APP = Path(corsadmin.__file__).parent
LANGUAGES = sorted(folder.name for folder in (APP / "locale").iterdir())
TEMPLATES = sorted(APP.rglob("*.html"))
MODULES = sorted(APP.rglob("*.py"))
TRANSLATES = {
    "_",
    "gettext",
    "gettext_lazy",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
WORD = re.compile(r"[^\W\d_]")
READ_ALOUD = ("alt", "aria-label", "placeholder", "title")
BUTTONS = ("button", "reset", "submit")


@cache
def texts(file: Path) -> Mapping[str, str]:
    """Return what a compiled catalogue says for each text; one of several forms is marked so."""
    with file.open("rb") as opened:
        catalogue = vars(gettext.GNUTranslations(opened))["_catalog"]
    return {
        key if isinstance(key, str) else f"{key[0]} ({key[1]})": text
        for key, text in catalogue.items()
        if key
    }


def catalogue(language: str, suffix: str = ".mo") -> Path:
    return APP / "locale" / language / "LC_MESSAGES" / f"django{suffix}"


def run(*words: str | Path) -> None:
    """Run one of gettext's programs; what it complains of is an error."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def without_form(text: str) -> str:
    """Return a text without the mark of its form."""
    return re.sub(r" \(\d\)$", "", text)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The texts that stand in the code and the templates now."""
    folder = tmp_path_factory.mktemp("texts")
    shutil.copytree(APP, folder / "corsadmin", ignore=shutil.ignore_patterns("migrations", "*.mo"))
    language = LANGUAGES[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder / "corsadmin")
        call_command("makemessages", "--locale", language, verbosity=0)
    now = folder / "corsadmin/locale" / language / "LC_MESSAGES/django.po"
    filled, compiled = folder / "filled.po", folder / "filled.mo"
    run("msgen", now, "--output-file", filled)
    run("msgfmt", "--use-fuzzy", filled, "--output-file", compiled)
    return {without_form(text) for text in texts(compiled)}


def test_german_and_spanish_are_spoken() -> None:
    assert LANGUAGES == ["de", "es"]


@pytest.mark.slow  # needs gettext
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_code_is_translated(language: str, written: set[str]) -> None:
    """After a change of texts: scripts/make-messages, and fill what it adds."""
    assert {without_form(text) for text in texts(catalogue(language))} == written


@pytest.mark.slow  # needs gettext
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_compiled_and_holds_nothing_doubtful(language: str, tmp_path: Path) -> None:
    source, compiled = catalogue(language, ".po"), tmp_path / "now.mo"
    run("msgfmt", "--check-format", source, "--output-file", compiled)

    assert texts(compiled) == texts(catalogue(language))
    assert "#, fuzzy" not in source.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_fill_in_the_same(language: str) -> None:
    for text, translation in texts(catalogue(language)).items():
        assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(translation)), text


class Literals(HTMLParser):
    """Collects what a page says in letters of the template's own."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        names = READ_ALOUD + (("value",) if given.get("type") in BUTTONS and tag == "input" else ())
        self.found.extend(given.get(name) or "" for name in names)


def literals(template: str) -> list[str]:
    """Return the words of a template that no translation reaches."""
    parser, is_translated = Literals(), False
    for token in Lexer(template).tokenize():
        if token.token_type == TokenType.TEXT and not is_translated:
            parser.feed(token.contents)
        elif token.token_type == TokenType.BLOCK:
            is_translated = token.contents.startswith(("blocktranslate", "plural"))
    parser.close()
    return [text.strip() for text in parser.found if WORD.search(text)]


@pytest.mark.parametrize(
    ("template", "found"),
    [
        pytest.param("<p>Hello</p>", ["Hello"], id="text"),
        pytest.param('<img alt="Search">', ["Search"], id="what is read aloud"),
        pytest.param('<input type="submit" value="Go">', ["Go"], id="a button"),
        pytest.param('<input type="hidden" value="yes">', [], id="a value nobody sees"),
        pytest.param('<p class="note">{% translate "Hello" %}: …</p>', [], id="a tag"),
        pytest.param(
            "{% blocktranslate count n=n %}one{% plural %}many{% endblocktranslate %} more",
            ["more"],
            id="a block",
        ),
        pytest.param("<a href=\"{% url 'x' %}\">{{ name }}</a>", [], id="a value"),
    ],
)
def test_untranslated_words_are_found(template: str, found: list[str]) -> None:
    assert literals(template) == found


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(APP)))
def test_no_template_has_words_of_its_own(file: Path) -> None:
    assert literals(file.read_text(encoding="utf-8")) == []


def texts_in_f_strings(found: Iterable[ast.AST]) -> list[str]:
    """Return what is translated within an f-string, where not every xgettext looks."""
    return [
        ast.unparse(call)
        for string in found
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in TRANSLATES
    ]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        pytest.param("f\"{found} {_('Hello')}\"", ["_('Hello')"], id="within"),
        pytest.param("f'{found} {other(name)}'", [], id="another call"),
        pytest.param("f'{names[0]()}'", [], id="a call without a name"),
        pytest.param("_('Hello') + f'{found}'", [], id="beside"),
    ],
)
def test_texts_in_f_strings_are_found(source: str, found: list[str]) -> None:
    assert texts_in_f_strings(ast.walk(ast.parse(source))) == found


def test_no_module_translates_within_an_f_string() -> None:
    found = {str(file.relative_to(APP)): texts_in_f_strings(nodes(file)) for file in MODULES}

    assert {name: calls for name, calls in found.items() if calls} == {}
