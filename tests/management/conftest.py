"""Files for the tests of commands."""

import json

import pytest


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a document to a file and returns its path."""

    def write(content, name="policies.json"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write
