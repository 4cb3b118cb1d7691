"""Whether a workbook is one, and how much it holds, before anything is made of it."""

import io
import zipfile
from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from corsadmin.transfer.formats.bounds import Bounds
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.markup import Markup

MAX_FILE: Final = 50_000_000
MAX_MEMBERS: Final = 10_000  # zipfile makes an object of each
_MEMBER: Final = b"PK\x01\x02"
_PIECE: Final = 1 << 16


class LargeWorkbookError(BrokenTextError):
    """A workbook holds more than its bounds allow; it may be sound."""


def measure_workbook(content: bytes, bounds: Bounds) -> Mapping[str, int]:
    """Return how many tags each part of a workbook has at most.

    Raises BrokenTextError for what is not a workbook, LargeWorkbookError for one that unpacks to
    too much.
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
    # What is wrong inside shows as errors of zipfile, zlib and others.
    except Exception:  # noqa: BLE001
        raise BrokenTextError("", _("it is not a workbook")) from None


def check_frame(tags: int, bounds: Bounds) -> None:
    """Raise LargeWorkbookError for a part without cells that has so many tags."""
    if tags > bounds.frame_tags:
        raise LargeWorkbookError("", _("the workbook holds too many styles or sheets; use CSV"))


def _measure(archive: zipfile.ZipFile, bounds: Bounds) -> dict[str, int]:
    members = archive.infolist()
    # zipfile never unpacks more of a member than what it declares.
    if sum(member.file_size for member in members) > bounds.unpacked:
        reason = _("the workbook unpacks to more than %(size)d MB; use CSV for more")
        raise LargeWorkbookError("", reason % {"size": bounds.unpacked // 1_000_000})
    found: dict[str, int] = {}
    tags = attributes = 0
    for member in members:
        markup = _read(archive, member)
        tags += markup.tags
        attributes += markup.attributes
        # Of two with one name the last one counts, and the others are not read again.
        found[member.filename] = markup.tags
    if tags > bounds.tags or attributes > bounds.attributes:
        raise LargeWorkbookError("", _("the workbook holds too many cells; use CSV for more"))
    return found


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Markup:
    found = Markup()
    with archive.open(member) as file:
        while piece := file.read(_PIECE):
            found.take(piece)
    return found
