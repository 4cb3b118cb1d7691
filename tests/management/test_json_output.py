"""Reports as JSON: letters are read as they are, and nothing reaches the terminal that acts on it."""

import json

import pytest

from corsadmin.management.json_output import to_json


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param("münchen •", "münchen •", id="letters and signs"),
        pytest.param('say "so"\\', 'say \\"so\\"\\\\', id="what JSON escapes"),
        pytest.param("\x9b31m\x7f\x1b[0m", "\\u009b31m\\u007f\\u001b[0m", id="terminal codes"),
        pytest.param("a\u202eb\u2028", "a\\u202eb\\u2028", id="direction and line marks"),
        pytest.param("\ud800", "\\ud800", id="half a surrogate pair"),
        pytest.param("\U000e0001🙂", "\\udb40\\udc01🙂", id="a tag beside a face"),
    ],
)
def test_a_report_is_read_by_people_and_programs(value, written):
    text = to_json({"name": [value]})

    assert text == f'{{\n  "name": [\n    "{written}"\n  ]\n}}'
    assert json.loads(text) == {"name": [value]}
