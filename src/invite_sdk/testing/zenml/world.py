"""What a fake ZenML Pro keeps: people and service accounts, organizations, tokens and invitations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from invite_clients._times import DateTime


@dataclass(frozen=True, slots=True)
class ZenMLUser:
    """A person, or a service account, which has no address and so no invitations."""

    id: str
    name: str
    email: str | None
    avatar_url: str | None
    api_key: str
    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class ZenMLOrganization:
    """An organization; `seats` is the most members that its plan allows."""

    id: str
    name: str
    logo_url: str | None = None
    seats: int | None = None
    members: tuple[str, ...] = ()
    """User ids."""


@dataclass(frozen=True, slots=True)
class ZenMLInvitation:
    """An invitation, as the fake keeps it. Its invitee sees neither the address nor the state."""

    id: str
    organization: str
    email: str
    inviter: str
    """The user who invited, by id."""
    expiration_date: DateTime
    state: Literal["pending", "accepted", "declined", "withdrawn"] = "pending"


@dataclass(slots=True)
class ZenMLWorld:
    """Everything in one fake ZenML Pro: users by name, the rest by id."""

    users: dict[str, ZenMLUser] = field(default_factory=dict)
    organizations: dict[str, ZenMLOrganization] = field(default_factory=dict)
    tokens: dict[str, tuple[str, DateTime]] = field(default_factory=dict)
    """Access token → the user's name and when it stops working."""
    invitations: dict[str, ZenMLInvitation] = field(default_factory=dict)

    def organization(self, name: str) -> ZenMLOrganization:
        """The organization of a name."""
        for organization in self.organizations.values():
            if organization.name == name:
                return organization
        there_are = ", ".join(organization.name for organization in self.organizations.values())
        raise KeyError(f"no organization {name!r}; there are {there_are or 'none'}")

    def user(self, id_: str) -> ZenMLUser:
        """The user of an id."""
        return next(user for user in self.users.values() if user.id == id_)
