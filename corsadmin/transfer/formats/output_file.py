"""Save a file that only its owner may read, without overwriting another one by accident."""

import errno
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

PRIVATE = 0o600


def save(path: Path, pieces: Iterable[str | bytes], *, force: bool = False) -> None:
    """Write pieces to a file of mode 0600.

    Raises FileExistsError if the file exists, unless `force` is set; the old file then stays intact
    until the new one is complete. Raises OSError if the file cannot be written. Leaves nothing behind
    if it fails.
    """
    if not force and (path.exists() or path.is_symlink()):
        raise FileExistsError(path)
    if path.exists() and not path.is_file():
        # Never replace a device, which other programs need.
        raise OSError(errno.EINVAL, "it is not a file", str(path))
    # mkstemp creates a file of mode 0600 under an unused name.
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            for piece in pieces:
                # Half of a character, which only a rejected row can hold, becomes an escape as in JSON.
                file.write(
                    piece.encode(errors="backslashreplace") if isinstance(piece, str) else piece
                )
        if force:
            unfinished.replace(path)
        else:
            # Unlike a rename, a link fails if somebody else has created the file by now.
            path.hardlink_to(unfinished)
    finally:
        unfinished.unlink(missing_ok=True)
