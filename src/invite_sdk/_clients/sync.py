"""The synchronous client."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar, TypeVarTuple, Unpack, cast

from invite_clients._runtime import Call
from invite_sdk._clients.base import Client, HookT
from invite_sdk._clients.facade import Facade, InvitationLike, New, Role, Shared, Wanted, hooks_of, is_async, located
from invite_sdk._clients.pager import LookupPager, Pager
from invite_sdk._errors import tree as errors
from invite_sdk._flows.claims import TOO_LATE, claims
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Alone, AttemptEvent, Claim, Effect, Flow, Notify, Now, Send, Sleep, Token
from invite_sdk._flows.events import Hook, logger
from invite_sdk._flows.filters import StatusFilter
from invite_sdk._flows.login import renew
from invite_sdk._flows.options import DEFAULT_DEADLINE, DEFAULT_MAX_BODY, CallOptions, Options
from invite_sdk._flows.retry import RetryPolicy
from invite_sdk._http.base import SyncClient, SyncTransport, keeps_cookies
from invite_sdk._http.sync import SyncHttp
from invite_sdk._model.records import InvitationCheck, Scope
from invite_sdk.services import registry
from invite_sdk.services.connection import Connection, Secret, loopback_of

if TYPE_CHECKING:
    from invite_sdk._clients.profiles import AnyPath
    from invite_sdk._model.invitation import Acceptance, EnsureResult, Invitation
    from invite_sdk._model.lookups import RoleInfo, ScopeInfo

Given = TypeVarTuple("Given")
T = TypeVar("T")


class InviteClient(Client):
    """Invitations of one service, synchronously. Safe to share between threads; immutable; survives a fork.

    Use it as a context manager, or call `close()`, to give its connections back.

    Args:
        connection: which server, and who asks: `Waldur(…)`, `CloudTruth(…)`, `ZenML(…)` or `Enhance(…)`.
        timeout: seconds for each single wait on the network; 20 unless given. With an `http_client` its own holds.
        deadline: seconds for one operation, or one page of a listing, over all its requests.
        emulate: whether operations that the service lacks may be built from others.
        resolve: whether names of roles, organizations and scopes may be looked up where the service takes ids (Waldur).
        headers: headers to send with every request. Credentials belong into the connection.
        retry: how often and how patiently to try again what may be tried again; `NO_RETRIES` never does.
        hooks: functions that are told of every attempt, before it and after it.
        max_body: how many bytes an answer may have, after decompression.
        proxy: the URL of a proxy.
        verify: a TLS context, for example one that trusts a private authority. TLS is verified by default.
        transport: an httpx transport to send through, for example a fake service's.
        http_client: an httpx client of your own, for its transports, event hooks and time limits; nothing else of it
            is used. It is not closed, and does not survive a fork.

    Raises:
        ConfigurationError: a setting is wrong.
    """

    __slots__ = ()
    _http: SyncHttp

    def __init__(
        self,
        connection: Connection,
        *,
        timeout: float | None = None,
        deadline: float = DEFAULT_DEADLINE,
        emulate: bool = True,
        resolve: bool = True,
        headers: Mapping[str, str] | None = None,
        retry: RetryPolicy | None = None,
        hooks: Sequence[Hook] = (),
        max_body: int = DEFAULT_MAX_BODY,
        proxy: str | None = None,
        verify: ssl.SSLContext | None = None,
        transport: SyncTransport | None = None,
        http_client: SyncClient | None = None,
    ) -> None:
        heard = self._hooks(hooks)
        policy = RetryPolicy() if retry is None else retry
        options = Options(timeout, deadline, max_body, emulate, {} if headers is None else headers, policy, resolve)
        http = SyncHttp(http_client, transport, proxy, verify, loopback_of(connection))
        stores_cookies = keeps_cookies(http_client)
        super().__init__(Facade(connection, options, Shared(), stores_cookies=stores_cookies, hooks=heard), http)

    @classmethod
    def from_env(
        cls,
        service: str,
        *,
        allow_http: bool = False,
        timeout: float | None = None,
        deadline: float = DEFAULT_DEADLINE,
        emulate: bool = True,
        resolve: bool = True,
        headers: Mapping[str, str] | None = None,
        retry: RetryPolicy | None = None,
        hooks: Sequence[Hook] = (),
        max_body: int = DEFAULT_MAX_BODY,
        proxy: str | None = None,
        verify: ssl.SSLContext | None = None,
        transport: SyncTransport | None = None,
        http_client: SyncClient | None = None,
    ) -> Self:
        """A client for a service by name, its connection read from `INVITE_<SERVICE>_*` variables.

        `allow_http` is the connection's; the other arguments are those of the client.

        Raises:
            ConfigurationError: there is no such service, or a variable is missing or wrong; the message names it.
        """
        return cls(
            registry.connection_class(service).from_env(allow_http=allow_http),
            timeout=timeout,
            deadline=deadline,
            emulate=emulate,
            resolve=resolve,
            headers=headers,
            retry=retry,
            hooks=hooks,
            max_body=max_body,
            proxy=proxy,
            verify=verify,
            transport=transport,
            http_client=http_client,
        )

    @classmethod
    def from_profile(
        cls,
        name: str | None = None,
        *,
        path: AnyPath | None = None,
        allow_http: bool = False,
        timeout: float | None = None,
        deadline: float = DEFAULT_DEADLINE,
        emulate: bool = True,
        resolve: bool = True,
        headers: Mapping[str, str] | None = None,
        retry: RetryPolicy | None = None,
        hooks: Sequence[Hook] = (),
        max_body: int = DEFAULT_MAX_BODY,
        proxy: str | None = None,
        verify: ssl.SSLContext | None = None,
        transport: SyncTransport | None = None,
        http_client: SyncClient | None = None,
    ) -> Self:
        """A client for a profile: a service and its settings under a name, from the user's file.

        It reads files and may run a command that asks the user: make it before an event loop has others to serve.

        `name` is that of the profile; else the one in `INVITE_PROFILE`, else the file's default, else the only one.
        `path` is that of the file; else the one in `INVITE_CONFIG`, else `invite/config.toml` in the user's folder for
        settings. `allow_http` is the connection's; the other arguments are those of the client.

        Raises:
            ConfigurationError: there is no such file or profile, or a setting is missing or wrong or cannot be read;
                the message names it.
        """
        from invite_sdk._clients.profiles import Profiles

        return cls(
            Profiles.read(path).get(name).connection(allow_http=allow_http),
            timeout=timeout,
            deadline=deadline,
            emulate=emulate,
            resolve=resolve,
            headers=headers,
            retry=retry,
            hooks=hooks,
            max_body=max_body,
            proxy=proxy,
            verify=verify,
            transport=transport,
            http_client=http_client,
        )

    def list(
        self,
        *,
        status: StatusFilter | None = None,
        email: str | None = None,
        role: str | None = None,
        organization: str | None = None,
        scope: Scope | str | None = None,
        native_filters: Mapping[str, object] | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        **call: Unpack[CallOptions],
    ) -> Pager:
        """The invitations that fit, lazily. Filters are sent where the service has them, and checked on every row.

        Args:
            status: one status or several, for example `"pending"` or `OPEN_STATUSES`.
            email: the invitee's whole address, without regard to case.
            role: the role's name, or its id.
            organization: the organization's name or id, as the service takes it in `create`.
            scope: what the role is granted in: a URL or `Scope(type, name or id)` (Waldur).
            native_filters: further filters by the service's own names.
            limit: how many invitations at the most.
            page_size: rows a page; the largest that the service takes unless given.
            **call: `timeout`, `deadline`, `headers` and `retry` for this call; the deadline is one page's.

        Returns:
            A pager: iterate over it, over its `pages()`, or take `all()`; `problems` tells of rows that were left out.

        Raises:
            UnsupportedOperationError: the service has no list; at once, nothing is sent.
            UnsupportedParameterError: the service cannot filter so.
            InvalidArgumentError: a filter cannot be right.
        """
        ctx = self._facade.context("list", call)
        wanted = Wanted(status, email, role, organization, scope, native_filters)
        start, about = self._facade.list(ctx, wanted, limit, page_size)
        return Pager(lambda: located(ctx, start()), lambda effect: self._interpret(effect, ctx), about)

    def count(
        self,
        *,
        status: StatusFilter | None = None,
        email: str | None = None,
        role: str | None = None,
        organization: str | None = None,
        scope: Scope | str | None = None,
        native_filters: Mapping[str, object] | None = None,
        **call: Unpack[CallOptions],
    ) -> int:
        """How many invitations fit; the arguments are those of `list`.

        The service's own count is used where every filter can be trusted on all of its versions, else rows are listed.
        """
        wanted = Wanted(status, email, role, organization, scope, native_filters)
        return self._do("count", call, self._facade.count, wanted)

    def get(self, id: InvitationLike, **call: Unpack[CallOptions]) -> Invitation:  # noqa: A002 - the field's word
        """One invitation as the service has it now.

        Args:
            id: its id, or an invitation of this service.
            **call: `timeout`, `deadline`, `headers` and `retry` for this call.

        Raises:
            NotFoundError: there is none, or you may not see it (404).
            InvalidArgumentError: the id cannot be one; nothing is sent.
        """
        return self._do("get", call, self._facade.get, id)

    def create(
        self,
        email: str,
        *,
        role: Role,
        organization: str | None = None,
        scope: Scope | str | None = None,
        name: str | None = None,
        message: str | None = None,
        extra: Mapping[str, object] | None = None,
        **call: Unpack[CallOptions],
    ) -> Invitation:
        """Invites somebody. Sent once: a lost answer ends in `OutcomeUnknownError`, never in a second invitation.

        Args:
            email: the invitee's address.
            role: Waldur: its name or UUID. CloudTruth: OWNER, ADMIN, CONTRIB or VIEWER. Enhance: one role or several.
            organization: Waldur: the customer's name or UUID, unless `scope` is given. Enhance: the organization's id,
                unless the connection has one.
            scope: Waldur: a URL of this server or `Scope(type, name or UUID)`, with `organization=` where two of that
                type have the same name.
            name: the invitee's name. Enhance needs it.
            message: the inviter's own words in the mail (Waldur).
            extra: further fields by the service's own names, checked against its request model.
            **call: `timeout`, `deadline`, `headers` and `retry` for this call.

        Raises:
            AlreadyInvitedError: an open invitation is there already; `.existing` where it could be read.
            AlreadyMemberError: the invitee is a member already.
            ValidationError: the service refused a value (400, 422); see `.field_errors`.
            PermissionDeniedError: you may not invite so (403; Waldur also 404).
            InvalidArgumentError: an argument cannot be right, or a name means none or several; nobody was invited.
            ConflictError: a name was given to something else meanwhile; the new invitation was canceled.
            OutcomeUnknownError: the request was sent and its answer lost.
        """
        new = New(email, role, organization, scope, name, message, extra)
        return self._do("create", call, self._facade.create, new)

    def ensure(
        self,
        email: str,
        *,
        role: Role,
        organization: str | None = None,
        scope: Scope | str | None = None,
        name: str | None = None,
        message: str | None = None,
        extra: Mapping[str, object] | None = None,
        reinvite: bool = False,
        **call: Unpack[CallOptions],
    ) -> EnsureResult:
        """The invitation for this address, role and organization or scope, or else a new one.

        An open one is found first, then one that was accepted: its `status` tells which. The other arguments are those
        of `create`.

        Args:
            email: the invitee's address.
            role: as `create` takes it.
            organization: as `create` takes it.
            scope: as `create` takes it.
            name: as `create` takes it.
            message: as `create` takes it.
            extra: as `create` takes it.
            reinvite: invite also an address that accepted an earlier invitation, for one who has left since. An open
                invitation is found all the same.
            **call: `timeout`, `deadline`, `headers` and `retry` for this call.

        Raises:
            AlreadyInvitedError: one with another role is open, and the service allows no second.
            ConflictError: one with another role was accepted, and the service allows no second: see `.existing`.
            PermissionDeniedError: you may not list what is open (403): nothing is created then.
        """
        new = New(email, role, organization, scope, name, message, extra)
        return self._do("ensure", call, self._facade.ensure, new, reinvite)

    def update(
        self,
        id: InvitationLike,  # noqa: A002 - the field's word
        *,
        email: str | None = None,
        role: str | None = None,
        refetch: bool = True,
        **call: Unpack[CallOptions],
    ) -> Invitation:
        """Changes the address, the role, or both.

        Args:
            id: its id, or an invitation of this service.
            email: the new address.
            role: the new role, as `create` takes it.
            refetch: read the invitation back where the service does not answer with it; `False` saves that request and
                returns what is known, with `partial=True`.
            **call: `timeout`, `deadline`, `headers` and `retry` for this call.

        Raises:
            InvalidStateError: it is not pending any more; `.existing` is the invitation where it could be read.
            UnsupportedByServerError: this server is too old (405; Waldur before 7.9.2).
        """
        return self._do("update", call, self._facade.update, id, email, role, refetch)

    def delete(self, id: InvitationLike, **call: Unpack[CallOptions]) -> None:  # noqa: A002 - the field's word
        """Removes the invitation's record, whatever its status.

        Raises:
            NotFoundError: there is none, or you may not (404).
            PermissionDeniedError: you may not (403).
        """
        self._do("delete", call, self._facade.delete, id)

    def cancel(
        self,
        id: InvitationLike,  # noqa: A002 - the field's word
        *,
        refetch: bool = True,
        **call: Unpack[CallOptions],
    ) -> Invitation:
        """Takes an open invitation back and returns it as canceled.

        CloudTruth has no such state: the SDK reads the record and deletes it if nobody has accepted. Whoever accepts in
        between is a member, although the invitation is called canceled.

        Raises:
            InvalidStateError: it is not open any more; `.existing` is the invitation where it could be read.
            NotFoundError: there is none, or you may not (404).
        """
        return self._do("cancel", call, self._facade.cancel, id, refetch)

    def accept(
        self,
        id: InvitationLike,  # noqa: A002 - the field's word
        *,
        email: str | None = None,
        password: Secret | None = None,
        locale: str | None = None,
        session: Secret | None = None,
        refetch: bool = True,
        **call: Unpack[CallOptions],
    ) -> Acceptance:
        """Accepts an invitation as its invitee, whose credentials the connection must hold (Enhance: see below).

        Args:
            id: its id, its link (Enhance), or an invitation of this service.
            email: Enhance: the invitee's address; taken from the invitation or the link where they hold it.
            password: Enhance: the new login's password, or the existing one's.
            locale: Enhance: a language tag such as `en-GB`.
            session: Enhance: the invitee's own session. The connection's credentials are never sent here.
            refetch: read the invitation before, since it may be gone afterwards.
            **call: `timeout`, `deadline`, `headers` and `retry` for this call.

        Raises:
            NotFoundError: unknown, or settled already (404).
            AlreadyMemberError: you have the role already.
            PermissionDeniedError: it is meant for somebody else (403).
        """
        return self._do("accept", call, self._facade.accept, id, email, password, locale, session, refetch)

    def decline(
        self,
        id: InvitationLike,  # noqa: A002 - the field's word
        *,
        refetch: bool = True,
        **call: Unpack[CallOptions],
    ) -> Invitation:
        """Declines an invitation as its invitee (ZenML).

        Raises:
            NotFoundError: unknown, or settled already (404).
        """
        return self._do("decline", call, self._facade.decline, id, refetch)

    def resend(
        self,
        id: InvitationLike,  # noqa: A002 - the field's word
        *,
        refetch: bool = True,
        **call: Unpack[CallOptions],
    ) -> Invitation:
        """Mails the invitation again. Enhance makes a new id: see `previous_id`, and give the created Invitation.

        Raises:
            InvalidStateError: its status does not allow it; `.existing` is the invitation where it could be read.
            InvalidArgumentError: Enhance: this is not an Invitation that `create` returned.
        """
        return self._do("resend", call, self._facade.resend, id, refetch)

    def approve(self, token: str, **call: Unpack[CallOptions]) -> None:
        """Approves a requested invitation with the token from the mail (Waldur). Sends no credentials.

        Raises:
            ValidationError: the token is not valid, or was used already (400).
        """
        self._do("approve", call, self._facade.approve, token)

    def reject(self, token: str, **call: Unpack[CallOptions]) -> None:
        """Rejects a requested invitation with the token from the mail (Waldur). Sends no credentials.

        Raises:
            ValidationError: the token is not valid, or was used already (400).
        """
        self._do("reject", call, self._facade.reject, token)

    def check(self, id: InvitationLike, **call: Unpack[CallOptions]) -> InvitationCheck:  # noqa: A002 - the field's word
        """Whether an invitation can be accepted now.

        Raises:
            NotFoundError: there is no such invitation (404; Enhance says valid=False instead).
        """
        return self._do("check", call, self._facade.check, id)

    def preview(self, id: InvitationLike, **call: Unpack[CallOptions]) -> Invitation:  # noqa: A002 - the field's word
        """The invitation as its invitee may see it.

        Raises:
            NotFoundError: there is none, or it is settled (404).
        """
        return self._do("preview", call, self._facade.preview, id)

    def roles(
        self,
        *,
        name: str | None = None,
        type: str | None = None,  # noqa: A002 - the field's word
        limit: int | None = None,
        page_size: int | None = None,
        **call: Unpack[CallOptions],
    ) -> LookupPager[RoleInfo]:
        """What an invitation may grant, lazily. CloudTruth's and Enhance's roles are known and need no request.

        Args:
            name: the role's whole name, without regard to case.
            type: the type of scope that it is granted in, in the service's word, for example `"project"` (Waldur).
            limit: how many roles at the most.
            page_size: rows a page; the largest that the service takes unless given.
            **call: `timeout`, `deadline`, `headers` and `retry` for this call; the deadline is one page's.

        Returns:
            A pager of `RoleInfo`: iterate over it, over its `pages()`, or take `all()`.

        Raises:
            UnsupportedOperationError: the service cannot list its roles; at once, nothing is sent.
            UnsupportedParameterError: the service cannot filter so.
        """
        from invite_sdk._model.lookups import RoleInfo

        ctx = self._facade.context("roles", call)
        start, about = self._facade.roles(ctx, name, type, limit, page_size)
        return LookupPager(lambda: located(ctx, start()), lambda effect: self._interpret(effect, ctx), about, RoleInfo)

    def scopes(
        self,
        *,
        name: str | None = None,
        type: str | None = None,  # noqa: A002 - the field's word
        organization: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        **call: Unpack[CallOptions],
    ) -> LookupPager[ScopeInfo]:
        """Where one may invite, lazily: the organizations and projects that you may see.

        Args:
            name: the whole name, without regard to case.
            type: the type of scope, in the service's word: `"customer"`, which is an organization, or `"project"`.
            organization: only this organization and what belongs to it, by name or id.
            limit: how many scopes at the most.
            page_size: rows a page; the largest that the service takes unless given.
            **call: `timeout`, `deadline`, `headers` and `retry` for this call; the deadline is one page's.

        Returns:
            A pager of `ScopeInfo`: iterate over it, over its `pages()`, or take `all()`.

        Raises:
            UnsupportedOperationError: the service cannot list them; at once, nothing is sent.
            UnsupportedParameterError: the service cannot filter so.
            InvalidArgumentError: a filter cannot be right, or its name means none or several.
        """
        from invite_sdk._model.lookups import ScopeInfo

        ctx = self._facade.context("scopes", call)
        start, about = self._facade.scopes(ctx, name, type, organization, limit, page_size)
        return LookupPager(lambda: located(ctx, start()), lambda effect: self._interpret(effect, ctx), about, ScopeInfo)

    def native(self, call: Call[T], **options: Unpack[CallOptions]) -> T:
        """Sends a call of the service's generated client: `client.native(waldur.user_invitations_list(page=2))`.

        Raises:
            APIError: the service refused; `ResponseParseError` where its answer is not what the specification says.
        """
        ctx = self._facade.native_context(call, options)
        return self._run(ctx, self._facade.native(ctx, call))

    @staticmethod
    def _hooks(hooks: Iterable[HookT]) -> tuple[HookT, ...]:
        heard = hooks_of(hooks)
        if any(is_async(hook) for hook in heard):
            raise errors.ConfigurationError("an async hook is for AsyncInviteClient; nothing would await it here")
        return heard

    def close(self) -> None:
        """Gives the connections back. A child of `with_options` and a client of your own stay as they are."""
        if not self._is_child:
            self._http.close()

    if not TYPE_CHECKING:

        async def __aenter__(self):
            raise TypeError("an InviteClient is synchronous: use `with`, or an AsyncInviteClient")

        async def __aexit__(self, *_):
            """Asked for before `__aenter__`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _do(self, operation: str, call: CallOptions, begin: Callable[[Context, *Given], Flow[T]], *given: *Given) -> T:
        """What one of the facade's operations brings."""
        ctx = self._facade.context(operation, call)
        return self._run(ctx, begin(ctx, *given))

    def _run(self, ctx: Context, flow: Flow[T]) -> T:
        """Interprets a flow to its end."""
        steps = located(ctx, flow)
        running = Lock()
        # Whatever ends this leaves the lock, and with it what was claimed.
        with running:
            try:
                effect = next(steps)
                while True:
                    try:
                        result = self._interpret(effect, ctx, running)
                    except errors.InviteError as error:
                        effect = steps.throw(error)
                    else:
                        effect = steps.send(result)
            except StopIteration as end:
                return cast("T", end.value)
            finally:
                steps.close()

    def _interpret(self, effect: Effect, ctx: Context, running: Lock | None = None) -> object:
        """The result of an effect. A listing stands still between two pages: it has no `running`, and cannot claim."""
        match effect:
            case Send(requests):
                return self._http.send(requests)
            case Now():
                return self._http.now()
            case Sleep(seconds):
                self._http.sleep(seconds)
                return None
            case Notify(event):
                self._notify(event)
                return None
            case Claim(key, seconds) if running is not None:
                return claims.wait(key, running, seconds)
            case Token(refused):
                return self._token(refused, ctx)
            case Alone(key, seconds, begin):
                alone = Lock()
                with alone:
                    if not claims.wait(key, alone, seconds):
                        raise errors.DeadlineExceededError(TOO_LATE)
                    return self._run(ctx, begin())
            case _:
                raise AssertionError(f"a flow yielded {effect!r}")

    def _notify(self, event: AttemptEvent) -> None:
        for hook in self._facade.hooks:
            try:
                hook(event)
            except Exception as error:  # noqa: BLE001 - a hook must not lose an answer
                logger.warning("a hook failed with %s", type(error).__name__)

    def _token(self, refused: str | None, ctx: Context) -> str:
        found = self._keeper.usable(self._http.monotonic(), refused)
        if found is not None:
            return found
        inner = ctx.for_login(self._keeper.refusals)
        running = Lock()
        with running:
            if not self._logins.wait("login", running, ctx.time_left(self._http.monotonic())):
                raise errors.DeadlineExceededError("the deadline passed while another caller was logging in")
            return self._run(inner, renew(inner, self._keeper, refused))
