"""Files that the import page offers: a sample to start from, and the rejected rows."""

from collections.abc import Callable
from typing import Final

from django.http import HttpResponse

from corsadmin.admin.import_file.mending import rejects_csv
from corsadmin.admin.import_file.tables import PageTable
from corsadmin.admin.import_file.upload import Upload
from corsadmin.transfer.formats.sample import sample_csv, sample_xlsx

_CSV: Final = "text/csv; charset=utf-8"
SAMPLES: Final[dict[str, tuple[str, Callable[[], bytes]]]] = {
    "csv": (_CSV, sample_csv),
    "xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        sample_xlsx,
    ),
}


def sample_file(name: str) -> HttpResponse:
    """Return a sample in one of the formats in SAMPLES. Raises BrokenTextError."""
    content_type, make = SAMPLES[name]
    return _file(make(), f"origins-sample.{name}", content_type)


def rejects_file(upload: Upload, table: PageTable) -> HttpResponse:
    """Return the rejected rows of an uploaded table as a file. Raises TransferError."""
    with upload.planned() as made:
        text = rejects_csv(table, made.rejects)
    return _file(text.encode("utf-8-sig"), "origins-rejected.csv", _CSV)


def _file(content: bytes, name: str, content_type: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
