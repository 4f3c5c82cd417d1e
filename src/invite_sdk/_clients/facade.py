"""What both clients do before the first effect: refuse what the service cannot do, check arguments, start the flow."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar, Union, cast

from invite_clients._runtime import Call
from invite_clients._values import value_class
from invite_sdk._errors import tree as errors
from invite_sdk._errors.scrub import scrub
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import AttemptEvent, Flow
from invite_sdk._flows.events import logger
from invite_sdk._flows.exchange import perform
from invite_sdk._flows.filters import Filters, StatusFilter, statuses_from
from invite_sdk._flows.options import CallOptions, Options
from invite_sdk._flows.outcomes import readable, unsettled
from invite_sdk._flows.retry import Pause, RetryBudget
from invite_sdk._flows.writes import Writes
from invite_sdk._model.addresses import invisible_in
from invite_sdk._model.records import OPEN_STATUSES, InvitationCheck, Scope
from invite_sdk._privacy.masking import Hidden, shown_by
from invite_sdk._privacy.texts import shown
from invite_sdk._version import USER_AGENT
from invite_sdk.services import registry, settling
from invite_sdk.services.adapter import AcceptWith, NewInvitation
from invite_sdk.services.capabilities import OPERATIONS, PARAMETERS, Capabilities
from invite_sdk.services.common import collected, spelled
from invite_sdk.services.connection import Connection, Secret

if TYPE_CHECKING:
    from invite_sdk._flows.lookups import Lookup
    from invite_sdk._model.invitation import Acceptance, EnsureResult, Invitation
    from invite_sdk.services.names import Meaning, Resolver

T = TypeVar("T")

Role = str | Sequence[str]
"""A role, or several where the service grants several at once."""

InvitationLike: TypeAlias = Union[str, "Invitation"]
"""An id, or an invitation of the same service."""

_UNSENDABLE = ("UnicodeEncodeError", "PydanticSerializationError")
_MAX_EMAIL = 254
_SPACES = " \t\r\n\v\f"
_MAX_TOKEN = 4_096
_MAX_NAME = 500


class Wanted(NamedTuple):
    """The filters of `list` and `count` as they were given."""

    status: StatusFilter | None = None
    email: str | None = None
    role: str | None = None
    organization: str | None = None
    scope: Scope | str | None = None
    native_filters: Mapping[str, object] | None = None


class New(NamedTuple):
    """The arguments of `create` and `ensure` as they were given."""

    email: str
    role: Role
    organization: str | None
    scope: Scope | str | None
    name: str | None
    message: str | None
    extra: Mapping[str, object] | None


class Asked(NamedTuple):
    """What a listing asks for, in words when they are wanted."""

    service: str
    filters: Filters
    limit: int | None

    def __str__(self) -> str:
        return f"{self.service}{self.filters}" + ("" if self.limit is None else f" limit={self.limit}")


@value_class
class Shared:
    """What a client shares with its children."""

    writes: Writes = field(default_factory=Writes)
    budget: RetryBudget = field(default_factory=RetryBudget)
    pause: Pause = field(default_factory=Pause)
    link_hosts: set[str] = field(default_factory=set[str])
    names: dict[object, Meaning] = field(default_factory=dict[object, "Meaning"])
    """What names were found to mean: see `services.names`."""


def hooks_of(hooks: Iterable[T]) -> tuple[T, ...]:
    """The hooks, read once.

    Raises:
        ConfigurationError: they are not several functions.
    """
    given: object = hooks
    read = tuple(hooks) if isinstance(given, Iterable) else ()
    if not isinstance(given, Iterable) or not all(callable(hook) for hook in read):
        raise errors.ConfigurationError("hooks must be a sequence of functions that take an AttemptEvent")
    return read


def is_async(hook: Callable[..., object]) -> bool:
    """Whether what a hook returns must be awaited: a coroutine function, or an object that is called as one."""
    return inspect.iscoroutinefunction(hook) or inspect.iscoroutinefunction(type(hook).__call__)


_EVERY_ONE = Filters()
_ANY_ID = "0" * 32


class Facade:
    """The operations of one client as flows."""

    def __init__(
        self,
        connection: Connection,
        options: Options,
        shared: Shared,
        *,
        stores_cookies: bool,
        hooks: tuple[Callable[[AttemptEvent], object], ...] = (),
    ) -> None:
        if not isinstance(connection, Connection):
            raise errors.ConfigurationError(
                "a client is made from a connection such as Waldur(url, token=...), "
                f"not from {type(connection).__name__}"
            )
        self.connection = connection
        self.options = options
        self.shared = shared
        self.stores_cookies = stores_cookies
        self.hooks = hooks
        self.adapter = connection.adapter_type()(connection)
        shared.link_hosts.update(connection.link_hosts)

    def changed(
        self, changes: Mapping[str, object], hooks: tuple[Callable[[AttemptEvent], object], ...] = ()
    ) -> Facade:
        """The same with other options and further hooks."""
        options = self.options.changed(changes)
        return Facade(
            self.connection, options, self.shared, stores_cookies=self.stores_cookies, hooks=self.hooks + hooks
        )

    @property
    def capabilities(self) -> Capabilities:
        return self.adapter.capabilities

    def context(self, operation: str, call: CallOptions) -> Context:
        """What the flows of one call need to know."""
        ctx = Context(
            service=self.connection.service,
            operation=operation,
            base_url=self.connection.base_url,
            auth=self.connection.auth,
            options=self.options,
            rules=self.adapter.error_rules,
            error_body=self.adapter.error_body,
            throttled=self.adapter.throttled,
            refused=self.adapter.refused,
            id_kind=self.adapter.id_kind,
            title=self.capabilities.title,
            advice=self.adapter.advice_for(operation),
            writes=self.shared.writes,
            budget=self.shared.budget,
            pause=self.shared.pause,
            is_watched=bool(self.hooks) or logger.isEnabledFor(logging.DEBUG),
            user_agent=USER_AGENT,
            stores_cookies=self.stores_cookies,
            link_hosts=self.shared.link_hosts,
        )
        if call:
            with _located(ctx):
                ctx.options = self.options.with_call(call)
        return ctx

    def native_context(self, call: Call[T], options: CallOptions) -> Context:
        """What the flow of a native call needs to know."""
        if not isinstance(call, Call):
            raise errors.InvalidArgumentError("native takes a call that a function of invite_clients returned")
        if call.service != self.connection.service:
            raise errors.InvalidArgumentError(
                f"this call is for {call.service}, this client for {self.connection.service}"
            )
        return self.context(call.operation, options)

    def supports(self, operation: str, parameter: str | None = None) -> bool:
        """Whether this client has the operation, and there the parameter."""
        if not isinstance(operation, str) or operation not in OPERATIONS:
            raise errors.InvalidArgumentError(
                f"there is no operation {shown(operation)}; there are {', '.join(OPERATIONS)}"
            )
        try:
            supported = self.capabilities.supports(operation, parameter)
        except KeyError:
            raise errors.InvalidArgumentError(f"{operation} has no parameter {shown(parameter)} anywhere") from None
        return supported and (self.options.emulate or self.capabilities[operation].level != "emulated")

    def list(
        self, ctx: Context, wanted: Wanted, limit: int | None, page_size: int | None
    ) -> tuple[Callable[[], Flow[None]], Asked]:
        """What starts a listing, and what it asks for in words. Its arguments are checked now."""
        with _located(ctx):
            filters = self._filters(ctx, wanted)
            self._require(ctx, limit=limit, page_size=page_size)
            _positive("limit", limit, least=0)
            _positive("page_size", page_size, least=1)
            are_names = self._check_filters(ctx, filters)

        if not are_names:
            return lambda: self.adapter.list(ctx, filters, limit, page_size), Asked(ctx.service, filters, limit)

        def start() -> Flow[None]:
            meant = yield from self._meant(ctx, filters)
            yield from self.adapter.list(ctx, meant, limit, page_size)

        return start, Asked(ctx.service, filters, limit)

    def count(self, ctx: Context, wanted: Wanted) -> Flow[int]:
        filters = self._filters(ctx, wanted)
        if self._check_filters(ctx, filters):
            filters = yield from self._meant(ctx, filters)
        if self.capabilities["count"].level != "emulated":
            said = yield from self.adapter.count(ctx, filters)
            if said is not None:
                return said
        rows, problems = yield from collected(self.adapter.list(ctx, filters, None, None))
        unread = [problem for problem in problems if _record(problem.row) is None]
        if unread and filters.given:
            raise errors.ResponseParseError(
                f"{len(unread)} rows could not be read, and may fit or not ({unread[0].reason})", status=200
            )
        return len(rows) + len(unread)

    def get(self, ctx: Context, invitation: InvitationLike) -> Flow[Invitation]:
        self._require(ctx)
        return (yield from self.adapter.get(ctx, self._id(ctx, invitation)))

    def create(self, ctx: Context, new: New) -> Flow[Invitation]:
        given = self._new(ctx, new)
        if not self._has_names(given.roles, given.organization, given.scope):
            return (yield from settling.create(self.adapter, ctx, given))
        from invite_sdk.services import names

        return (yield from names.create(self._resolver(ctx), given))

    def validate(self, ctx: Context, new: New) -> Flow[None]:
        """`create` to its first request. What is a name then counts as an id: it is not looked up."""
        given = self._new(ctx, new)
        if self._has_names(given.roles, given.organization, given.scope):
            given = self._as_if_looked_up(given)
        yield from settling.create(self.adapter, ctx, given)

    def _as_if_looked_up(self, given: NewInvitation) -> NewInvitation:
        is_name = self.adapter.is_name
        organization, scope = given.organization, given.scope
        return replace(
            given,
            roles=tuple(_ANY_ID if is_name("role", role) else role for role in given.roles),
            organization=_ANY_ID
            if organization is not None and is_name("organization", organization)
            else organization,
            scope=replace(scope, id=_ANY_ID) if isinstance(scope, Scope) and is_name("scope", scope.id) else scope,
        )

    def ensure(self, ctx: Context, new: New, reinvite: bool) -> Flow[EnsureResult]:
        _yes_or_no("reinvite", reinvite)
        given = replace(self._new(ctx, new), reinvite=reinvite)
        if not self._has_names(given.roles, given.organization, given.scope):
            return (yield from settling.ensure(self.adapter, ctx, given))
        from invite_sdk.services import names

        return (yield from names.ensure(self._resolver(ctx), given))

    def update(
        self, ctx: Context, invitation: InvitationLike, email: str | None, role: str | None, refetch: bool
    ) -> Flow[Invitation]:
        self._require(ctx, email=email, role=role)
        _yes_or_no("refetch", refetch)
        if email is None and role is None:
            raise errors.InvalidArgumentError("update changes nothing: give email, role or both")
        role = None if role is None else self._role(_text("role", role))
        checked = None if email is None else require_email(email)
        known, invitation_id = _record(invitation), self._id(ctx, invitation)
        if role is None or not self._has_names((role,)):
            return (yield from settling.update(self.adapter, ctx, invitation_id, known, checked, role, refetch))
        from invite_sdk.services import names

        return (yield from names.update(self._resolver(ctx), invitation_id, known, checked, role, refetch))

    def delete(self, ctx: Context, invitation: InvitationLike) -> Flow[None]:
        self._require(ctx)
        yield from settling.delete(self.adapter, ctx, self._id(ctx, invitation))

    def cancel(self, ctx: Context, invitation: InvitationLike, refetch: bool) -> Flow[Invitation]:
        self._require(ctx)
        _yes_or_no("refetch", refetch)
        known = _record(invitation)
        return (yield from settling.cancel(self.adapter, ctx, self._id(ctx, invitation), known, refetch))

    def accept(
        self,
        ctx: Context,
        invitation: InvitationLike,
        email: str | None,
        password: Secret | None,
        locale: str | None,
        session: Secret | None,
        refetch: bool,
    ) -> Flow[Acceptance]:
        self._require(ctx, email=email, password=password, locale=locale, session=session)
        _yes_or_no("refetch", refetch)
        given = AcceptWith(
            None if email is None else require_email(email),
            _secret("password", password),
            _text("locale", locale),
            _secret("session", session),
            refetch,
            _record(invitation),
            invitation if isinstance(invitation, str) else None,
        )
        return (yield from settling.accept(self.adapter, ctx, self._id(ctx, invitation), given))

    def decline(self, ctx: Context, invitation: InvitationLike, refetch: bool) -> Flow[Invitation]:
        self._require(ctx)
        _yes_or_no("refetch", refetch)
        return (yield from settling.decline(self.adapter, ctx, self._id(ctx, invitation), refetch))

    def resend(self, ctx: Context, invitation: InvitationLike, refetch: bool) -> Flow[Invitation]:
        self._require(ctx)
        _yes_or_no("refetch", refetch)
        known = _record(invitation)
        nameless = known is not None and known.id is None and known.service == ctx.service
        invitation_id = "" if nameless and self.adapter.resends_without_id else self._id(ctx, invitation)
        return (yield from settling.resend(self.adapter, ctx, invitation_id, known, refetch))

    def approve(self, ctx: Context, token: str) -> Flow[None]:
        self._require(ctx)
        yield from settling.answer_request(ctx, self.adapter.approve(ctx, _token(token)))

    def reject(self, ctx: Context, token: str) -> Flow[None]:
        self._require(ctx)
        yield from settling.answer_request(ctx, self.adapter.reject(ctx, _token(token)))

    def check(self, ctx: Context, invitation: InvitationLike) -> Flow[InvitationCheck]:
        self._require(ctx)
        return (yield from self.adapter.check(ctx, self._id(ctx, invitation)))

    def preview(self, ctx: Context, invitation: InvitationLike) -> Flow[Invitation]:
        self._require(ctx)
        return (yield from self.adapter.preview(ctx, self._id(ctx, invitation)))

    def roles(
        self, ctx: Context, name: str | None, kind: str | None, limit: int | None, page_size: int | None
    ) -> tuple[Callable[[], Flow[None]], str]:
        """What starts a listing of roles, and what it asks for in words. Its arguments are checked now."""
        with _located(ctx):
            wanted = self._lookup(ctx, {"name": name, "type": kind}, limit, page_size)
        return lambda: self.adapter.roles(ctx, wanted, limit, page_size), f"{ctx.service} roles{_said(wanted)}"

    def scopes(
        self,
        ctx: Context,
        name: str | None,
        kind: str | None,
        organization: str | None,
        limit: int | None,
        page_size: int | None,
    ) -> tuple[Callable[[], Flow[None]], str]:
        """The same for scopes."""
        with _located(ctx):
            given = {"name": name, "type": kind, "organization": organization}
            wanted = self._lookup(ctx, given, limit, page_size)

        def start() -> Flow[None]:
            meant = wanted
            if self._has_names(organization=organization):
                found = yield from self._meant(ctx, Filters(organization=organization))
                meant = wanted._replace(organization=found.organization)
            yield from self.adapter.scopes(ctx, meant, limit, page_size)

        return start, f"{ctx.service} scopes{_said(wanted)}"

    def _lookup(
        self, ctx: Context, given: Mapping[str, str | None], limit: int | None, page_size: int | None
    ) -> Lookup:
        from invite_sdk._flows.lookups import Lookup

        self._require(ctx, **given, limit=limit, page_size=page_size)
        _positive("limit", limit, least=0)
        _positive("page_size", page_size, least=1)
        return Lookup(**{name: _text(name, value) for name, value in given.items()})

    def native(self, ctx: Context, call: Call[T]) -> Flow[T]:
        try:
            return (yield from perform(ctx, call))
        except errors.APIError as refused:
            # An earlier attempt may have taken effect, which is why this one was refused.
            if not ctx.may_have_taken:
                raise
            raise unsettled(refused) from refused

    def _filters(self, ctx: Context, wanted: Wanted) -> Filters:
        if all(value is None for value in wanted):
            self._require(ctx)
            return _EVERY_ONE
        self._require(ctx, **wanted._asdict())
        status, email, role, organization, scope, native_filters = wanted
        for name, value in (("role", role), ("organization", organization)):
            if value is not None and (not isinstance(value, str) or not value.strip()):
                raise errors.InvalidArgumentError(f"{name} must be text; leave it out to list every one")
            _sendable(name, value)
        statuses = statuses_from(status)
        native = {} if native_filters is None else _native_filters(native_filters)
        ctx.gains = bool(native) or not OPEN_STATUSES.issuperset(statuses or ())
        ctx.narrows = email is not None or role is not None
        return Filters(
            statuses,
            None if email is None else require_email(email),
            None if role is None else self._role(role),
            organization,
            _scope(scope),
            native,
            self.adapter.address_form,
        )

    def _has_names(
        self, roles: Sequence[str] = (), organization: str | None = None, scope: Scope | str | None = None
    ) -> bool:
        """Whether any of these must be looked up, where the client may."""
        if not self.adapter.takes_names or not self.options.resolve:
            return False
        given = [("role", role) for role in roles]
        if organization is not None:
            given.append(("organization", organization))
        if isinstance(scope, Scope):
            given.append(("scope", scope.id))
            if scope.organization is not None and self.adapter.is_name("scope", scope.id):
                given.append(("organization", scope.organization))
        names = [name for parameter, name in given if self.adapter.is_name(parameter, name)]
        if any(len(name) > _MAX_NAME for name in names):
            raise errors.InvalidArgumentError(f"a name must have at most {_MAX_NAME} characters")
        return bool(names)

    def _resolver(self, ctx: Context, *, is_fresh: bool = False) -> Resolver:
        from invite_sdk.services.names import Names, Resolver

        return Resolver(self.adapter, ctx, Names(self.shared.names), is_fresh)

    def _check_filters(self, ctx: Context, filters: Filters) -> bool:
        """Refuses what the service cannot take; returns whether there are names, which are looked up later."""
        role, organization, scope = filters.role, filters.organization, filters.scope
        if role is organization is scope is None or not self._has_names(_one(role), organization, scope):
            self.adapter.check_filters(ctx, filters)
            return False
        checked = replace(
            filters,
            role=None if self._has_names(_one(role)) else role,
            organization=None if self._has_names(organization=organization) else organization,
            scope=None if self._has_names(scope=scope) else scope,
        )
        self.adapter.check_filters(ctx, checked)
        return True

    def _meant(self, ctx: Context, filters: Filters) -> Flow[Filters]:
        """The filters with ids in the place of names."""
        return (yield from self._resolver(ctx, is_fresh=True).filters(filters))

    def _new(self, ctx: Context, given: New) -> NewInvitation:
        told = {name: value for name, value in given._asdict().items() if value is not None}
        new: dict[str, object] = {**self.connection.defaults, **told}
        self._require(ctx, **{name: new.get(name) for name in PARAMETERS["create"]})
        roles: object = new.get("role")
        is_several = isinstance(roles, Collection) and not isinstance(roles, (Mapping, bytes, bytearray))
        several = cast("Collection[object]", roles) if is_several else ()
        try:
            named = [roles] if isinstance(roles, str) else list(several)
        except TypeError:  # such as an array that holds one value and no order of any
            named = []
        if not named or not all(isinstance(role, str) and role.strip() for role in named):
            raise errors.InvalidArgumentError("role must name at least one role, as text")
        extra: object = new.get("extra")
        extra = {} if extra is None else extra
        if not isinstance(extra, Mapping):
            raise errors.InvalidArgumentError("extra must be a mapping of the service's own fields")
        return NewInvitation(
            email=require_email(new.get("email")),
            roles=tuple(self._role(str(role)) for role in named),
            organization=_text("organization", new.get("organization")),
            scope=_scope(new.get("scope")),
            name=_text("name", new.get("name")),
            message=_text("message", new.get("message")),
            extra=cast("Mapping[str, object]", extra),
        )

    def _role(self, role: str | None) -> str:
        return spelled(_sendable("role", role or ""), self.adapter.role_names)

    def _id(self, ctx: Context, invitation: object) -> str:
        record = _record(invitation)
        if record is not None:
            if record.service != ctx.service:
                raise errors.InvalidArgumentError(
                    f"this is an invitation of {record.service}; this client is connected to {ctx.service}"
                )
            found = self.adapter.record_id(ctx, record)
            if found is None:
                raise errors.InvalidArgumentError("this invitation has no id: its server did not say one")
            return found
        if not isinstance(invitation, str):
            raise errors.InvalidArgumentError(f"an id must be text or an Invitation, not {type(invitation).__name__}")
        return self.adapter.invitation_id(ctx, invitation)

    def _require(self, ctx: Context, **parameters: object) -> None:
        """Refuses an operation, or a parameter that is set, which the service does not have."""
        declared = self.capabilities
        support = declared[ctx.operation]
        if not support.is_supported:
            nearest = f"; the nearest here is {support.nearest}" if support.nearest else ""
            note = f". {support.note}" if support.note else ""
            raise errors.UnsupportedOperationError(
                f"{declared.title} has no {ctx.operation}{_who_has(ctx.operation, None)}{nearest}{note}"
            )
        if support.level == "emulated" and not self.options.emulate:
            raise errors.UnsupportedOperationError(
                f"{declared.title} has no {ctx.operation} of its own, and emulate=False forbids to build it: "
                f"{support.note}"
            )
        for name, value in parameters.items():
            if value is None:
                continue
            found = declared.parameter(ctx.operation, name)
            if not found.is_supported:
                raise errors.UnsupportedParameterError(
                    f"{declared.title}'s {ctx.operation} takes no {name}{_who_has(ctx.operation, name)}"
                    + (f": {found.note}" if found.note else "; leave it out")
                )


def _record(given: object) -> Invitation | None:
    """What was given, if it is an invitation."""
    if isinstance(given, str):
        return None
    from invite_sdk._model.invitation import Invitation

    return given if isinstance(given, Invitation) else None


def _one(role: str | None) -> tuple[str, ...]:
    return () if role is None else (role,)


def _said(wanted: Lookup) -> str:
    return "".join(f" {name}={shown(value)}" for name, value in wanted._asdict().items() if value is not None)


def _who_has(operation: str, parameter: str | None) -> str:
    having = registry.supporting(operation, parameter)
    if not having:
        return ""
    *others, last = having
    return f" ({', '.join(others)} and {last} do)" if others else f" ({last} does)"


class _located:  # noqa: N801 - reads as a statement
    """Gives an error that passes through the service and the operation it belongs to."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        # By their names: nothing may be imported here, where a listing may be closed as the last thing of all.
        if isinstance(error, ValueError) and type(error).__name__ in _UNSENDABLE:
            # Only what a caller gave is written; what a service said is read, and its errors are caught there.
            said = errors.InvalidArgumentError("a text holds half of a character (a lone surrogate) and cannot be sent")
            said.service, said.operation = self._ctx.service, self._ctx.operation
            raise said from None
        if isinstance(error, errors.InviteError):
            error.service = error.service or self._ctx.service
            error.operation = error.operation or self._ctx.operation
            error.attempts = error.attempts or self._ctx.attempts
            if isinstance(error, errors.OutcomeUnknownError):
                error.advice = self._ctx.advice or error.advice
            while isinstance(error, errors.InviteError):
                scrub(error, self._ctx.sent)
                if error.__suppress_context__ and error.__cause__ is None:
                    # What failed to read an answer holds all of it, and who pickles whole chains would take it along.
                    error.__context__ = None
                error = error.__cause__ or error.__context__


def located(ctx: Context, flow: Flow[T]) -> Flow[T]:
    """The flow, whose errors say which service and operation they belong to."""
    with _located(ctx):
        return (yield from readable(ctx, flow))


def require_email(value: object) -> str:
    """An address that a service could mail to, without the spaces around it.

    Raises:
        InvalidArgumentError: it cannot be one; nothing was sent.
    """
    text = value.strip(_SPACES) if isinstance(value, str) else ""
    unseen = invisible_in(text)
    if unseen is not None:
        place, name = unseen
        raise errors.InvalidArgumentError(
            f"email holds a character that nobody can see, {name}, as character {place}; take it out"
        )
    local, at, domain = text.rpartition("@")
    is_one = "@" not in local or (local.startswith('"') and local.endswith('"'))
    if not at or not local or not domain or not is_one or len(text) > _MAX_EMAIL:
        raise errors.InvalidArgumentError(
            "email must be one address such as ann@example.org, of at most 254 characters"
        )
    if any(char.isspace() or ord(char) < 32 or ord(char) == 127 or char in ",;<>" for char in text):
        raise errors.InvalidArgumentError("email must be one bare address, without spaces, commas or angle brackets")
    return _sendable("email", text)


def _positive(name: str, value: object, *, least: int) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not least <= value < 2**63):
        raise errors.InvalidArgumentError(f"{name} must be a whole number of at least {least}, and less than 2**63")


def _yes_or_no(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise errors.InvalidArgumentError(f"{name} must be True or False, not {type(value).__name__}")


def _text(name: str, value: object) -> str | None:
    if value is None or (isinstance(value, str) and value):
        return _sendable(name, value)
    raise errors.InvalidArgumentError(f"{name} must be text, and not empty; leave it out instead")


def _secret(name: str, value: Secret | None) -> Hidden | None:
    if value is None:
        return None
    text = shown_by(value)
    if not isinstance(text, str) or not text:
        raise errors.InvalidArgumentError(f"{name} must be text, and not empty")
    return Hidden(_sendable(name, text))


def _token(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise errors.InvalidArgumentError("token must be the text at the end of the link in the mail")
    if len(value) > _MAX_TOKEN:
        raise errors.InvalidArgumentError(f"token must have at most {_MAX_TOKEN} characters")
    return _sendable("token", value.strip())


def _scope(value: object) -> Scope | str | None:
    if isinstance(value, Scope):
        parts: list[object] = [value.type, value.id, *([] if value.organization is None else [value.organization])]
        if not all(isinstance(part, str) and part for part in parts):
            raise errors.InvalidArgumentError("the parts of a Scope must be text, and not empty")
        for part in parts:
            _sendable("scope", part)
        return value
    if value is not None and not isinstance(value, str):
        raise errors.InvalidArgumentError("scope must be a URL or Scope(type, id)")
    return _sendable("scope", value)


def _native_filters(given: object) -> dict[str, object]:
    if not isinstance(given, Mapping):
        raise errors.InvalidArgumentError("native_filters must be a mapping of the service's own filters")
    checked: dict[str, object] = {}
    for name, value in cast("Mapping[object, object]", given).items():
        if not isinstance(name, str):
            raise errors.InvalidArgumentError("native_filters must have the names of filters as keys")
        several = cast("Sequence[object]", value) if isinstance(value, (list, tuple)) else (value,)
        for text in several:
            _sendable("native_filters", text)
        checked[_sendable("native_filters", name)] = value
    return checked


def _sendable(name: str, value: T) -> T:
    """`value`, unless it is text that no request can carry.

    Raises:
        InvalidArgumentError: it holds half of a character; nothing was sent.
    """
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise errors.InvalidArgumentError(
                f"{name} holds half of a character (a lone surrogate) and cannot be sent"
            ) from None
    return value
