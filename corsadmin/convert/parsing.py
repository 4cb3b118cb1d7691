"""Read a JSON document of another program, or say why not."""

import json

from corsadmin.transfer.formats.document_source import BrokenTextError


def load_json(text: str) -> object:
    """Return the value of a JSON text. Raises BrokenTextError."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BrokenTextError("", f"it is not JSON ({error})") from None
