"""Problems as data: closed codes, short values, and errors that travel."""

import pickle

import pytest

from corsadmin.engine.problems import CODES, PolicyError, Problem


def test_codes_are_words_joined_by_hyphens() -> None:
    assert all(
        word.isascii() and word.isalpha() and word.islower()
        for code in CODES
        for word in code.split("-")
    )


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(ValueError, match="origin-odd"):
        Problem("pattern", "origin-odd", "x")


def test_a_long_value_is_shown_cut() -> None:
    problem = Problem("pattern", "origin-too-long", "é" * 300, "https://" + "a" * 300)

    assert problem.value == "é" * 256
    assert problem.suggestion == "https://" + "a" * 300


def test_an_error_carries_every_problem_and_names_it_in_one_line() -> None:
    problems = (Problem("path", "path-empty", ""), Problem("host", "host-unicode", "é\n"))

    error = PolicyError(problem for problem in problems)

    assert error.problems == problems
    assert str(error) == r"path: path-empty (''); host: host-unicode ('é\n')"


def test_an_error_survives_pickling_between_processes() -> None:
    error = PolicyError([Problem("path", "path-empty", "")])

    assert pickle.loads(pickle.dumps(error)).problems == error.problems
