"""The keywords that set up a fake Waldur, as types."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TypedDict


class SettingsPatch(TypedDict, total=False):
    """The keywords of `FakeWaldur` and `configure`: those of `WaldurSettings`."""

    only_staff_can_invite: bool
    validate_invitation_email: bool
    strict_accept: bool
    disable_multiple_roles: bool
    allowed_fields: Iterable[str] | None
    lifetime: timedelta
    token_lifetime: timedelta | None
    approval_max_age: timedelta | None
    mail_error: str | None
    hold_mails: bool
    shuffle_ties: bool


class UserPatch(TypedDict, total=False):
    """What `add_user` and `update_user` take."""

    email: str
    full_name: str
    civil_number: str
    image: str | None
    is_staff: bool
    is_support: bool
    is_active: bool
    token_expired: bool


class ProfilePatch(TypedDict, total=False):
    """The optional fields of an invitation."""

    full_name: str
    native_name: str
    tax_number: str
    phone_number: str
    organization: str
    job_title: str
    civil_number: str
    extra_invitation_text: str
