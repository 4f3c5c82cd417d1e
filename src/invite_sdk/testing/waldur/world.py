"""The world of a fake Waldur: users, organizations, projects, roles, who holds which, and what that allows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit
from uuid import UUID

from invite_clients._times import DateTime
from invite_sdk.testing.waldur.model import (
    Grant,
    Scope,
    WaldurCustomer,
    WaldurInvitation,
    WaldurProject,
    WaldurRole,
    WaldurSettings,
    WaldurUser,
)
from invite_sdk.testing.waldur.store import InvitationStore, Registry

LIST_PERMISSION: Final = "INVITATION.LIST"
"""In an organization: lists its invitations and those of its projects."""
_CREATE: Final = {"customer": "CUSTOMER.CREATE_PERMISSION", "project": "PROJECT.CREATE_PERMISSION"}

_SCOPE_PATH = re.compile(r"/api/(customers|projects|users)/([^/]+)/")
_WRONG_MODEL: Final = (
    "<class 'waldur_core.core.models.User'> is not valid. Valid models are: "
    "<class 'waldur_core.structure.models.Customer'>, "
    "<class 'waldur_core.structure.models.Project'>, "
    "<class 'waldur_mastermind.marketplace.models.Offering'>, "
    "<class 'waldur_mastermind.proposal.models.Call'>, "
    "<class 'waldur_mastermind.proposal.models.Proposal'>"
)


def hex_of(text: object) -> str | None:
    """The 32 hex digits of a UUID in any form that the server takes, or `None`."""
    try:
        return UUID(str(text)).hex
    except ValueError:
        return None


@dataclass(frozen=True)
class WorldDump:
    """All of a world, for JSON."""

    version: str
    secret: str
    settings: WaldurSettings
    users: list[WaldurUser]
    customers: list[WaldurCustomer]
    projects: list[WaldurProject]
    roles: list[WaldurRole]
    grants: list[Grant]
    invitations: list[WaldurInvitation]
    serial: int
    seen: dict[str, DateTime]
    """When each token was last used."""


@dataclass
class World:
    """Every record of one server. `revision` grows with each change, so that what was computed can be kept."""

    users: Registry[WaldurUser] = field(default_factory=lambda: Registry[WaldurUser]("user"))
    customers: Registry[WaldurCustomer] = field(default_factory=lambda: Registry[WaldurCustomer]("organization"))
    projects: Registry[WaldurProject] = field(default_factory=lambda: Registry[WaldurProject]("project"))
    roles: Registry[WaldurRole] = field(default_factory=lambda: Registry[WaldurRole]("role"))
    invitations: InvitationStore = field(default_factory=InvitationStore)
    grants: dict[str, dict[Grant, None]] = field(default_factory=dict)
    """By user, in the order in which they were given."""
    revision: int = 0

    def scope(self, reference: str | Scope) -> Scope:
        """The organization or project of a key, a UUID or an older copy.

        Raises:
            KeyError: there is none.
        """
        for registry in (self.projects, self.customers):
            try:
                return registry.find(reference)
            except KeyError:
                continue
        name = reference if isinstance(reference, str) else reference.key
        there_are = (
            f"the projects {', '.join(self.projects.view) or 'none'} "
            f"and the organizations {', '.join(self.customers.view) or 'none'}"
        )
        raise KeyError(f"no scope {name!r}; there are {there_are}")

    def scope_of(self, invitation: WaldurInvitation) -> Scope | None:
        """What an invitation invites to; `None` where that was deleted for good."""
        return self.projects.get(invitation.scope) or self.customers.get(invitation.scope)

    def by_token(self, token: str) -> WaldurUser | None:
        """The user of an API token."""
        return next((user for user in self.users if user.token == token), None)

    def grants_of(self, user: WaldurUser) -> list[Grant]:
        """The roles that a user holds."""
        return list(self.grants.get(user.uuid, {}))

    def allowed(self, user: WaldurUser, permission: str, scopes: set[str]) -> bool:
        """Whether one of the user's roles in any of these scopes has the permission."""
        for grant in self.grants_of(user):
            role = self.roles.get(grant.role)
            if grant.scope in scopes and role is not None and permission in role.permissions:
                return True
        return False

    def may_manage(self, user: WaldurUser, scope: Scope | None) -> bool:
        """Whether a user may invite to a scope and change the invitations to it. Support may not."""
        if user.is_staff:
            return True
        if scope is None:
            return False
        if isinstance(scope, WaldurProject):
            return self.allowed(user, _CREATE["project"], {scope.uuid, scope.customer})
        return self.allowed(user, _CREATE["customer"], {scope.uuid})

    def connected(self, user: WaldurUser, scope: Scope | None) -> bool:
        """Whether a user can see a scope: any role in it, above it or, for an organization, in its projects."""
        if user.is_staff or user.is_support:
            return True
        if scope is None:
            return False
        held = {grant.scope for grant in self.grants_of(user)}
        if isinstance(scope, WaldurProject):
            return bool(held & {scope.uuid, scope.customer})
        return scope.uuid in held or any(p.uuid in held for p in self.projects if p.customer == scope.uuid)

    def listed_scopes(self, user: WaldurUser, *, by_permission: bool) -> set[str] | None:
        """The organizations and projects whose invitations a user may list; `None` for all.

        Args:
            user: who lists.
            by_permission: an organization's invitations need a permission, else any role in it will do.
        """
        if user.is_staff or user.is_support:
            return None
        held = {grant.scope for grant in self.grants_of(user)}
        listed = {scope.uuid for scope in (*self.customers, *self.projects) if self.may_manage(user, scope)}
        for customer in self.customers:
            if customer.uuid in held and (not by_permission or self.allowed(user, LIST_PERMISSION, {customer.uuid})):
                listed.add(customer.uuid)
                listed.update(project.uuid for project in self.projects if project.customer == customer.uuid)
        return listed

    def resolve(self, url: object, user: WaldurUser) -> Scope:
        """The scope that a URL in a request names. Only its path counts.

        Raises:
            ValueError: no such scope, or not one that the user can see; the text is the server's.
        """
        failure = f"Can't restore object from url: {url}"
        match = _SCOPE_PATH.fullmatch(unquote(urlsplit(str(url)).path))
        uuid = hex_of(match[2]) if match else None
        if match is None or uuid is None:
            raise ValueError(failure)
        if match[1] == "users":
            raise ValueError(_WRONG_MODEL if self.users.get(uuid) else failure)
        found = self.customers.get(uuid) if match[1] == "customers" else self.projects.get(uuid)
        if found is None or (isinstance(found, WaldurProject) and found.removed) or not self.connected(user, found):
            raise ValueError(failure)
        return found
