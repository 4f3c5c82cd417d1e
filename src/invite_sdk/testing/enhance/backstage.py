"""What a test does to a fake Enhance panel without asking its API, and what it reads there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar
from urllib.parse import quote, urlsplit

from invite_sdk.testing.base.named import Named
from invite_sdk.testing.base.wire import uuid_of
from invite_sdk.testing.enhance.world import (
    EnhanceCredential,
    EnhanceIndex,
    EnhanceInvitation,
    EnhanceLogin,
    EnhanceMember,
    EnhanceOrg,
    EnhanceWorld,
)
from invite_sdk.testing.fake import WorldFake


class EnhanceBackstage(WorldFake[EnhanceWorld]):
    """The records of a fake panel and everything that changes them."""

    service: ClassVar[str] = "enhance"
    connects_with = ("token", "session", "organization")
    _world_type = EnhanceWorld
    reissue_kills_old_key: bool
    panel: str | None
    escape_email: bool

    def _take(self, world: EnhanceWorld) -> None:
        super()._take(world)
        self._index = EnhanceIndex()
        for login in world.logins.values():
            self._put_login(login)
        for member in world.members.values():
            self._put_member(member)
        for row in world.invitations.values():
            self._index.invitations.setdefault(row.member, []).append(row.id)

    @property
    def users(self) -> Named[EnhanceCredential]:
        """Access tokens and sessions, by name."""
        return Named("user", self._world.credentials)

    @property
    def orgs(self) -> list[EnhanceOrg]:
        """Every organization, oldest first."""
        return list(self._world.orgs.values())

    @property
    def logins(self) -> list[EnhanceLogin]:
        """Every login, pending ones included, oldest first."""
        return list(self._world.logins.values())

    @property
    def members(self) -> list[EnhanceMember]:
        """Every membership, inactive ones included, oldest first."""
        return list(self._world.members.values())

    @property
    def invitations(self) -> list[EnhanceInvitation]:
        """Every invite, used and replaced ones included, oldest first."""
        return list(self._world.invitations.values())

    @property
    def credentials(self) -> Mapping[str, str]:
        """For each user, its `Authorization` or `Cookie` header line."""
        return {name: user.header for name, user in self._world.credentials.items()}

    def org_id(self, name: str) -> str:
        """The id of an organization, by name."""
        return self._world.org(name).id

    def add_org(self, name: str, *, parent: str | None = None, panel: str | None = None) -> EnhanceOrg:
        """Adds an organization below another, given by name."""
        above = self._world.org(parent).id if parent else None
        org = EnhanceOrg(str(self.new_uuid()), name, above, panel)
        self._world.orgs[org.id] = org
        return org

    def add_token(self, name: str, *, org: str, roles: tuple[str, ...] = ("SuperAdmin",)) -> EnhanceCredential:
        """Adds an access token of an organization, given by name."""
        scope = self._world.org(org).id
        credential = EnhanceCredential(name, token=self.new_uuid().hex, org=scope, roles=roles)
        self._world.credentials[name] = credential
        return credential

    def add_login(
        self, name: str, email: str, *, password: str, org: str | None = None, roles: tuple[str, ...] = ("SiteAccess",)
    ) -> EnhanceCredential:
        """Adds a login with a session, as an active member of an organization given by name, or of none."""
        scope = self._world.org(org).id if org else None
        login = self._put_login(EnhanceLogin(str(self.new_uuid()), email, name, password))
        if scope:
            self._add_member(scope, login.id, roles, active=True)
        session = self._new_session(login.id)
        credential = EnhanceCredential(name, session=session, org=scope, roles=roles, login=login.id)
        self._world.credentials[name] = credential
        return credential

    def invite(
        self, email: str, *, org: str = "Acme", name: str | None = None, roles: tuple[str, ...] = ("SiteAccess",)
    ) -> EnhanceInvitation:
        """Invites as an administrator would, into an organization given by name. The roles are not checked."""
        return self._issue(self._world.org(org), email, name or email.partition("@")[0], roles)

    def withdraw(self, invitation_id: str) -> EnhanceInvitation:
        """An administrator removes the pending member, so the invite is no longer valid."""
        invitation = self._known(invitation_id)
        member = self._world.members.pop(invitation.member, None)
        if member is not None:
            self._index.members.pop((member.login, member.org), None)
        self.count("withdrawn")
        return self._change(replace(invitation, state="withdrawn"))

    def link(self, invitation: str | EnhanceInvitation) -> str:
        """The link that the mail of an invite carries, given by its key or as it is in `invitations`."""
        if isinstance(invitation, str):
            invitation = self._known(invitation)
        own = next((org.panel for org in self._world.line(self._world.orgs[invitation.org]) if org.panel), None)
        host = own or self.panel or urlsplit(self.base_url).netloc
        email = quote(invitation.email, safe="") if self.escape_email else invitation.email
        return f"http://{host}/invites/{invitation.id}?email={email}"

    def _issue(
        self,
        org: EnhanceOrg,
        email: str,
        name: str,
        roles: tuple[str, ...],
        *,
        send_email: bool = True,
        site_accesses: tuple[str, ...] = (),
        notifications: tuple[str, ...] = (),
    ) -> EnhanceInvitation:
        login = self._login_of(email) or self._put_login(EnhanceLogin(str(self.new_uuid()), email, name))
        member = self._member_of(login.id, org.id) or self._add_member(org.id, login.id, roles, active=False)
        self._put_member(replace(member, roles=roles))
        open_ones = self._open_of(member.id)
        if self.reissue_kills_old_key:
            for row in open_ones:
                self._change(replace(row, state="replaced"))
        row = EnhanceInvitation(
            id=self.new_uuid().hex,
            org=org.id,
            email=email,
            name=name,
            roles=roles,
            login=login.id,
            member=member.id,
            send_email=send_email,
            site_accesses=site_accesses,
            notifications=notifications,
        )
        self._index.invitations.setdefault(member.id, []).append(row.id)
        self.count("resent" if open_ones else "created")
        self._change(row)
        if send_email:
            self.mail(email, "invitation", self.link(row), row.id)
        return row

    def _activate(self, row: EnhanceInvitation) -> None:
        self._put_member(replace(self._world.members[row.member], active=True, roles=row.roles))
        for other in self._open_of(row.member):
            self._change(replace(other, state="accepted" if other.id == row.id else "replaced"))
        self.count("accepted")

    def _open_of(self, member: str) -> list[EnhanceInvitation]:
        rows = [self._world.invitations[key] for key in self._index.invitations.get(member, ())]
        return [row for row in rows if row.state == "pending"]

    def _known(self, key: str) -> EnhanceInvitation:
        row = self._row_of(key)
        if row is None:
            raise KeyError(f"no invite {key!r}")
        return row

    def _row_of(self, key: str) -> EnhanceInvitation | None:
        """The invite of a key, which is a UUID: in any form of one, with dashes or without."""
        return next((row for form in _forms(key) if (row := self._world.invitations.get(form))), None)

    def _org_of(self, id_: str) -> EnhanceOrg | None:
        return next((org for form in _forms(id_) if (org := self._world.orgs.get(form))), None)

    def _login_of(self, email: str) -> EnhanceLogin | None:
        return self._world.logins.get(self._index.logins.get(email.lower(), ""))

    def _member_of(self, login: str, org: str) -> EnhanceMember | None:
        return self._world.members.get(self._index.members.get((login, org), ""))

    def _put_login(self, login: EnhanceLogin) -> EnhanceLogin:
        self._world.logins[login.id] = login
        self._index.logins[login.email.lower()] = login.id
        return login

    def _put_member(self, member: EnhanceMember) -> EnhanceMember:
        self._world.members[member.id] = member
        self._index.members[member.login, member.org] = member.id
        return member

    def _add_member(self, org: str, login: str, roles: tuple[str, ...], *, active: bool) -> EnhanceMember:
        return self._put_member(EnhanceMember(str(self.new_uuid()), org, login, roles, active))

    def _new_session(self, login: str) -> str:
        session = f"eyJhbGciOiJIUzI1NiJ9.{self.new_uuid().hex}.{self.new_uuid().hex}"
        self._world.sessions[session] = login
        return session

    def _change(self, row: EnhanceInvitation) -> EnhanceInvitation:
        self._world.invitations[row.id] = row
        return row


def _forms(id_: str) -> tuple[str, ...]:
    """The forms in which an id may be kept: as it was given and, where it is a UUID, without dashes and with them."""
    uuid = uuid_of(id_)
    return (id_,) if uuid is None else (id_, uuid.hex, str(uuid))
