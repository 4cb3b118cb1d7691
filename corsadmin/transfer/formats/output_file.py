"""Save a file that only its owner may read, and never over another one by accident."""

import errno
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

PRIVATE = 0o600


def save(path: Path, pieces: Iterable[str | bytes], *, force: bool = False) -> None:
    """Write pieces to a file of mode 0600.

    Raises FileExistsError when the file exists, unless `force`; with it the old file stays whole
    until the new one is. Raises OSError when it cannot be written. Leaves nothing behind when it
    fails.
    """
    if not force and (path.exists() or path.is_symlink()):
        raise FileExistsError(path)
    if path.exists() and not path.is_file():
        # A device, for example, which everybody would lose.
        raise OSError(errno.EINVAL, "it is not a file", str(path))
    # mkstemp makes a file of mode 0600, under a name that is new.
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            for piece in pieces:
                file.write(piece.encode() if isinstance(piece, str) else piece)
        if force:
            unfinished.replace(path)
        else:
            # Unlike a rename, a link fails when somebody was quicker.
            path.hardlink_to(unfinished)
    finally:
        unfinished.unlink(missing_ok=True)
