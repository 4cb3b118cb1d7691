"""The form of the import page: a file or its text, how to import it, and accepted corrections."""

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
    ("", _("detect from the name or content")),
    ("json", "JSON"),
    ("yaml", "YAML"),
    ("csv", "CSV"),
    (WORKBOOK, "XLSX"),
    (TEXT, _("text, such as an e-mail")),
)
_NOT_UTF8: Final = _("This text is not UTF-8. Save it as UTF-8.")


class ImportForm(forms.Form):
    """An uploaded file or its text. The response carries the text to the next submission.

    A valid form has `content` (bytes) and `format`. The page carries a workbook as Base64. `encoding`
    is the detected encoding of a file, blank if the page need not mention it.
    """

    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_(
            "A spreadsheet (XLSX or CSV) or an export (JSON or YAML), with at most 1 MB and 5,000 "
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
            "The slug of the tenant that gets the origins. Needed for text, and for a table that "
            "does not name tenants."
        ),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    prune = forms.BooleanField(
        label=_("Remove rows that the file does not contain"),
        required=False,
        help_text=_(
            "Rows are removed only from lists that the file contains, and only for tenants that it "
            "names. Tenants are never removed."
        ),
    )
    accepted = forms.CharField(required=False, max_length=MAX_ACCEPTED, widget=forms.HiddenInput)

    content = b""
    encoding = ""

    def clean_accepted(self) -> frozenset[str]:
        """Return the accepted corrections, one per line."""
        text: str = self.cleaned_data["accepted"]
        return frozenset(line.strip() for line in text.split("\n") if line.strip())

    def clean(self) -> None:
        """Determine the content and its format."""
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

    def _check_text(self, given: dict[str, object]) -> None:
        """Add errors for options that plain text needs or does not allow."""
        if given["format"] == TEXT and not given["into"]:
            self.add_error("into", _("Enter the tenant that gets these origins."))
        if given["format"] == TEXT and given["prune"]:
            self.add_error(
                "prune", _("A text does not list all rows, so it cannot be used to remove any.")
            )

    def accept(self, correction: str) -> None:
        """Accept a correction, or all of them."""
        accepted = self.cleaned_data["accepted"] | {correction}
        is_long = sum(len(line) + 1 for line in accepted) > MAX_ACCEPTED
        self.cleaned_data["accepted"] = frozenset({ALL}) if ALL in accepted or is_long else accepted

    @property
    def entered(self) -> tuple[object, ...]:
        """The input that determines what a valid form imports."""
        given = self.cleaned_data
        accepted = sorted(given["accepted"])
        return given["text"], given["format"], given["into"], given["prune"], accepted

    def again(self, *, is_kept: bool = False) -> "ImportForm":
        """Return the form to show after a valid one.

        With `is_kept`, the text is a table whose cells are mended on the page, so it is hidden.
        """
        given = self.cleaned_data
        form = ImportForm(
            initial={**given, "file": None, "accepted": "\n".join(sorted(given["accepted"]))}
        )
        if given["format"] == WORKBOOK or is_kept:
            form.fields["text"].widget = forms.HiddenInput()
        return form

    def _read(self, upload: Any) -> str:
        """Return the text of a file. A format in its name overrides the chosen one."""
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
            raise ValidationError(_("A workbook cannot be pasted. Choose its file.")) from None
        if len(content) <= MAX_SIZE and _is_heavy(content):
            raise ValidationError(
                _("This workbook is too large for this page. Import it with manage.py cors_import.")
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
        # The page reports the error later, as for any broken file.
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
    """Return a text with plain line ends, since browsers change them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _guess(text: str) -> str:
    if text.strip("\ufeff \t\n").startswith(("{", "[")):
        return "json"
    return "csv" if looks_like_csv(text) else "yaml"


def _too_long() -> ValidationError:
    return ValidationError(
        _("The content is larger than 1 MB. Import it with manage.py cors_import.")
    )
