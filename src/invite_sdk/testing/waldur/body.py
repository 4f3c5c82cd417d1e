"""How Waldur checks the fields of a body, with its messages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from invite_sdk.testing.base import drf
from invite_sdk.testing.waldur.model import Scope, WaldurRole, WaldurUser
from invite_sdk.testing.waldur.wire import Problem
from invite_sdk.testing.waldur.world import World, hex_of

MISMATCH: Final = "Role and scope should belong to the same content type."

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
                self.errors["role"] = [drf.REQUIRED]
            return
        value = data["role"]
        if value is None or value == "":
            self.errors["role"] = [drf.NULL]
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
            self.errors["scope"] = [drf.REQUIRED]
        elif data["scope"] is None:
            self.errors["scope"] = [drf.NULL]
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
                    self.errors[name] = [drf.REQUIRED]
                continue
            if errors := drf.text_errors(data[name], MAX_LENGTHS[name], email=name == "email"):
                self.errors[name] = errors
            else:
                self.texts[name] = drf.text_of(data[name])
