"""Rows of a list: who is the same person, what contradicts, and the texts that journals keep."""

from __future__ import annotations

import copy
import hashlib
import pickle
from dataclasses import replace
from typing import Any, cast

import pytest

from invite_sdk import InvalidArgumentError, Scope
from invite_sdk.roster.rows import RosterError, Row, RowProblem, checked, fingerprint, refused, row_key

DASHED = "3FA85F64-5717-4562-B3FC-2C963F66AFA6"
PLAIN = "3fa85f6457174562b3fc2c963f66afa6"
NINA = Row("nina@example.org", "admin", line=2)


@pytest.mark.parametrize(
    ("row", "key"),
    [
        (NINA, '[null, "nina@example.org", null, null]'),
        (Row("Nina@Example.ORG", "admin", client="eu"), '["eu", "nina@example.org", null, null]'),
        (Row("nina@example.org", "admin", organization=DASHED), f'[null, "nina@example.org", "{PLAIN}", null]'),
        (Row("nina@example.org", "admin", organization="Acme"), '[null, "nina@example.org", "Acme", null]'),
        (
            Row("nina@example.org", "admin", scope=Scope("project", "apollo", DASHED)),
            f'[null, "nina@example.org", null, ["project", "apollo", "{PLAIN}"]]',
        ),
        (
            Row("nina@example.org", "admin", scope=Scope("project", DASHED, "Acme")),
            f'[null, "nina@example.org", null, ["project", "{PLAIN}", null]]',
        ),
        (
            Row("nina@example.org", "admin", scope="https://w.example/api/projects/1/"),
            '[null, "nina@example.org", null, "https://w.example/api/projects/1/"]',
        ),
        (Row("\u00fcber@example.org", "admin"), '[null, "\\u00fcber@example.org", null, null]'),
    ],
)
def test_the_key_of_a_row_never_changes_since_journals_keep_it(row: Row, key: str) -> None:
    assert row_key(row) == key


def test_the_key_says_who_is_invited_into_what_and_not_how() -> None:
    other = replace(NINA, role="viewer", name="Nina", message="Hello", extra={"a": 1}, line=9)
    assert row_key(other) == row_key(NINA)


def test_the_fingerprint_of_a_list_never_changes_since_journals_keep_it() -> None:
    rows = [NINA, Row("bob@example.org", ("viewer", "Admin"), extra={"b": 1, "a": [None]})]
    said = (
        r'["[null, \"bob@example.org\", null, null]", ["admin", "viewer"], null, null, {"a": [null], "b": 1}]'
        "\n"
        r'["[null, \"nina@example.org\", null, null]", ["admin"], null, null, {}]'
    )
    assert fingerprint(rows) == hashlib.sha256(said.encode()).hexdigest()


def test_the_order_the_lines_and_the_spelling_make_no_other_list() -> None:
    bob = Row("bob@example.org", ("viewer", "admin"), organization=PLAIN, extra={"a": 1, "b": 2}, line=3)
    again = Row("BOB@example.org", ("Admin", "viewer"), organization=DASHED, extra={"b": 2, "a": 1}, line=7)
    assert fingerprint([NINA, bob]) == fingerprint([again, NINA])


@pytest.mark.parametrize(
    "other",
    [
        {"email": "nina@example.com"},
        {"role": "viewer"},
        {"role": ("admin", "viewer")},
        {"organization": "Acme"},
        {"scope": Scope("project", "apollo")},
        {"name": "Nina"},
        {"message": "Hello"},
        {"extra": {"a": 1}},
        {"client": "eu"},
    ],
)
def test_whatever_a_row_says_otherwise_makes_another_list(other: dict[str, Any]) -> None:
    assert fingerprint([replace(NINA, **other)]) != fingerprint([NINA])


@pytest.mark.parametrize(
    "again",
    [
        NINA,
        replace(NINA, email="NINA@example.org"),
        replace(NINA, role="Admin"),
        replace(NINA, role=("admin",)),
    ],
)
def test_a_person_who_is_listed_twice_is_invited_once(again: Row) -> None:
    found = checked([NINA, replace(again, line=5), replace(again, line=9)])
    assert found.rows == (NINA,)
    assert found.duplicates == {5: 2, 9: 2}


@pytest.mark.parametrize(
    "other",
    [
        {"email": "bob@example.org"},
        {"organization": "Acme"},
        {"scope": Scope("project", "apollo")},
        {"client": "eu"},
    ],
)
def test_another_person_or_another_place_is_another_row(other: dict[str, Any]) -> None:
    rows = [NINA, replace(NINA, line=3, **other)]
    found = checked(rows)
    assert found.rows == tuple(rows)
    assert found.duplicates == {}


def test_what_only_a_later_line_says_is_added_to_the_first() -> None:
    more = [
        replace(NINA, line=3, name="Nina", extra={"a": 1}),
        replace(NINA, line=4, message="Hello", extra={"b": 2}),
        replace(NINA, line=5, name="Nina", extra={"b": 2}),
    ]
    found = checked([NINA, *more])
    assert found.rows == (replace(NINA, name="Nina", message="Hello", extra={"a": 1, "b": 2}),)
    assert found.duplicates == {3: 2, 4: 2, 5: 2}


@pytest.mark.parametrize(
    ("first", "second", "column"),
    [
        ({}, {"role": "viewer"}, "role"),
        ({}, {"role": ("admin", "viewer")}, "role"),
        ({"name": "Nina"}, {"name": "nina"}, "name"),
        ({"message": "Hello"}, {"message": "Welcome"}, "message"),
        ({"extra": {"a": 1}}, {"extra": {"a": 2}}, "extra.a"),
    ],
)
def test_lines_that_contradict_each_other_are_refused_and_both_named(
    first: dict[str, Any], second: dict[str, Any], column: str
) -> None:
    with pytest.raises(RosterError, match="line 2") as caught:
        checked([replace(NINA, **first), replace(NINA, line=7, email="Nina@example.org", **second)])
    assert [(problem.line, problem.column) for problem in caught.value.problems] == [(7, column)]


def test_a_third_line_is_held_against_what_the_second_added() -> None:
    with pytest.raises(RosterError) as caught:
        checked([NINA, replace(NINA, line=3, name="Nina"), replace(NINA, line=4, name="Nora")])
    assert [(problem.line, problem.column) for problem in caught.value.problems] == [(4, "name")]


def test_what_was_wrong_before_is_told_together_with_what_contradicts() -> None:
    known = RowProblem(9, "email", "bad"), RowProblem(1, None, "worse")
    with pytest.raises(RosterError, match="our people has 3 problems") as caught:
        checked([NINA, replace(NINA, role="viewer", line=4)], known, name="our people")
    assert [problem.line for problem in caught.value.problems] == [1, 4, 9]


def test_an_empty_list_is_refused() -> None:
    with pytest.raises(RosterError, match="it has no rows"):
        checked([])


def test_the_message_tells_ten_problems_and_how_many_more_there_are() -> None:
    error = refused([RowProblem(line, "role", "missing") for line in range(12, 0, -1)])
    lines = str(error).splitlines()
    assert lines[0] == "the list has 12 problems; nothing was sent"
    assert lines[1:] == [*(f"line {line}, role: missing" for line in range(1, 11)), "and 2 more"]
    assert len(error.problems) == 12


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (RowProblem(4, "role", "missing"), "line 4, role: missing"),
        (RowProblem(4, None, "has 3 cells"), "line 4: has 3 cells"),
        (RowProblem(0, "role", "must be text"), "role: must be text"),
        (RowProblem(0, None, "empty"), "empty"),
    ],
)
def test_a_problem_says_where_it_is(problem: RowProblem, text: str) -> None:
    assert str(problem) == text


@pytest.mark.parametrize("journey", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])
def test_an_error_keeps_its_problems_on_a_journey(journey: Any) -> None:
    error = refused([RowProblem(4, "role", "missing")])
    other = journey(error)
    assert (type(other), str(other), other.problems) == (RosterError, str(error), (RowProblem(4, "role", "missing"),))


def test_an_error_can_be_rebuilt_from_its_message_and_is_an_invalid_argument() -> None:
    error = RosterError(*refused([RowProblem(4, "role", "missing")]).args)
    assert error.problems == ()
    assert isinstance(error, InvalidArgumentError)


def test_rows_are_values_and_can_be_members_of_a_set() -> None:
    one, other = (Row("nina@example.org", "admin", extra={"a": [1]}) for _ in range(2))
    assert one == other
    assert len({one, other}) == 1
    assert pickle.loads(pickle.dumps(one)) == one
    with pytest.raises(AttributeError):
        cast("Any", one).email = "bob@example.org"
