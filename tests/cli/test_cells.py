"""Values as text that can neither move a terminal's cursor nor break a row."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invite_sdk import Status
from invite_sdk.cli.cells import cell, json_line, spreadsheet


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "true"),
        (7, "7"),
        (Status.PENDING, "pending"),
        (("Owner", "Sysadmin"), "Owner|Sysadmin"),
        ({"a": 1}, '{"a": 1}'),
        (datetime(2026, 1, 5, 9, tzinfo=UTC), "2026-01-05T09:00:00Z"),
        ("a\tb\nc", "a\\tb\\nc"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\u202eevil", "\\u202eevil"),
        ("\U000e0001", "\\U000e0001"),
        ("Zoë 山田\u3000太郎", "Zoë 山田\u3000太郎"),
    ],
)
def test_a_value_is_one_line_that_can_be_seen(value: object, shown: str) -> None:
    assert cell(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ('=HYPERLINK("https://evil.example")', '\'=HYPERLINK("https://evil.example")'),
        (" =1+1", "' =1+1"),
        ("+1", "'+1"),
        ("-id", "'-id"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\uff1d1", "'\uff1d1"),
        ("\t=1", "\\t=1"),
        ("\r=1", "\\r=1"),
        (("=1", "b"), "'=1|b"),
        (-5, "-5"),
        (None, ""),
        ("a=1", "a=1"),
        ("one\r\ntwo\x1b[31m\n", "one\ntwo\\x1b[31m\n"),
    ],
)
def test_no_cell_of_a_spreadsheet_is_a_formula(value: object, shown: str) -> None:
    assert spreadsheet(value) == shown


@given(st.text())
def test_any_text_is_one_line_and_comes_back_from_json(text: str) -> None:
    line = json_line({"name": text})

    assert all(char.isprintable() or category(char) == "Zs" for char in cell(text) + line)
    assert json.loads(line) == {"name": text}
