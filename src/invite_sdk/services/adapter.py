"""What the file of a service says: how each operation is asked for, and how each answer becomes an Invitation.

An adapter has no state and does no I/O. Its operations are flows. It may assume that what reaches it was checked: the
operation and every parameter are supported, ids are in the service's form, e-mail addresses look like ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeAlias, cast

from invite_clients._runtime import Response
from invite_clients._values import value_class
from invite_sdk._errors.bodies import ErrorBody, read_error_body
from invite_sdk._errors.classify import ErrorRule
from invite_sdk._errors.tree import (
    AlreadyInvitedError,
    APIError,
    ConflictError,
    InvalidArgumentError,
    ValidationError,
)
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Flow
from invite_sdk._flows.filters import Filters, has_role
from invite_sdk._model.addresses import address_form, common_part
from invite_sdk._model.ids import IdKind, is_id, is_uuid, same_id
from invite_sdk._model.records import InvitationCheck, InvitationFields, Scope
from invite_sdk._privacy.masking import Hidden
from invite_sdk.services.capabilities import Capabilities
from invite_sdk.services.ids import REQUIRE

if TYPE_CHECKING:
    from pydantic import BaseModel
    from typing_extensions import TypeVar

    from invite_sdk._flows.lookups import Lookup
    from invite_sdk._model.invitation import Acceptance, EnsureResult, Invitation

    ConnectionT = TypeVar("ConnectionT", default=Any)
else:  # Python has defaults from 3.13 on
    from typing import TypeVar

    ConnectionT = TypeVar("ConnectionT")


@value_class
class NewInvitation:
    """What `create` and `ensure` were asked for."""

    email: str
    roles: tuple[str, ...]
    organization: str | None = None
    scope: Scope | str | None = None
    name: str | None = None
    message: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict[str, object])
    reinvite: bool = True
    """Whether an address that accepted an earlier invitation is invited all the same: `ensure` does so if asked to."""

    @property
    def role(self) -> str:
        """The role, for a service that grants one.

        Raises:
            InvalidArgumentError: there are several; nothing was sent.
        """
        if len(self.roles) != 1:
            raise InvalidArgumentError("this service grants one role with an invitation: give exactly one")
        return self.roles[0]

    @property
    def fields(self) -> InvitationFields:
        """What is known of the new invitation when its answer cannot be read."""
        fields: InvitationFields = {"email": self.email, "name": self.name, "message": self.message}
        fields["organization_id"] = self.organization
        if is_uuid(self.roles[0]):
            return {**fields, "role_id": self.roles[0]}
        return {**fields, "role": self.roles[0], "roles": self.roles}


@value_class
class AcceptWith:
    """What `accept` was given beside the id."""

    email: str | None = None
    password: Hidden | None = None
    locale: str | None = None
    session: Hidden | None = None
    refetch: bool = True
    known: Invitation | None = None
    """The record, where the caller gave one instead of an id."""
    link: str | None = None
    """What the caller gave as the id: for Enhance it may be the whole link."""


_ERROR = re.compile(rb'"errors?"\s*:')
_MOST_LOOKED_AT = 4_096

Moment: TypeAlias = Literal["before", "lost", "refused"]
"""When invitations are looked for: before one is created, after its answer was lost, or after its refusal."""

ADVICE: Mapping[str, str] = {
    "create": "call ensure: it finds the invitation or makes it",
    "ensure": "call ensure again: it finds the invitation or makes it",
    "update": "get the invitation: it shows whether it was updated",
    "delete": "get the invitation: it is gone if it was deleted",
    "cancel": "get the invitation: it is canceled, or gone, if it was canceled",
    "accept": "preview the invitation: its status tells whether it was accepted",
    "decline": "preview the invitation: its status tells whether it was declined",
    "resend": "the mail may have gone out; sending again mails again",
    "approve": "get the invitation: its status tells whether it was approved; the token may be spent",
    "reject": "get the invitation: its status tells whether it was rejected; the token may be spent",
}
"""What to do when a write's outcome is unknown, unless the service's file knows better."""

_STANDS_ON: Mapping[str, tuple[str, ...]] = {"ensure": ("create", "list"), "count": ("list",), "preview": ("get",)}
"""What the SDK makes an operation of, where a file does not write it."""


class Adapter(Generic[ConnectionT]):
    """The base of a service's file.

    An operation that is declared as supported must be overridden, but for `ensure` and `preview`. Whatever a file says,
    one `ensure` runs at a time for an address, and the state is read back after a write whose answer was lost: see
    `settling`. The operations of a file only write.
    """

    capabilities: ClassVar[Capabilities]
    id_kind: ClassVar[IdKind] = "uuid"
    """What the service's ids are: `uuid`, `integer` or `opaque`. An Invitation has each as text."""
    email_key: ClassVar[str] = "email"
    """Where a row of a listing has its address: an unreadable row of somebody else stops no `ensure`."""
    error_rules: ClassVar[tuple[ErrorRule, ...]] = ()
    role_names: ClassVar[tuple[str, ...]] = ()
    """The roles that the service is known to have: one of these is sent in its spelling, another as it is."""
    takes_names: ClassVar[frozenset[str]] = frozenset()
    """Which of `role`, `organization` and `scope` are ids that `roles` and `scopes` know the names of."""
    organization_type: ClassVar[str] = "organization"
    """What type of scope an organization is, in the service's word."""
    ids_are_secret: ClassVar[bool] = False
    cancel_removes: ClassVar[bool] = False
    """Whether the record is gone once it was canceled."""
    resends_without_id: ClassVar[bool] = False
    """Whether `resend` can do without an id, which it then gets as empty text."""
    advice: ClassVar[Mapping[str, str]] = {}
    """What to do when a write's outcome is unknown, by operation or operationId, where it is not `ADVICE`."""

    late: ClassVar[tuple[str, ...]] = ()
    """The modules that its operations load when they are first used: `preload` loads them before."""

    def __init_subclass__(cls, **options: object) -> None:
        super().__init_subclass__(**options)
        declared: object = getattr(cls, "capabilities", None)
        if declared is not None:
            if not isinstance(declared, Capabilities):
                raise TypeError(f"{cls.__name__}.capabilities must be Capabilities(...), not {type(declared).__name__}")
            missing = [name for name in declared if declared.supports(name) and not cls._is_written(name)]
            if missing:
                raise TypeError(f"{cls.__name__} declares {', '.join(missing)} and does not write it")

    @classmethod
    def _is_written(cls, operation: str) -> bool:
        """Whether the file has an operation, or all that it stands on where it says nothing else."""
        if getattr(cls, operation) is not getattr(Adapter, operation):
            return True
        if operation == "roles" and cls.role_names:
            return True
        if operation == "count" and cls.capabilities["count"].level != "emulated":
            return False
        return operation in _STANDS_ON and all(map(cls._is_written, _STANDS_ON[operation]))

    def __init__(self, connection: ConnectionT) -> None:
        self.connection = connection
        """Which server, and who asks."""

    @classmethod
    def error_body(cls, response: Response) -> ErrorBody:
        """What the body of a refusal says. The usual forms are known; this is for a service with one of its own."""
        return read_error_body(response)

    @classmethod
    def throttled(cls, response: Response, now: float) -> float | None:
        """Whether a refusal says, in the service's own way, that too much was asked, so that nothing was done.

        425 and 429 mean it anyway, and `Retry-After` is read there and on 503.

        Args:
            response: an answer other than 2xx, or one of success that `refused` calls a refusal.
            now: the time as Unix seconds.

        Returns:
            Seconds to wait; 0 where it names no time; `None` where it says no such thing.
        """
        return None

    @classmethod
    def refused(cls, response: Response) -> bool | None:
        """Whether an answer of success refuses all the same: then `error_body` and `error_rules` say why.

        Args:
            response: a 2xx.

        Returns:
            `None` where it does not tell, so that it confirms no write: the state is read back. So it is where this
            raises, and where a file says nothing else and the answer is an object with `error` or `errors` in it and no
            record.
        """
        return None if _tells_error(response.body) else False

    @classmethod
    def advice_for(cls, operation: str) -> str:
        """What to do when the outcome of an operation is unknown; nothing where there is no more to say than usual."""
        if operation == "create" and not cls.capabilities.supports("ensure"):
            return cls.advice.get(operation, "")
        return cls.advice.get(operation) or ADVICE.get(operation, "")

    @classmethod
    def native_models(cls) -> tuple[type[BaseModel], ...]:
        """The wire models that an invitation may carry as `native`, most telling first."""
        raise NotImplementedError

    @classmethod
    def is_resendable(cls, invitation: Invitation) -> bool:
        """Whether the service would send this invitation again, as far as the record tells."""
        return False

    def invitation_id(self, ctx: Context, value: str) -> str:
        """An id as it was given, once it is known to be one.

        Raises:
            InvalidArgumentError: it cannot be one; nothing was sent.
        """
        return REQUIRE[self.id_kind]("id", value)

    def record_id(self, ctx: Context, record: Invitation) -> str | None:
        """The id in a record of this service, which is one that the service wrote; `None` where it has none."""
        return None if record.id is None else self.invitation_id(ctx, record.id)

    def address_form(self, email: str) -> str:
        """An address in the form that all its spellings share: two with the same form are one person's.

        Capitals, NFC and NFD, invisible characters, and a host in Unicode or punycode make no other person here.
        """
        return address_form(email)

    def check_filters(self, ctx: Context, filters: Filters) -> None:
        """Raises `InvalidArgumentError` for filters that the service cannot take, before anything is sent."""

    def list(self, ctx: Context, filters: Filters, limit: int | None, page_size: int | None) -> Flow[None]:
        """Emits the pages of a listing."""
        raise NotImplementedError

    def count(self, ctx: Context, filters: Filters) -> Flow[int | None]:
        """The count as the service gives it, or `None` where only listing can tell."""
        raise NotImplementedError

    def get(self, ctx: Context, invitation_id: str) -> Flow[Invitation]:
        """One invitation."""
        raise NotImplementedError

    def create(self, ctx: Context, new: NewInvitation) -> Flow[Invitation]:
        """A new invitation."""
        raise NotImplementedError

    def ensure(self, ctx: Context, new: NewInvitation) -> Flow[EnsureResult] | None:
        """The open or accepted invitation that fits, or a new one; `None`: list them, and create what is not there.

        An accepted one counts unless `new.reinvite` is set.
        """
        return None

    def candidates(self, ctx: Context, new: NewInvitation, moment: Moment) -> Flow[None]:
        """Emits a listing with every open or accepted invitation that `new` could mean, whatever else is in it."""
        is_asked = self.capabilities.supports("list", "email") and common_part(new.email) == new.email
        email = new.email if is_asked else None  # a service's own filter may know one spelling only
        return self.list(ctx, Filters(email=email, address_form=self.address_form), None, None)

    def fits(self, ctx: Context, row: Invitation, new: NewInvitation) -> bool | None:
        """Whether an invitation for the address is the one that `new` asks for; `None`: its row does not tell."""
        found = [_has_roles(row, new.roles)]
        if new.organization is not None:
            found.append(None if row.organization_id is None else same_id(row.organization_id, new.organization))
        if isinstance(new.scope, Scope):
            found.append(None if row.scope_id is None else (row.scope_type or new.scope.type) == new.scope.type)
            found.append(None if row.scope_id is None else same_id(row.scope_id, new.scope.id))
        elif new.scope is not None:
            found.append(same_id(row.scope_id, new.scope) or None)
        elif self.capabilities.supports("create", "scope"):
            found.append(row.scope_id is None)
        return False if False in found else None if None in found else True

    def may_be_invited(self, refused: APIError) -> bool:
        """Whether the refusal of an address may mean that an open invitation for it is there."""
        return type(refused) in (ConflictError, AlreadyInvitedError)

    def is_name(self, parameter: str, given: str) -> bool:
        """Whether a role, an organization or the id of a scope must be looked up: what can be an id is one."""
        return parameter in self.takes_names and not is_id(self.id_kind, given) and "://" not in given

    def names_are_stale(self, refused: APIError) -> bool:
        """Whether the refusal of a write may mean that a role or a scope that was looked up is gone."""
        return isinstance(refused, ValidationError) and not self.takes_names.isdisjoint(refused.field_errors)

    def update(
        self, ctx: Context, invitation_id: str, email: str | None, role: str | None, refetch: bool
    ) -> Flow[Invitation]:
        """Changes the invitee's address, the role, or both."""
        raise NotImplementedError

    def delete(self, ctx: Context, invitation_id: str) -> Flow[None]:
        """Removes the record."""
        raise NotImplementedError

    def cancel(self, ctx: Context, invitation_id: str, refetch: bool) -> Flow[Invitation]:
        """Takes an open invitation back."""
        raise NotImplementedError

    def accept(self, ctx: Context, invitation_id: str, given: AcceptWith) -> Flow[Acceptance]:
        """Accepts as the invitee."""
        raise NotImplementedError

    def decline(self, ctx: Context, invitation_id: str, refetch: bool) -> Flow[Invitation]:
        """Declines as the invitee."""
        raise NotImplementedError

    def resend(self, ctx: Context, invitation_id: str, known: Invitation | None, refetch: bool) -> Flow[Invitation]:
        """Sends the mail again. `known` is the record, where the caller gave one instead of an id."""
        raise NotImplementedError

    def approve(self, ctx: Context, token: str) -> Flow[None]:
        """Approves a requested invitation."""
        raise NotImplementedError

    def reject(self, ctx: Context, token: str) -> Flow[None]:
        """Rejects a requested invitation."""
        raise NotImplementedError

    def check(self, ctx: Context, invitation_id: str) -> Flow[InvitationCheck]:
        """Whether it can be accepted."""
        raise NotImplementedError

    def preview(self, ctx: Context, invitation_id: str) -> Flow[Invitation]:
        """The invitation as its invitee may see it: as `get` has it, where a service's file says nothing else."""
        return self.get(ctx, invitation_id)

    def roles(self, ctx: Context, wanted: Lookup, limit: int | None, page_size: int | None) -> Flow[None]:
        """Emits the roles that an invitation may grant: those of `role_names`, where a file says nothing else."""
        from invite_sdk._flows.lookups import known
        from invite_sdk._model.lookups import RoleInfo

        return known([RoleInfo(name, name) for name in self.role_names], wanted, limit)

    def scopes(self, ctx: Context, wanted: Lookup, limit: int | None, page_size: int | None) -> Flow[None]:
        """Emits what one can be invited into."""
        raise NotImplementedError


def _tells_error(body: bytes) -> bool:
    """Whether a body speaks of an error, and is no record that does so beside other things."""
    if body[:1] != b"{" or not _ERROR.search(body, 0, _MOST_LOOKED_AT):
        return False
    try:
        said: object = json.loads(body)
    except (ValueError, RecursionError):
        return False
    told = cast("dict[str, object]", said) if isinstance(said, dict) else {}
    return bool(told.get("error") or told.get("errors")) and not (told.get("id") or told.get("uuid"))


def _has_roles(row: Invitation, roles: tuple[str, ...]) -> bool | None:
    if row.role is None and not row.roles and row.role_id is None:
        return None
    return len(roles) == max(1, len(row.roles)) and all(has_role(row, role) for role in roles)
