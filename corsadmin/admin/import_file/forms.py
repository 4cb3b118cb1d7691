"""The form of the import page: a file or its text, what to do with it, what was accepted."""

import base64
import binascii
from pathlib import PurePath
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from corsadmin.transfer.formats.bounds import PAGE
from corsadmin.transfer.formats.csv_format import looks_like_csv
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.registry import SUFFIXES
from corsadmin.transfer.formats.text_stream import WINDOWS, read_text_of
from corsadmin.transfer.formats.workbook_limits import LargeWorkbookError, measure_workbook

MAX_SIZE: Final = 1_000_000  # bytes
MAX_ACCEPTED: Final = 100_000  # characters of accepted corrections
ALL: Final = "*"
WORKBOOK: Final = "xlsx"
TEXT: Final = "text"
FORMATS: Final = (
    ("", _("detect from its name or content")),
    ("json", "JSON"),
    ("yaml", "YAML"),
    ("csv", "CSV"),
    (WORKBOOK, "XLSX"),
    (TEXT, _("text, such as an e-mail")),
)
_NOT_UTF8: Final = _("This is not UTF-8 text: save it as UTF-8.")


class ImportForm(forms.Form):
    """A file as it was uploaded, or its text; the page that answers carries the text.

    A valid form has `content` (bytes) and `format`; a workbook is carried in Base64. `encoding` is
    what a file was found to be written in, blank for what needs no word.
    """

    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_(
            "A spreadsheet (XLSX or CSV), or what an export writes (JSON, YAML), up to 1 MB and 5,000 "
            "rows."
        ),
        widget=forms.FileInput,
    )
    text = forms.CharField(
        label=_("Or its text"),
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"class": "vLargeTextField", "rows": 12, "spellcheck": "false"}
        ),
    )
    format = forms.ChoiceField(label=_("Format"), required=False, choices=FORMATS)
    into = forms.CharField(
        label=_("Tenant"),
        required=False,
        max_length=63,
        help_text=_(
            "The slug of the tenant to which the origins belong: of a text, or of a table that does "
            "not name tenants."
        ),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    prune = forms.BooleanField(
        label=_("Remove what the file lacks"),
        required=False,
        help_text=_(
            "Only from lists that the file contains, and only for tenants that it names. Tenants are "
            "never removed."
        ),
    )
    accepted = forms.CharField(required=False, max_length=MAX_ACCEPTED, widget=forms.HiddenInput)

    content = b""
    encoding = ""

    def clean_accepted(self) -> frozenset[str]:
        """Return the corrections that were accepted, from one line each."""
        text: str = self.cleaned_data["accepted"]
        return frozenset(line.strip() for line in text.split("\n") if line.strip())

    def clean(self) -> None:
        """Find out what was sent, and in which format."""
        if self.errors:
            return
        given = self.cleaned_data
        upload, text = given["file"], _with_plain_ends(given["text"])
        if not (upload or text.strip()):
            self.add_error(None, _("Choose a file, or paste its text."))
            return
        try:
            if upload:
                text = self._read(upload)
            given["format"] = given["format"] or _guess(text)
            given["text"] = text
            self._check_text(given)
            self.content = _content(text, given["format"])
        except ValidationError as error:
            self.add_error("file" if upload else "text", error)

    def _check_text(self, given: dict[str, Any]) -> None:
        """Add the errors of what only goes, or never goes, with a text that somebody wrote."""
        if given["format"] == TEXT and not given["into"]:
            self.add_error("into", _("Enter the tenant to which these origins belong."))
        if given["format"] == TEXT and given["prune"]:
            self.add_error(
                "prune", _("A text does not list everything: nothing can be removed by it.")
            )

    def accept(self, correction: str) -> None:
        """Accept a correction, or all of them."""
        accepted = self.cleaned_data["accepted"] | {correction}
        is_long = sum(len(line) + 1 for line in accepted) > MAX_ACCEPTED
        self.cleaned_data["accepted"] = frozenset({ALL}) if ALL in accepted or is_long else accepted

    @property
    def entered(self) -> tuple[object, ...]:
        """What decides what a valid form would import."""
        given = self.cleaned_data
        accepted = sorted(given["accepted"])
        return given["text"], given["format"], given["into"], given["prune"], accepted

    def again(self, *, is_kept: bool = False) -> "ImportForm":
        """Return the form to be shown after a valid one.

        A text that `is_kept` is a table whose cells are mended in the page, and not in the text.
        """
        given = self.cleaned_data
        form = ImportForm(
            initial={**given, "file": None, "accepted": "\n".join(sorted(given["accepted"]))}
        )
        if given["format"] == WORKBOOK or is_kept:
            form.fields["text"].widget = forms.HiddenInput()
        return form

    def _read(self, upload: Any) -> str:
        """Return the text of a file, whose name counts more than what was chosen before."""
        if upload.size > MAX_SIZE:
            raise _too_long()
        given = self.cleaned_data
        given["format"] = SUFFIXES.get(PurePath(upload.name).suffix.lower()) or given["format"]
        content = upload.read()
        if given["format"] == WORKBOOK:
            return base64.b64encode(content).decode()
        text, encoding = _decoded(content)
        if encoding == WINDOWS and (given["format"] or _guess(text)) != "csv":
            raise ValidationError(_NOT_UTF8)
        self.encoding = encoding if encoding == WINDOWS else ""
        return _with_plain_ends(text)


def _content(text: str, name: str) -> bytes:
    content = text.encode()
    if name == WORKBOOK:
        try:
            content = base64.b64decode(content, validate=True)
        except binascii.Error:
            raise ValidationError(_("A workbook cannot be pasted: choose its file.")) from None
        if len(content) <= MAX_SIZE and _is_heavy(content):
            raise ValidationError(
                _("This workbook is too large for a page. Import it with manage.py cors_import.")
            )
    if len(content) > MAX_SIZE:
        raise _too_long()
    return content


def _is_heavy(workbook: bytes) -> bool:
    try:
        measure_workbook(workbook, PAGE)
    except LargeWorkbookError:
        return True
    except BrokenTextError:
        # The page says what is wrong, as of every file.
        return False
    return False


def _decoded(content: bytes) -> tuple[str, str]:
    try:
        text, encoding = read_text_of(content)
    except BrokenTextError:
        text, encoding = "\0", ""
    if "\0" in text:
        raise ValidationError(_NOT_UTF8)
    return text, encoding


def _with_plain_ends(text: str) -> str:
    """Return a text as it will be whatever a browser makes of its line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _guess(text: str) -> str:
    if text.strip("\ufeff \t\n").startswith(("{", "[")):
        return "json"
    return "csv" if looks_like_csv(text) else "yaml"


def _too_long() -> ValidationError:
    return ValidationError(
        _("This is longer than 1 MB. Import it with the command manage.py cors_import.")
    )
