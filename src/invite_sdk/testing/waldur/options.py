"""What Waldur says of itself on OPTIONS."""

from __future__ import annotations

from typing import Final

from invite_sdk.testing.waldur.body import MAX_LENGTHS
from invite_sdk.testing.waldur.model import PROFILE_FIELDS, Era

_TYPES: Final = {
    "scope_uuid": "field",
    "scope_name": "field",
    "scope_description": "field",
    "scope_type": "field",
    "customer_uuid": "field",
    "customer_name": "field",
    "role_name": "field",
    "role_description": "field",
    "created_by_full_name": "field",
    "created_by_username": "field",
    "created_by_image": "field",
    "url": "field",
    "uuid": "string",
    "role": "field",
    "scope": "field",
    "created": "datetime",
    "expires": "datetime",
    "full_name": "string",
    "native_name": "string",
    "tax_number": "string",
    "phone_number": "string",
    "organization": "string",
    "job_title": "string",
    "email": "email",
    "civil_number": "string",
    "state": "choice",
    "error_message": "string",
    "extra_invitation_text": "string",
    "execution_state": "choice",
}
"""Every field and its type, in the order of the wire."""

_HELP: Final = {
    "email": "Invitation link will be sent to this email. Note that user can accept invitation with different email.",
    "civil_number": ("Civil number of invited user. If civil number is not defined any user can accept invitation."),
}
_WRITABLE: Final = {*MAX_LENGTHS, "role", "scope"}


def describe(era: Era, profile: frozenset[str] | None) -> dict[str, object]:
    """The answer to OPTIONS; with the fields of a create request where `profile` is given."""
    answer: dict[str, object] = {
        "name": "Invitation List" if profile is not None else "Invitation Instance",
        "description": "",
        "renders": ["application/json", "text/html"],
        "parses": ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"],
    }
    if profile is not None:
        answer["actions"] = {"POST": {name: _field(name) for name in _TYPES if _exists(name, era, profile)}}
    return answer


def _exists(name: str, era: Era, profile: frozenset[str]) -> bool:
    if name in PROFILE_FIELDS:
        return name in profile
    return era.scope_description or name not in ("scope_description", "created_by_image")


def _field(name: str) -> dict[str, object]:
    field: dict[str, object] = {
        "type": _TYPES[name],
        "required": name in ("role", "scope", "email"),
        "read_only": name not in _WRITABLE,
        "label": name.replace("_", " ").capitalize(),
    }
    if name in _HELP:
        field["help_text"] = _HELP[name]
    if name in MAX_LENGTHS and name != "extra_invitation_text":
        field["max_length"] = MAX_LENGTHS[name]
    return field
