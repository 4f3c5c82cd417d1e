"""What a fake Enhance panel keeps: a tree of organizations, logins, their memberships, credentials and invites."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

ROLES = ("Owner", "SuperAdmin", "Business", "SiteAccess", "Support", "Sysadmin")
INVITING_ROLES = frozenset({"Owner", "SuperAdmin"})


@dataclass(frozen=True, slots=True)
class EnhanceOrg:
    """An organization; customers hang below their reseller, resellers below the master organization."""

    id: str
    name: str
    parent: str | None = None
    panel: str | None = None
    """The host of its own control panel; its parent's, and at last the server's, when left out."""


@dataclass(frozen=True, slots=True)
class EnhanceLogin:
    """A login of the panel. One that was invited and has not accepted yet has no password."""

    id: str
    email: str
    name: str
    password: str | None = None


@dataclass(frozen=True, slots=True)
class EnhanceMember:
    """A login's place in an organization; inactive until the invite is accepted."""

    id: str
    org: str
    login: str
    roles: tuple[str, ...]
    active: bool = True


@dataclass(frozen=True, slots=True)
class EnhanceCredential:
    """A user of the fake: an access token of an organization, or the session of a login."""

    name: str
    token: str | None = None
    session: str | None = None
    org: str | None = None
    roles: tuple[str, ...] = ()
    login: str | None = None

    @property
    def organization(self) -> str | None:
        """The organization, as the connection calls it."""
        return self.org

    @property
    def header(self) -> str:
        """The header line that authenticates it."""
        return f"Authorization: Bearer {self.token}" if self.token else f"Cookie: id0={self.session}"


@dataclass(frozen=True, slots=True)
class EnhanceInvitation:
    """An invite, as the fake keeps it. `id` is the invite key of its link."""

    id: str
    org: str
    email: str
    name: str
    roles: tuple[str, ...]
    login: str
    member: str
    send_email: bool = True
    site_accesses: tuple[str, ...] = ()
    notifications: tuple[str, ...] = ()
    state: Literal["pending", "accepted", "replaced", "withdrawn"] = "pending"


@dataclass(slots=True)
class EnhanceWorld:
    """Everything on one fake panel: credentials by name, the rest by id."""

    orgs: dict[str, EnhanceOrg] = field(default_factory=dict)
    logins: dict[str, EnhanceLogin] = field(default_factory=dict)
    members: dict[str, EnhanceMember] = field(default_factory=dict)
    credentials: dict[str, EnhanceCredential] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    """Session cookie → the login's id."""
    invitations: dict[str, EnhanceInvitation] = field(default_factory=dict)

    def org(self, name: str) -> EnhanceOrg:
        """The organization of a name."""
        for org in self.orgs.values():
            if org.name == name:
                return org
        there_are = ", ".join(org.name for org in self.orgs.values())
        raise KeyError(f"no organization {name!r}; there are {there_are or 'none'}")

    def line(self, org: EnhanceOrg) -> list[EnhanceOrg]:
        """An organization and those above it, nearest first."""
        found = [org]
        while (parent := found[-1].parent) is not None:
            found.append(self.orgs[parent])
        return found


@dataclass(slots=True)
class EnhanceIndex:
    """Ids by what they are looked up with, so that ten thousand invites cost no more than ten."""

    logins: dict[str, str] = field(default_factory=dict)
    """Address in small letters → login."""
    members: dict[tuple[str, str], str] = field(default_factory=dict)
    """Login and organization → member."""
    invitations: dict[str, list[str]] = field(default_factory=dict)
    """Member → invite keys, oldest first."""
