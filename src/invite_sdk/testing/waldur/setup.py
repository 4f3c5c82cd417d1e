"""Setting up a fake Waldur: its people, organizations, roles and invitations, and what happens to them over time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Unpack

from invite_clients._times import date, datetime
from invite_sdk.testing.messages import within_years
from invite_sdk.testing.waldur.model import (
    Grant,
    Scope,
    WaldurCustomer,
    WaldurInvitation,
    WaldurProject,
    WaldurRole,
    WaldurUser,
)
from invite_sdk.testing.waldur.patches import ProfilePatch, UserPatch
from invite_sdk.testing.waldur.state import WaldurState
from invite_sdk.testing.waldur.world import LIST_PERMISSION


class WaldurSetup(WaldurState):
    """The methods that set a fake Waldur up and let time pass; `FakeWaldur` adds the API."""

    def add_user(self, username: str, **fields: Unpack[UserPatch]) -> WaldurUser:
        """Adds a user with a token of their own and no role."""
        self._world.users.require_new(username)
        uuid, token = self.new_uuid().hex, f"{self._random.getrandbits(160):040x}"
        self._changed()
        return self._world.users.put(replace(WaldurUser(username, uuid, token), **fields))

    def update_user(self, user: str | WaldurUser, **fields: Unpack[UserPatch]) -> WaldurUser:
        """Changes a user: inactive, with an expired token, of another email and so on."""
        self._changed()
        return self._world.users.put(replace(self._world.users.find(user), **fields))

    def remove_user(self, user: str | WaldurUser) -> None:
        """Deletes a user. What they created stays, without its `created_by` keys."""
        found = self._world.users.find(user)
        self._world.users.remove(found)
        self._world.grants.pop(found.uuid, None)
        for row in self.invitations:
            if row.created_by == found.uuid:
                self._put(replace(row, created_by=None))
        self._changed()

    def add_customer(
        self, name: str, *, key: str | None = None, email_patterns: Iterable[str] = (), abbreviation: str = ""
    ) -> WaldurCustomer:
        """Adds an organization. Its key is its name's first word in lower case unless given."""
        patterns = _patterns(email_patterns)
        key = self._world.customers.require_new(key or _key_of(name))
        self._changed()
        record = WaldurCustomer(key, self.new_uuid().hex, name, patterns, abbreviation)
        return self._world.customers.put(record)

    def add_project(
        self,
        name: str,
        *,
        customer: str | WaldurCustomer = "acme",
        key: str | None = None,
        description: str = "",
        start_date: date | None = None,
        email_patterns: Iterable[str] = (),
    ) -> WaldurProject:
        """Adds a project to an organization. Its key is its name's first word in lower case unless given."""
        patterns = _patterns(email_patterns)
        owner = self._world.customers.find(customer).uuid
        key = self._world.projects.require_new(key or _key_of(name))
        starts = start_date and within_years("start_date", start_date)
        self._changed()
        record = WaldurProject(key, self.new_uuid().hex, name, owner, description, starts, False, patterns)
        return self._world.projects.put(record)

    def remove_project(self, project: str | WaldurProject, *, for_good: bool = False) -> None:
        """Deletes a project: softly, as users do, or for good, and then its invitations lose their scope's keys."""
        found = self._world.projects.find(project)
        if for_good:
            self._world.projects.remove(found)
        else:
            self._world.projects.put(replace(found, removed=True))
        self._changed()

    def rename(self, scope: str | Scope, name: str) -> Scope:
        """Gives an organization or a project another name; its key and its UUID stay."""
        found = self._world.scope(scope)
        self._changed()
        if isinstance(found, WaldurProject):
            return self._world.projects.put(replace(found, name=name))
        return self._world.customers.put(replace(found, name=name))

    def set_start_date(self, project: str | WaldurProject, start_date: date | None) -> WaldurProject:
        """Moves the start of a project."""
        starts = start_date and within_years("start_date", start_date)
        self._changed()
        return self._world.projects.put(replace(self._world.projects.find(project), start_date=starts))

    def add_role(
        self, name: str, content_type: str, *, description: str = "", permissions: Iterable[str] = ()
    ) -> WaldurRole:
        """Adds a role for scopes of one type."""
        self._world.roles.require_new(name)
        self._changed()
        record = WaldurRole(name, self.new_uuid().hex, content_type, description, frozenset(permissions))
        return self._world.roles.put(record)

    def set_role_active(self, role: str | WaldurRole, *, active: bool) -> WaldurRole:
        """Switches a role off or on; nobody can invite to one that is off."""
        self._changed()
        return self._world.roles.put(replace(self._world.roles.find(role), is_active=active))

    def grant(self, user: str | WaldurUser, role: str | WaldurRole, scope: str | Scope) -> None:
        """Gives a user a role in an organization or project."""
        holder = self._world.users.find(user).uuid
        record = Grant(holder, self._world.roles.find(role).uuid, self._world.scope(scope).uuid)
        self._world.grants.setdefault(holder, {})[record] = None
        self._changed()

    def revoke(self, user: str | WaldurUser, role: str | WaldurRole, scope: str | Scope) -> None:
        """Takes a role away."""
        holder = self._world.users.find(user).uuid
        record = Grant(holder, self._world.roles.find(role).uuid, self._world.scope(scope).uuid)
        self._world.grants.get(holder, {}).pop(record, None)
        self._changed()

    def invite(
        self,
        email: str,
        *,
        role: str | WaldurRole = "PROJECT.MEMBER",
        scope: str | Scope = "apollo",
        by: str | WaldurUser | None = "owner",
        state: str = "pending",
        execution_state: str = "OK",
        created: datetime | None = None,
        **fields: Unpack[ProfilePatch],
    ) -> WaldurInvitation:
        """Puts an invitation in place without a request: nothing is mailed or counted.

        Args:
            email: whom to invite.
            role: its name or UUID.
            scope: the key or UUID of a project or organization.
            by: the inviter; `None` for one whose inviter is gone.
            state: any word, also one that no server says yet.
            execution_state: of the mail.
            created: now when left out; `expires` follows from it.
            fields: the optional fields.
        """
        inviter = None if by is None else self._world.users.find(by).uuid
        found = self._world.scope(scope)
        made = created and within_years("created", created)
        row = self._new(email, self._world.roles.find(role), found, inviter, made)
        return self._put(replace(row, state=state, execution_state=execution_state, **fields))

    # What happens over time.

    def age(self, invitation: str | WaldurInvitation, by: timedelta) -> WaldurInvitation:
        """Makes an invitation older, as if the clock had moved for it alone."""
        row = self.invitation(invitation)
        try:
            created, expires = row.created - by, row.expires - by
        except OverflowError:
            raise ValueError(f"by: {by} leads out of the years 1000 to 8999") from None
        return self._put(replace(row, created=within_years("by", created), expires=expires))

    def set_state(self, invitation: str | WaldurInvitation, state: str) -> WaldurInvitation:
        """Puts an invitation into any state, also one that no server has yet."""
        return self._put(replace(self.invitation(invitation), state=state))

    def expire_due(self) -> int:
        """The server's periodic task: flips what is past its `expires`. Returns how many."""
        now = self.clock.now()
        due = [row for row in self.invitations if row.state in ("pending", "project") and row.expires <= now]
        for row in due:
            self._put(replace(row, state="expired"))
        return len(due)

    def start_projects(self) -> int:
        """The server's daily task: sends the invitations of projects that have started. Returns how many."""
        due = [row for row in self.invitations if row.state == "project" and not self._starts_later(row.scope)]
        for row in due:
            self._schedule(replace(row, state="pending"))
        self._deliver()
        return len(due)

    def process_mails(self) -> int:
        """Sends the mails that are due, those that failed before included. Returns how many went out."""
        due = [
            row
            for row in self.invitations
            if row.mail_due or (row.state == "pending" and row.execution_state == "Erred")
        ]
        for row in due:
            self._send_mail(row)
        return 0 if self.settings.mail_error is not None else len(due)

    def _fill(self, *, empty: bool) -> None:
        self._add_roles()
        if not empty:
            self._add_acme()

    def _add_roles(self) -> None:
        owner_rights = ["PROJECT.CREATE_PERMISSION", *([LIST_PERMISSION] if self._era.list_permission else [])]
        self.add_role("CUSTOMER.OWNER", "customer", description="Organization owner", permissions=owner_rights)
        self.add_role("CUSTOMER.MANAGER", "customer", description="Organization manager")
        self.add_role("PROJECT.ADMIN", "project", description="Project administrator")
        rights = ["PROJECT.CREATE_PERMISSION"]
        self.add_role("PROJECT.MANAGER", "project", description="Project manager", permissions=rights)
        self.add_role("PROJECT.MEMBER", "project")

    def _add_acme(self) -> None:
        self.add_customer("Acme Org")
        self.add_project("Apollo", description="To the moon")
        self.add_project("Beta")
        for name in ("staff", "support", "owner", "manager", "bob", "invitee"):
            self.add_user(name, email=f"{name}@example.com", full_name=f"{name.title()} Tester")
        self.update_user("staff", is_staff=True)
        self.update_user("support", is_support=True)
        self.grant("owner", "CUSTOMER.OWNER", "acme")
        self.grant("manager", "PROJECT.MANAGER", "apollo")


def _patterns(given: Iterable[str]) -> tuple[str, ...]:
    patterns = tuple(given)
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"email_patterns: {pattern!r} is no regular expression: {error}") from None
    return patterns


def _key_of(name: str) -> str:
    return (name.split() or [name])[0].lower()
