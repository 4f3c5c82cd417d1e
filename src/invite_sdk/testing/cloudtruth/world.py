"""What a fake CloudTruth keeps: organizations, the accounts in them, and invitations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["OWNER", "ADMIN", "CONTRIB", "VIEWER"]
State = Literal["pending", "sent", "bounced", "accepted"]

ROLES: tuple[Role, ...] = ("VIEWER", "CONTRIB", "ADMIN", "OWNER")
"""From the least permissive to the most."""
STATES: tuple[State, ...] = ("accepted", "bounced", "pending", "sent")


@dataclass(frozen=True, slots=True)
class CloudTruthOrganization:
    """An organization."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class CloudTruthAccount:
    """A person who logs in, or a service account with an API key."""

    id: str
    name: str
    email: str | None
    """The login's address; `None` for a service account."""
    api_key: str | None = None
    jwt: str | None = None
    """The newest JWT of a person."""

    @property
    def authorization(self) -> str:
        """The value of the `Authorization` header."""
        return f"Api-Key {self.api_key}" if self.api_key else f"Bearer {self.jwt}"


@dataclass(frozen=True, slots=True)
class CloudTruthMembership:
    """An account's place in an organization."""

    id: str
    account: str
    organization: str
    role: Role


@dataclass(frozen=True, slots=True)
class CloudTruthInvitation:
    """An invitation, as the fake keeps it. Ids are dashed UUIDs; the wire has URLs in their place."""

    id: str
    organization: str
    email: str
    role: Role
    inviter: str
    """The account that invited."""
    state: State = "pending"
    state_detail: str = ""
    membership: str | None = None
    """The membership that accepting it made."""


@dataclass(slots=True)
class CloudTruthWorld:
    """Everything in one fake CloudTruth, by id; accounts by name."""

    organizations: dict[str, CloudTruthOrganization] = field(default_factory=dict)
    accounts: dict[str, CloudTruthAccount] = field(default_factory=dict)
    memberships: dict[str, CloudTruthMembership] = field(default_factory=dict)
    secrets: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    """API key or JWT → the account's name and the organization that the secret is for."""
    invitations: dict[str, CloudTruthInvitation] = field(default_factory=dict)

    def account(self, id_: str) -> CloudTruthAccount:
        """The account of an id."""
        return next(account for account in self.accounts.values() if account.id == id_)

    def organization(self, name: str) -> str:
        """The id of an organization, by name."""
        for organization in self.organizations.values():
            if organization.name == name:
                return organization.id
        there_are = ", ".join(organization.name for organization in self.organizations.values())
        raise KeyError(f"no organization {name!r}; there are {there_are or 'none'}")

    def role_of(self, account: str, organization: str | None) -> Role | None:
        """An account's role in an organization."""
        for membership in self.memberships.values():
            if membership.account == account and membership.organization == organization:
                return membership.role
        return None

    def has_member(self, email: str, organization: str) -> bool:
        """Whether a login with that address is in the organization."""
        wanted = email.lower()
        return any(
            account.email is not None
            and account.email.lower() == wanted
            and self.role_of(account.id, organization) is not None
            for account in self.accounts.values()
        )


@dataclass(slots=True)
class InvitationIndex:
    """Invitations by organization and by address, so that ten thousand of them cost no more than ten."""

    by_organization: dict[str, dict[str, None]] = field(default_factory=dict)
    by_address: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)

    def add(self, invitation: CloudTruthInvitation) -> None:
        """Files a new invitation."""
        self.by_organization.setdefault(invitation.organization, {})[invitation.id] = None
        self.by_address.setdefault(_address(invitation), {})[invitation.id] = None

    def remove(self, invitation: CloudTruthInvitation) -> None:
        """Takes one out."""
        del self.by_organization[invitation.organization][invitation.id]
        del self.by_address[_address(invitation)][invitation.id]

    def move(self, old: CloudTruthInvitation, new: CloudTruthInvitation) -> None:
        """Files a changed one, in the place that it had in its organization."""
        del self.by_address[_address(old)][old.id]
        self.by_address.setdefault(_address(new), {})[new.id] = None

    def holds(self, organization: str, email: str) -> bool:
        """Whether an invitation for an address is there, in any case of letters."""
        return bool(self.by_address.get((organization, email.lower())))


def _address(invitation: CloudTruthInvitation) -> tuple[str, str]:
    return invitation.organization, invitation.email.lower()
