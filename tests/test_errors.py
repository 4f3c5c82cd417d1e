"""The errors: one tree, each of whose classes survives pickling and copying, and shows no secret."""

from __future__ import annotations

import copy
import json
import pickle
import re
import sys
import traceback
from collections.abc import Callable
from typing import Final

import pytest

import invite_sdk
from invite_sdk import (
    AlreadyInvitedError,
    APIError,
    InvalidArgumentError,
    Invitation,
    InviteError,
    OutcomeUnknownError,
    ResponseParseError,
    Status,
    TimeoutError,  # noqa: A004 - ours
    ValidationError,
)
from invite_sdk._errors import tree as _errors

KEY: Final = "abcdefgh12345678"
INVITATION: Final = Invitation(
    service="enhance", id=KEY, status=Status.PENDING, email="ann@example.org", url=f"https://p.example/invites/{KEY}"
)


def full(cls: type[InviteError]) -> InviteError:
    """An error of a class with every attribute set."""
    error: InviteError
    if issubclass(cls, APIError):
        error = cls(
            "409 There is one.",
            status=409,
            messages=("There is one.",),
            field_errors={"email": ("taken", "gone")},
            code="already_exists",
            body='{"detail": "There is one."}',
            retry_after=12.5,
        )
        assert isinstance(error, APIError)
        error.headers = {"content-type": "application/json"}
        if isinstance(error, AlreadyInvitedError):
            error.existing = INVITATION
    elif issubclass(cls, OutcomeUnknownError):
        error = cls("the answer was lost", known="it was sent", advice="list what is open")
    elif issubclass(cls, ResponseParseError):
        error = cls("it could not be read", status=200, body=b"\xff<html>")
    else:
        error = cls("it does not work")
    error.service, error.operation, error.request_id, error.attempts = "enhance", "create", "req-1", 3
    return error


CLASSES: Final[list[type[InviteError]]] = [
    getattr(invite_sdk, name) for name in invite_sdk.__all__ if name.endswith("Error")
]
COPIES: Final[list[Callable[[InviteError], InviteError]]] = [
    *(
        (lambda error, protocol=protocol: pickle.loads(pickle.dumps(error, protocol)))
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    ),
    copy.copy,
    copy.deepcopy,
]


def test_every_class_is_public() -> None:
    assert set(CLASSES) == {InviteError, *subclasses(InviteError)}


@pytest.mark.parametrize("copied", COPIES)
@pytest.mark.parametrize("cls", CLASSES)
def test_an_error_is_the_same_after_a_journey(
    cls: type[InviteError], copied: Callable[[InviteError], InviteError]
) -> None:
    error = full(cls)
    error.add_note("seen on the way")
    other = copied(error)

    assert type(other) is cls
    assert other is not error
    assert other.args == error.args
    assert str(other) == str(error)
    assert vars(other) == vars(error)
    assert set(vars(other)) >= {"service", "operation", "request_id", "attempts", "message"}
    assert other.__notes__ == ["seen on the way"]


@pytest.mark.parametrize("cls", CLASSES)
def test_an_error_can_be_rebuilt_from_its_class_and_arguments(cls: type[InviteError]) -> None:
    """As Celery does it in JSON: by the module's and the class's name."""
    error = full(cls)
    said = json.loads(json.dumps({"module": cls.__module__, "type": cls.__name__, "args": error.args}))
    other = getattr(sys.modules[said["module"]], said["type"])(*said["args"])

    assert type(other) is cls
    assert other.args == error.args
    assert other.message == str(other) == error.message
    assert not isinstance(other, (APIError, ResponseParseError)) or other.status == 0
    again = pickle.loads(pickle.dumps(other))
    assert (type(again), vars(again), str(again)) == (cls, vars(other), str(other))


@pytest.mark.parametrize("cls", CLASSES)
def test_an_error_that_knows_nothing_more_travels_too(cls: type[InviteError]) -> None:
    bare = cls("no")
    other = pickle.loads(pickle.dumps(bare))
    assert (other.service, other.operation, other.request_id, other.attempts) == (None, None, None, 0)
    assert str(other) == "no"
    assert not isinstance(other, AlreadyInvitedError) or other.existing is None


@pytest.mark.parametrize("cls", CLASSES)
def test_the_text_is_one_line_that_says_where_and_what(cls: type[InviteError]) -> None:
    error = full(cls)
    advice = "; list what is open" if cls is OutcomeUnknownError else ""
    assert str(error) == f"enhance create: {error.args[0]}{advice}"
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("service", "operation", "text"),
    [
        (None, None, "no"),
        ("waldur", None, "waldur: no"),
        (None, "get", "get: no"),
        ("waldur", "get", "waldur get: no"),
    ],
)
def test_what_is_not_known_is_not_said(service: str | None, operation: str | None, text: str) -> None:
    error = InviteError("no")
    error.service, error.operation = service, operation
    assert str(error) == text


@pytest.mark.parametrize("cls", CLASSES)
def test_no_error_shows_the_invitation_key_or_the_body(cls: type[InviteError]) -> None:
    error = full(cls)
    shown = [str(error), repr(error), "".join(traceback.format_exception(error))]
    for text in shown:
        assert "abcdefgh" not in text
        assert "<html>" not in text
        assert "application/json" not in text


def test_of_an_answer_that_cannot_be_read_a_bounded_part_is_kept() -> None:
    error = ResponseParseError("x", status=200, body=b"a" * 1_000_000)
    assert error.body == b"a" * 16_384
    assert len(repr(error)) < 100


def test_field_errors_are_the_errors_own() -> None:
    given = {"email": ("wrong",)}
    error = ValidationError("x", status=400, field_errors=given)
    given.clear()
    assert error.field_errors == {"email": ("wrong",)}
    assert ValidationError("x", status=400).field_errors == {}


def test_python_knows_a_wrong_argument_as_a_value_error() -> None:
    assert issubclass(InvalidArgumentError, ValueError)
    assert not issubclass(TimeoutError, OSError)


def subclasses(cls: type[InviteError]) -> set[type[InviteError]]:
    return {
        found
        for child in cls.__subclasses__()
        if child.__module__.startswith("invite_sdk.")
        for found in (child, *subclasses(child))
    }


def drawn_tree() -> dict[str, str | None]:
    """Each class in the module's drawing with the class that it hangs on."""
    drawing = (_errors.__doc__ or "").partition("```")[2].partition("```")[0]
    parents: dict[str, str | None] = {}
    branch: list[str] = []
    for line in drawing.strip().splitlines():
        found = re.match(r"([│├└ ]*)(\w+)", line)
        assert found is not None, line
        depth = len(found[1]) // 2
        assert len(found[1]) % 2 == 0, line
        branch = branch[:depth]
        assert len(branch) == depth, line
        parents[found[2]] = branch[-1] if branch else None
        branch.append(found[2])
    return parents


def test_the_tree_in_the_docstring_is_the_real_one() -> None:
    real = {
        cls.__name__: next((base.__name__ for base in cls.__bases__ if issubclass(base, InviteError)), None)
        for cls in CLASSES
    }
    assert drawn_tree() == real


@pytest.mark.parametrize("cls", CLASSES)
def test_every_class_says_what_it_means(cls: type[InviteError]) -> None:
    assert cls.__doc__
    assert cls.__doc__ != cls.__bases__[0].__doc__
