"""Check that a file is a workbook, and how much it contains, before a parser reads it."""

import io
import zipfile
from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from corsadmin.transfer.formats.bounds import Bounds
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.markup import Markup

MAX_FILE: Final = 50_000_000
MAX_MEMBERS: Final = 10_000  # zipfile creates an object for each
_MEMBER: Final = b"PK\x01\x02"
_PIECE: Final = 1 << 16


class LargeWorkbookError(BrokenTextError):
    """A workbook exceeds its bounds, but may be valid."""


def measure_workbook(content: bytes, bounds: Bounds) -> Mapping[str, int]:
    """Return an upper bound of the tags in each part of a workbook, by the part's name.

    Raises BrokenTextError for a file that is not a workbook, and LargeWorkbookError for a workbook
    that exceeds its bounds.
    """
    if len(content) > MAX_FILE:
        raise LargeWorkbookError("", _("a workbook may have at most 50 MB; use CSV for more"))
    if content.count(_MEMBER) > MAX_MEMBERS:
        raise BrokenTextError("", _("it is not a workbook"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _measure(archive, bounds)
    except BrokenTextError:
        raise
    # Damage inside shows as errors of zipfile, zlib and others.
    except Exception:  # noqa: BLE001
        raise BrokenTextError("", _("it is not a workbook")) from None


def check_frame(tags: int, bounds: Bounds) -> None:
    """Raise LargeWorkbookError if a part without cells has more tags than allowed."""
    if tags > bounds.frame_tags:
        raise LargeWorkbookError("", _("the workbook contains too many styles or sheets; use CSV"))


def _measure(archive: zipfile.ZipFile, bounds: Bounds) -> dict[str, int]:
    members = archive.infolist()
    # zipfile never unpacks more of a member than it declares.
    if sum(member.file_size for member in members) > bounds.unpacked:
        reason = _("the workbook unpacks to more than %(size)d MB; use CSV for more")
        raise LargeWorkbookError("", reason % {"size": bounds.unpacked // 1_000_000})
    found: dict[str, int] = {}
    tags = attributes = 0
    for member in members:
        markup = _read(archive, member)
        tags += markup.tags
        attributes += markup.attributes
        # Of members with the same name, parsers read the last one.
        found[member.filename] = markup.tags
    if tags > bounds.tags or attributes > bounds.attributes:
        raise LargeWorkbookError("", _("the workbook contains too many cells; use CSV for more"))
    return found


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Markup:
    found = Markup()
    with archive.open(member) as file:
        while piece := file.read(_PIECE):
            found.take(piece)
    return found
