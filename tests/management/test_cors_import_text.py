"""cors_import of a text that somebody sent: what is imported, and what a person must decide first."""

import pytest
from django.core.management import CommandError

from corsadmin.models import Origin
from tests.factories import make_site
from tests.management.imports import refuse, run
from tests.messages.screens import pattern

pytestmark = pytest.mark.django_db

MAIL = """Hello, please allow https://one.example, https://two.example and (again) https://one.example.
jo@three.example
"""
SLOPPY = "Please allow https://ONE.example/login, two.example; https://one.example and https://Two.example\n"


@pytest.fixture
def site():
    return make_site("acme", origins=["https://one.example"])


@pytest.fixture
def mail(write):
    return lambda text, name="mail.txt": write(text, name)


def patterns(site):
    return sorted(site.origins.values_list("pattern", flat=True))


def test_the_origins_of_a_mail_are_added(site, mail):
    printed = run(mail(MAIL), "--into", "acme")

    assert "  + acme: origin https://two.example" in printed
    assert patterns(site) == ["https://one.example", "https://two.example"]


def test_any_file_is_a_text_if_that_is_said(site, mail):
    run(mail(MAIL, "mail"), "--into", "acme", "--input-format", "text")

    assert patterns(site) == ["https://one.example", "https://two.example"]


def test_what_is_to_be_corrected_is_refused_and_fixed_when_asked(site, mail):
    _count, said = refuse(mail(SLOPPY), "--into", "acme")
    assert "line 1, column 14" not in said  # its origin stands in the text exactly, too
    assert "line 1, column 41" in said
    assert patterns(site) == ["https://one.example"]

    run(mail(SLOPPY), "--into", "acme", "--fix")

    assert patterns(site) == ["https://one.example", "https://two.example"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("API host: api.acme.example", "text-host"),
        ("api.acme.example", "text-either"),
        ("Please remove https://new.example", "text-unwanted"),
        ("hxxps://new.example", "text-defanged"),
        (
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fnew.example&data=1",
            "text-wrapped",
        ),
        ("https://app.acm… and so on", "text-cut"),
        ("htps://new.example", "text-misspelled"),
        ("see https://jira.acme.example/browse/OPS-1", "text-reference"),
        ("Thanks\nhttps://new.example", "text-signature"),
    ],
)
def test_what_a_person_must_decide_is_refused_or_skipped(site, mail, tmp_path, text, code):
    path = mail(f"Allow https://two.example\n{text}\n")

    _count, said = refuse(path, "--into", "acme", "--fix")
    assert said.count(f"[{code}]") == said.count("[") == 1
    assert patterns(site) == ["https://one.example"]

    run(path, "--into", "acme", "--skip-invalid")
    assert patterns(site) == ["https://one.example", "https://two.example"]
    assert len((tmp_path / "mail.rejects.csv").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "options", "status", "said"),
    [
        (MAIL, (), 2, pattern("command-text-into-whom")),
        (MAIL, ("--into", "acme", "--prune"), 2, pattern("command-prune-a-text")),
        ("I will send it tomorrow.", ("--into", "acme"), 1, None),
        ("x" * 1_000_001, ("--into", "acme"), 1, None),
        pytest.param("a.de," * 10_001, ("--into", "acme"), 1, None, marks=pytest.mark.slow),
        (MAIL, ("--into", "nobody"), 1, None),
    ],
    ids=["no tenant", "prune", "no origin", "too long", "too many", "unknown tenant"],
)
@pytest.mark.usefixtures("site")
def test_what_cannot_be_imported_is_refused(mail, text, options, status, said):
    with pytest.raises(CommandError, match=said) as raised:
        run(mail(text), *options)

    assert raised.value.returncode == status
    assert Origin.objects.count() == 1
