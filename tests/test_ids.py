"""Ids: what may be one, what could address something else, and when two are the same."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invite_clients._runtime import segment
from invite_sdk import InvalidArgumentError
from invite_sdk._model.ids import canonical_id, forms_of, is_uuid, same_id
from invite_sdk.services.ids import require_segment, require_uuid

HEX = "b91ff318ad0d47c7b606aa332478155a"
DASHED = "b91ff318-ad0d-47c7-b606-aa332478155a"


@pytest.mark.parametrize("text", [HEX, DASHED, HEX.upper(), DASHED.upper(), "0" * 32])
def test_a_uuid_is_taken_in_either_form_and_any_case(text: str) -> None:
    assert is_uuid(text)
    assert require_uuid("id", text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc123",
        HEX[:-1],
        HEX + "0",
        HEX + "\n",
        " " + HEX,
        "g" * 32,
        DASHED.replace("-", "", 1),
        "b91ff318-ad0d47c7b606aa332478155a",
        "b91ff318-ad0d-47c7-b606aa33-2478155a",
        "{" + DASHED + "}",
        "urn:uuid:" + DASHED,
        "١" * 32,
        ".",
        "..",
        f"{HEX}/cancel",
    ],
)
def test_anything_else_is_no_uuid(text: str) -> None:
    assert not is_uuid(text)
    with pytest.raises(InvalidArgumentError, match="id must be a UUID"):
        require_uuid("id", text)


@pytest.mark.parametrize("value", [None, 7, b"0" * 32, [HEX]])
def test_what_is_no_text_is_no_id(value: object) -> None:
    with pytest.raises(InvalidArgumentError, match=type(value).__name__):
        require_uuid("id", value)
    with pytest.raises(InvalidArgumentError, match=type(value).__name__):
        require_segment("id", value)


@pytest.mark.parametrize("require", [require_uuid, require_segment])
def test_the_refusal_does_not_repeat_the_value(require: Callable[[str, object], str]) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        require("id", "sEcr3t/../key")
    assert "Ecr3t" not in str(raised.value)


@pytest.mark.parametrize("text", ["a", "Zk3vQ9sT1yLm7Rw2", "a.b:c", "...", "a..b", "~", "ключ", HEX, "x" * 512])
def test_a_key_is_one_segment(text: str) -> None:
    assert require_segment("id", text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "a/b",
        "/a",
        "a/",
        "../orgs",
        "a\\b",
        "%2e%2e",
        "a%2Fb",
        "a?b",
        "a#b",
        "a b",
        " a",
        "a\n",
        "a\t",
        "a\x00b",
        "a\x7f",
        "a\x85",
        "a\u2028",
        "a\ud800",
        "x" * 513,
    ],
)
def test_what_could_address_something_else_is_no_segment(text: str) -> None:
    with pytest.raises(InvalidArgumentError, match="id must be one path segment"):
        require_segment("id", text)


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(st.text(st.characters(exclude_categories=()), max_size=12))
def test_whatever_is_let_through_stays_one_segment_of_a_path(text: str) -> None:
    try:
        key = require_segment("id", text)
    except InvalidArgumentError:
        return
    path = f"/invites/{segment('id', key)}/validate"
    assert urlsplit(f"https://host.example{path}").path == path
    assert path.count("/") == 3
    assert path.isascii()


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (None, None),
        ("", ""),
        (HEX, HEX),
        (DASHED, HEX),
        (DASHED.upper(), HEX),
        ("Zk3vQ9sT1yLm7Rw2", "Zk3vQ9sT1yLm7Rw2"),
        ("G" * 32, "G" * 32),
        ("x" * 36, "x" * 36),
    ],
)
def test_only_uuids_are_brought_to_one_form(text: str | None, canonical: str | None) -> None:
    assert canonical_id(text) == canonical


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (HEX, DASHED, True),
        (HEX.upper(), HEX, True),
        ("key", "key", True),
        ("key", "KEY", False),
        (HEX, "0" * 32, False),
        (None, None, False),
        (None, HEX, False),
        (HEX, None, False),
    ],
)
def test_two_ids_mean_the_same(one: str | None, other: str | None, same: bool) -> None:
    assert same_id(one, other) is same


def test_an_id_is_known_in_every_form_that_a_server_may_write() -> None:
    every = {HEX, DASHED, HEX.upper(), DASHED.upper()}

    assert all(set(forms_of(form)) == every for form in every)
    assert set(forms_of("B91ff318ad0d47c7b606aa332478155a")) == {*every, "B91ff318ad0d47c7b606aa332478155a"}
    assert forms_of("42") == ("42",)
