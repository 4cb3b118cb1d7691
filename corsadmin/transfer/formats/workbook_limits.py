"""Whether a workbook is one, and how much it holds, before anything is made of it."""

import io
import zipfile
from typing import Final

from django.utils.translation import gettext as _

from corsadmin.transfer.formats.document_source import BrokenTextError

MAX_FILE: Final = 50_000_000
MAX_UNPACKED: Final = 200_000_000  # zipfile never unpacks more than what it declares
# Openpyxl makes an object of each element, so a few bytes cost a hundred and some microseconds.
# A cell is up to three elements, with a tag at either end.
MAX_TAGS: Final = 6_000_000
MAX_MEMBERS: Final = 10_000  # zipfile makes an object of each
_MEMBER: Final = b"PK\x01\x02"
_PIECE: Final = 1 << 20


def check_workbook(content: bytes) -> None:
    """Raise BrokenTextError for what is no workbook, or unpacks to too much."""
    if len(content) > MAX_FILE:
        raise BrokenTextError("", _("a workbook may have 50 MB; use CSV for more"))
    if count_tags(content) > MAX_TAGS:
        raise BrokenTextError("", _("the workbook holds too many cells; use CSV for more"))


def count_tags(content: bytes) -> int:
    """Return how many tags the XML of a workbook has at most. Raises BrokenTextError."""
    if content.count(_MEMBER) > MAX_MEMBERS:
        raise BrokenTextError("", _("it is no workbook"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > MAX_UNPACKED:
                reason = _("the workbook unpacks to more than 200 MB; use CSV for more")
                raise BrokenTextError("", reason)
            return sum(_count(archive, member) for member in members)
    except BrokenTextError:
        raise
    # What is wrong inside shows as errors of zipfile, zlib and others.
    except Exception:  # noqa: BLE001
        raise BrokenTextError("", _("it is no workbook")) from None


def _count(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    found = 0
    with archive.open(member) as file:
        while piece := file.read(_PIECE):
            # Of UTF-16 too: one byte of two is this one.
            found += piece.count(b"<")
    return found
