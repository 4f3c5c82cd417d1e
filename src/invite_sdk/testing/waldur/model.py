"""What a fake Waldur keeps: eras of the server, its settings, and plain frozen records."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Literal, Protocol, get_args

from invite_clients._times import Date, DateTime

WaldurVersion = Literal["7.0.7", "2025", "2026"]
ScopeType = Literal["customer", "project"]

OPEN_STATES: Final = ("pending", "project", "requested")
STATES: Final = ("project", "requested", "rejected", "pending", "accepted", "canceled", "expired")
PROFILE_FIELDS: Final = (
    "full_name",
    "native_name",
    "tax_number",
    "phone_number",
    "organization",
    "job_title",
    "civil_number",
)
"""The optional fields that tell about the invitee."""


_SCOPE_TYPES: Final = ("customer", "project", "offering", "call", "proposal")


@dataclass(frozen=True, slots=True)
class Era:
    """How servers of one age differ from those of another. What is not said is as on 7.0.7."""

    zulu: bool = True
    """Datetimes end in `Z`, else in `+00:00`."""
    tax_number: bool = True
    scope_description: bool = False
    """`scope_description` and `created_by_image` are on the wire."""
    editable: bool = False
    """PUT and PATCH exist, and DELETE is open to managers and answers 204."""
    denied: int = 403
    """The status of a write without rights in a scope that the caller can see."""
    new_filters: bool = False
    """`email_exact`, `scope_name`, `scope_description`, and ordering by `created_by`."""
    replace_email: bool = True
    email_patterns: bool = False
    list_permission: bool = False
    """Listing an organization's invitations needs a permission, else any role in it will do."""
    unique: bool = False
    """A second open invitation for the same email, role and scope is refused; `check-duplicates` exists."""
    inbox: bool = False
    """Invitees see their own open invitations; settled ones keep their details page."""
    trims_fields: bool = False
    """`allowed_fields` decides which profile fields exist."""
    project_start: bool = False
    """A project's start moves the expiry, and sends a resent invitation back to `project`."""
    tie_break: bool = False
    """Every ordering ends in the primary key."""
    scope_types: tuple[str, ...] = _SCOPE_TYPES
    """The words that the filter `scope_type` takes; on any other the server fails."""


_OLD: Final = Era()
_2025: Final = Era(
    zulu=False,
    tax_number=False,
    scope_description=True,
    editable=True,
    denied=404,
    new_filters=True,
    replace_email=False,
    email_patterns=True,
    list_permission=True,
    # Since 7.9.
    scope_types=(*_SCOPE_TYPES, "service_provider", "call_organizer"),
)
_2026: Final = replace(
    _2025,
    unique=True,
    inbox=True,
    trims_fields=True,
    project_start=True,
    tie_break=True,
    # Since 8.1.
    scope_types=(*_2025.scope_types, "resource", "resource_project"),
)
ERAS: Final[dict[str, Era]] = dict(zip(get_args(WaldurVersion), (_OLD, _2025, _2026), strict=True))


@dataclass(frozen=True, slots=True)
class WaldurSettings:
    """The deployment's settings; change them with `FakeWaldur.configure`."""

    only_staff_can_invite: bool = False
    """Invitations by others than staff start as `requested` and wait for approval."""
    validate_invitation_email: bool = False
    """Accepting with another email than the invited one is a 404."""
    strict_accept: bool = False
    """Accepting with another email than the invited one is a 400."""
    disable_multiple_roles: bool = False
    """Accepting is a 400 for a user who has any role in the scope."""
    allowed_fields: frozenset[str] | None = None
    """The profile fields that exist, on 2026 only; `None` means full_name, organization and job_title."""
    lifetime: timedelta = timedelta(days=7)
    """From creation to `expires`."""
    token_lifetime: timedelta | None = None
    """Of inactivity, after which a token has expired. Real servers say one hour; off here, so that clocks may jump."""
    approval_max_age: timedelta | None = None
    """How long approval tokens last; for ever by default."""
    mail_error: str | None = None
    """While set, mails fail: the invitation becomes `Erred` with this `error_message`."""
    hold_mails: bool = False
    """Mails wait for `process_mails()`, else they go out as soon as the response is made."""
    shuffle_ties: bool = False
    """Before 2026, rows with equal sort keys swap places from page to page, as a real database may do."""


DEFAULT_ALLOWED_FIELDS: Final = frozenset({"full_name", "organization", "job_title"})


class Record(Protocol):
    """A thing with a UUID and a short name to find it by."""

    @property
    def key(self) -> str:
        """The short name."""
        ...

    @property
    def uuid(self) -> str:
        """The UUID."""
        ...


@dataclass(frozen=True, slots=True)
class WaldurUser:
    """A user and their API token; `uuid` is 32 hex digits."""

    username: str
    uuid: str
    token: str
    email: str = ""
    full_name: str = ""
    civil_number: str = ""
    image: str | None = None
    """The path of the picture, such as `/media/owner.png`."""
    is_staff: bool = False
    is_support: bool = False
    is_active: bool = True
    token_expired: bool = False

    @property
    def key(self) -> str:
        """The username."""
        return self.username


@dataclass(frozen=True, slots=True)
class WaldurCustomer:
    """An organization."""

    key: str
    uuid: str
    name: str
    email_patterns: tuple[str, ...] = ()
    """Regular expressions; when there are any, an invited email must match one."""
    abbreviation: str = ""


@dataclass(frozen=True, slots=True)
class WaldurProject:
    """A project of an organization."""

    key: str
    uuid: str
    name: str
    customer: str
    """The organization's UUID."""
    description: str = ""
    start_date: Date | None = None
    removed: bool = False
    """Deleted softly: nobody can invite to it, but its invitations go on."""
    email_patterns: tuple[str, ...] = ()


Scope = WaldurCustomer | WaldurProject


@dataclass(frozen=True, slots=True)
class WaldurRole:
    """A role; its permissions count in its scope and below."""

    name: str
    uuid: str
    content_type: str
    """What it is granted in: `customer`, `project`, `offering`, `call`."""
    description: str = ""
    permissions: frozenset[str] = frozenset()
    is_active: bool = True

    @property
    def key(self) -> str:
        """The name."""
        return self.name


@dataclass(frozen=True, slots=True)
class WaldurInvitation:
    """One invitation as the server keeps it. References are UUIDs of 32 hex digits."""

    uuid: str
    serial: int
    """The primary key: counts up with every invitation."""
    email: str
    role: str
    scope_type: str
    scope: str
    customer: str
    created_by: str | None
    created: DateTime
    expires: DateTime
    state: str = "pending"
    execution_state: str = "Scheduled"
    error_message: str = ""
    full_name: str = ""
    native_name: str = ""
    tax_number: str = ""
    phone_number: str = ""
    organization: str = ""
    job_title: str = ""
    civil_number: str = ""
    extra_invitation_text: str = ""
    accepted_by: str | None = None
    mail_due: bool = False
    """A mail waits in the queue."""

    @property
    def key(self) -> str:
        """The UUID."""
        return self.uuid


@dataclass(frozen=True, slots=True)
class Grant:
    """A user's role in a scope, all three as UUIDs."""

    user: str
    role: str
    scope: str
