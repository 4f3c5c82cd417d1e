"""The state of a fake Waldur: its world, its settings, its mail queue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from datetime import timedelta
from typing import Unpack

from invite_clients._times import datetime
from invite_sdk.testing.base.dump import from_plain, to_plain
from invite_sdk.testing.base.named import Named
from invite_sdk.testing.fake import FakeService
from invite_sdk.testing.messages import FakeClock, within_years
from invite_sdk.testing.waldur.listing import Listing
from invite_sdk.testing.waldur.lookups import Lookups
from invite_sdk.testing.waldur.model import (
    DEFAULT_ALLOWED_FIELDS,
    ERAS,
    PROFILE_FIELDS,
    Scope,
    WaldurCustomer,
    WaldurInvitation,
    WaldurProject,
    WaldurRole,
    WaldurSettings,
    WaldurUser,
    WaldurVersion,
)
from invite_sdk.testing.waldur.patches import SettingsPatch
from invite_sdk.testing.waldur.tokens import sign
from invite_sdk.testing.waldur.wire import scope_type
from invite_sdk.testing.waldur.world import World, WorldDump


class WaldurState(FakeService):
    """What a fake Waldur knows, to be read by tests, dumped and loaded."""

    service = "waldur"
    connects_with = ("token",)

    def __init__(
        self,
        version: WaldurVersion = "2026",
        *,
        empty: bool = False,
        seed: int = 0,
        clock: FakeClock | None = None,
        base_url: str | None = None,
        **settings: Unpack[SettingsPatch],
    ) -> None:
        super().__init__(seed=seed, clock=clock, base_url=base_url)
        if version not in ERAS:
            raise ValueError(f"version must be one of {', '.join(ERAS)}, not {version!r}")
        self.version: WaldurVersion = version
        self._world = World()
        self._secret = f"{self._random.getrandbits(256):064x}"
        self._seen: dict[str, datetime] = {}
        self._take_version(version)
        self.settings = WaldurSettings()
        self._require_known(settings, "version", "empty", "seed", "clock", "base_url")
        self.configure(**settings)
        self._fill(empty=empty)

    def _fill(self, *, empty: bool) -> None:
        """Puts in what a new one has."""
        raise NotImplementedError

    # What is there.

    @property
    def users(self) -> Named[WaldurUser]:
        """The users by username."""
        return self._world.users.view

    @property
    def customers(self) -> Mapping[str, WaldurCustomer]:
        """The organizations by key."""
        return self._world.customers.view

    @property
    def projects(self) -> Mapping[str, WaldurProject]:
        """The projects by key."""
        return self._world.projects.view

    @property
    def roles(self) -> Mapping[str, WaldurRole]:
        """The roles by name."""
        return self._world.roles.view

    @property
    def invitations(self) -> list[WaldurInvitation]:
        """The invitations as they are now, oldest first."""
        return list(self._world.invitations)

    @property
    def credentials(self) -> Mapping[str, str]:
        """The Authorization line of each user."""
        return {name: f"Authorization: Token {user.token}" for name, user in self.users.items()}

    def invitation(self, reference: str | WaldurInvitation) -> WaldurInvitation:
        """One invitation as it is now, by its UUID or an older copy.

        Raises:
            KeyError: there is none.
        """
        uuid = reference if isinstance(reference, str) else reference.uuid
        found = self._world.invitations.get(uuid.replace("-", "").lower())
        if found is None:
            raise KeyError(f"no invitation {uuid!r}")
        return found

    def scope_url(self, scope: str | Scope) -> str:
        """The URL of an organization or project, as create requests take it."""
        found = self._world.scope(scope)
        return f"{self.base_url}/api/{scope_type(found)}s/{found.uuid}/"

    def configure(self, **settings: Unpack[SettingsPatch]) -> None:
        """Changes settings of the deployment.

        Raises:
            ValueError: `allowed_fields` names an unknown field, or the version has no such setting.
            TypeError: there is no such setting in any version.
        """
        fields = settings.get("allowed_fields")
        if fields is not None:
            fields = frozenset(fields)
            if not self._era.trims_fields:
                raise ValueError(f"Waldur {self.version} has no setting allowed_fields; 2026 has")
            if unknown := fields - set(PROFILE_FIELDS):
                raise ValueError(f"allowed_fields has unknown fields: {', '.join(sorted(unknown))}")
            settings["allowed_fields"] = fields
        self._require_known(settings)
        _require_bounded(settings.get("lifetime", timedelta()))
        self.settings = replace(self.settings, **settings)  # type: ignore[arg-type]
        self._changed()

    def approval_token(self, invitation: str | WaldurInvitation, user: str | WaldurUser = "staff") -> str:
        """The token that an approval mail to this user carries."""
        payload = f"{self._world.users.find(user).uuid}.{self.invitation(invitation).uuid}"
        return sign(payload, self._secret, self.clock.now())

    # The inner works.

    def _require_known(self, settings: Iterable[str], *others: str) -> None:
        known = (*others, *(field.name for field in dataclass_fields(WaldurSettings)))
        for name in settings:
            if name not in known:
                raise TypeError(f"{type(self).__name__} takes no {name!r}; it takes {', '.join(known)}")

    def _take_version(self, version: str) -> None:
        self._era = ERAS[version]
        self._listing = Listing(self._world, self._era)
        self._lookups = Lookups(self._world, self._era)
        self._queue: list[str] = []

    def _changed(self) -> None:
        self._world.revision += 1

    def _put(self, row: WaldurInvitation) -> WaldurInvitation:
        self._changed()
        return self._world.invitations.put(row)

    def _profile_fields(self) -> frozenset[str]:
        if self._era.trims_fields:
            allowed = self.settings.allowed_fields
            return DEFAULT_ALLOWED_FIELDS if allowed is None else allowed - {"tax_number"}
        return frozenset(PROFILE_FIELDS) - (frozenset() if self._era.tax_number else {"tax_number"})

    def _starts_later(self, scope: str) -> bool:
        project = self._world.projects.get(scope)
        return project is not None and project.start_date is not None and project.start_date > self.clock.now().date()

    def _expires(self, created: datetime, scope: str) -> datetime:
        project = self._world.projects.get(scope)
        begin = created
        if self._era.project_start and project is not None and project.start_date is not None:
            start = datetime.combine(project.start_date, datetime.min.time(), created.tzinfo)
            begin = max(created, start)
        return begin + self.settings.lifetime

    def _tick(self) -> datetime:
        """Now, but later than any invitation: no two share a time, as on a real server."""
        last = self._world.invitations.last_created
        now = self.clock.now()
        return now if last is None or last < now else last + timedelta(microseconds=1)

    def _new(
        self, email: str, role: WaldurRole, scope: Scope, inviter: str | None, created: datetime | None = None
    ) -> WaldurInvitation:
        created = created or self._tick()
        return WaldurInvitation(
            uuid=self.new_uuid().hex,
            serial=self._world.invitations.serial + 1,
            email=email,
            role=role.uuid,
            scope_type=scope_type(scope),
            scope=scope.uuid,
            customer=scope.customer if isinstance(scope, WaldurProject) else scope.uuid,
            created_by=inviter,
            created=created,
            expires=self._expires(created, scope.uuid),
        )

    def _schedule(self, row: WaldurInvitation) -> WaldurInvitation:
        """Queues an invitation's mail; it goes out once the response is made."""
        self._queue.append(row.uuid)
        return self._put(replace(row, execution_state="Scheduled", error_message="", mail_due=True))

    def _send_mail(self, row: WaldurInvitation) -> None:
        error = self.settings.mail_error
        if error is not None:
            self._put(replace(row, execution_state="Erred", error_message=error, mail_due=False))
            return
        if row.state == "requested":
            # Its mails go to those who can approve it; the invitation's own is still to come.
            self._put(replace(row, mail_due=False))
            for user in self._world.users:
                if user.is_staff and user.is_active and user.email:
                    token = self.approval_token(row, user)
                    self.mail(user.email, "approval", f"{self.base_url}/invitation_approve/{token}/", row.uuid)
            return
        self._put(replace(row, execution_state="OK", error_message="", mail_due=False))
        link = f"{self.base_url}/invitation/{row.uuid}/"
        self.mail(row.email, "invitation", link, row.uuid, row.extra_invitation_text)

    def _deliver(self) -> None:
        """Sends what was scheduled, unless `hold_mails` is set."""
        if self._queue and not self.settings.hold_mails:
            for uuid in self._queue:
                row = self._world.invitations.get(uuid)
                if row is not None and row.mail_due:
                    self._send_mail(row)
        self._queue.clear()

    def dump_world(self) -> object:
        """What the service keeps, as JSON types."""
        world = self._world
        return to_plain(
            WorldDump(
                version=self.version,
                secret=self._secret,
                settings=self.settings,
                users=list(world.users),
                customers=list(world.customers),
                projects=list(world.projects),
                roles=list(world.roles),
                grants=[grant for grants in world.grants.values() for grant in grants],
                invitations=self.invitations,
                serial=world.invitations.serial,
                seen=self._seen,
            )
        )

    def load_world(self, world: object) -> None:
        """Takes over what `dump_world` gave."""
        dump = from_plain(WorldDump, world)
        if dump.version not in ERAS:
            raise ValueError(f"unknown version {dump.version!r}")
        _require_bounded(dump.settings.lifetime)
        fresh = World(revision=self._world.revision + 1)
        for user in dump.users:
            fresh.users.put(user)
        for customer in dump.customers:
            fresh.customers.put(customer)
        for project in dump.projects:
            if project.start_date is not None:
                within_years("start_date", project.start_date)
            fresh.projects.put(project)
        for role in dump.roles:
            fresh.roles.put(role)
        for grant in dump.grants:
            fresh.grants.setdefault(grant.user, {})[grant] = None
        for row in dump.invitations:
            within_years("created", row.created)
            fresh.invitations.put(row)
        fresh.invitations.serial = dump.serial
        self._world = fresh
        self._secret = dump.secret
        self.settings = dump.settings
        self.version = dump.version  # type: ignore[assignment]
        self._seen = dict(dump.seen)
        self._take_version(dump.version)


def _require_bounded(lifetime: timedelta) -> None:
    longest = timedelta(days=900 * 365)
    if not -longest <= lifetime <= longest:
        raise ValueError("lifetime: an invitation lasts for 900 years at the most")
