"""How Waldur reads a request's body and checks its fields, with its messages."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final, cast

from invite_sdk.testing.base.wire import is_email, media_type, read_form, read_json
from invite_sdk.testing.messages import FakeRequest
from invite_sdk.testing.waldur.model import Scope, WaldurRole, WaldurUser
from invite_sdk.testing.waldur.wire import Problem, detail
from invite_sdk.testing.waldur.world import World, hex_of

REQUIRED: Final = "This field is required."
NULL: Final = "This field may not be null."
MISMATCH: Final = "Role and scope should belong to the same content type."
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")

MAX_LENGTHS: Final = {
    "full_name": 100,
    "native_name": 100,
    "tax_number": 50,
    "phone_number": 255,
    "organization": 255,
    "job_title": 120,
    "email": 254,
    "civil_number": 50,
    "extra_invitation_text": 250,
}
"""Every text field in the order in which its errors are told."""


def read_body(request: FakeRequest) -> object:
    """The value in a body; an empty object where there is none.

    Raises:
        Problem: 415 for another media type, 400 for broken JSON.
    """
    if not request.body:
        return {}
    kind = media_type(request)
    if kind in _FORMS:
        return read_form(request)
    if kind != "application/json":
        raise detail(415, f'Unsupported media type "{request.header("Content-Type") or ""}" in request.')
    try:
        return read_json(request.body)
    except ValueError as error:
        raise detail(400, f"JSON parse error - {error}") from None


def read_object(request: FakeRequest) -> dict[str, object]:
    """The fields in a body.

    Raises:
        Problem: as `read_body`, and 400 for a value that is no object.
    """
    value = read_body(request)
    if not isinstance(value, dict):
        text = f"Invalid data. Expected a dictionary, but got {type(value).__name__}."
        raise Problem(400, {"non_field_errors": [text]})
    return cast("dict[str, object]", value)


def text_errors(name: str, value: object) -> list[str]:
    """What is wrong with the value of a text field."""
    if value is None:
        return [NULL]
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ["Not a valid string."]
    text = str(value).strip()
    if not text and name == "email":
        return ["This field may not be blank."]
    errors: list[str] = []
    if len(text) > MAX_LENGTHS[name]:
        errors.append(f"Ensure this field has no more than {MAX_LENGTHS[name]} characters.")
    if "\x00" in text:
        errors.append("Null characters are not allowed.")
    if half := _SURROGATE.search(text):
        errors.append(f"Surrogate characters are not allowed: U+{ord(half[0]):X}.")
    if name == "email" and not is_email(text):
        errors.append("Enter a valid email address.")
    return errors


@dataclass
class Form:
    """The checked fields of a create or update request, and what is wrong with the others."""

    errors: dict[str, list[str]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    role: WaldurRole | None = None
    scope: Scope | None = None

    def refuse(self) -> None:
        """Answers 400 where something is wrong.

        Raises:
            Problem: there are errors.
        """
        if self.errors:
            raise Problem(400, self.errors)

    def take_role(self, data: dict[str, object], world: World, *, required: bool) -> None:
        """Reads `role`: the UUID of an active role, in any notation."""
        if "role" not in data:
            if required:
                self.errors["role"] = [REQUIRED]
            return
        value = data["role"]
        if value is None or value == "":
            self.errors["role"] = [NULL]
            return
        if isinstance(value, bool | dict | list):
            self.errors["role"] = ["Invalid value."]
            return
        role = world.roles.get(hex_of(value))
        if role is None or not role.is_active:
            self.errors["role"] = [f"Object with uuid={value} does not exist."]
        else:
            self.role = role

    def take_scope(self, data: dict[str, object], world: World, user: WaldurUser) -> None:
        """Reads `scope`: a URL. An empty one passes here and fails later, beside the role."""
        if "scope" not in data:
            self.errors["scope"] = [REQUIRED]
        elif data["scope"] is None:
            self.errors["scope"] = [NULL]
        elif data["scope"] != "":
            try:
                self.scope = world.resolve(data["scope"], user)
            except ValueError as error:
                self.errors["scope"] = [str(error)]

    def take_texts(self, data: dict[str, object], names: Collection[str], *, require_email: bool) -> None:
        """Reads the text fields among `names`, in the server's order."""
        for name in MAX_LENGTHS:
            if name not in names:
                continue
            if name not in data:
                if name == "email" and require_email:
                    self.errors[name] = [REQUIRED]
                continue
            if errors := text_errors(name, data[name]):
                self.errors[name] = errors
            else:
                self.texts[name] = str(data[name]).strip()
