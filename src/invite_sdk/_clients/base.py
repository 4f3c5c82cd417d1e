"""What both clients have in common: what their service can do, their children, and how they show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MemberDescriptorType, MethodType
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar

from invite_sdk._clients.facade import Facade, New, Role, hooks_of, located
from invite_sdk._flows.auth import TokenKeeper
from invite_sdk._flows.events import AsyncHook
from invite_sdk._flows.retry import RetryPolicy
from invite_sdk._flows.turns import Turns
from invite_sdk._model.records import Scope
from invite_sdk.services.capabilities import Capabilities

HookT = TypeVar("HookT", bound=Callable[..., object])


class Client:
    """A client of one service, before it is known how it waits."""

    # `__dict__` holds what a test put in place of a method, and what a subclass adds.
    __slots__ = ("__dict__", "__weakref__", "_facade", "_http", "_is_child", "_keeper", "_logins")

    if not TYPE_CHECKING:

        def __setattr__(self, name, value):
            """Takes private names and, for tests, functions in the place of methods. A subclass may have more."""
            kind = type(self)
            is_method = callable(getattr(kind, name, None)) and callable(value)
            if kind.__base__ is Client and not name.startswith("_") and not is_method:
                raise AttributeError(
                    "a client cannot be changed (with_options gives another), only a method be replaced by one: "
                    f"not {name}"
                )
            object.__setattr__(self, name, value)

    def __init__(self, facade: Facade, http: Any) -> None:
        self._facade = facade
        self._http = http
        self._keeper = TokenKeeper()
        self._logins = Turns()
        self._is_child = False

    def with_options(
        self,
        *,
        timeout: float | None = None,
        deadline: float | None = None,
        emulate: bool | None = None,
        resolve: bool | None = None,
        headers: Mapping[str, str] | None = None,
        retry: RetryPolicy | None = None,
        max_body: int | None = None,
        hooks: Sequence[AsyncHook] = (),
    ) -> Self:
        """A client with other options that shares this one's connections, token and hooks, and never closes them.

        Args:
            timeout: seconds for each single wait on the network. What is left out stays as it is.
            deadline: seconds for one operation, or one page of a listing, over all its requests.
            emulate: whether operations that the service lacks may be built from others.
            resolve: whether names of roles, organizations and scopes may be looked up where the service takes ids.
            headers: headers to send with every request, on top of those that are there.
            retry: how often and how patiently to try again; `NO_RETRIES` never does.
            max_body: how many bytes an answer may have, after decompression.
            hooks: further functions that are told of every attempt of this client, after those that are there.

        Raises:
            ConfigurationError: a value cannot be right.
        """
        given: dict[str, object] = {"timeout": timeout, "deadline": deadline, "emulate": emulate, "resolve": resolve}
        given |= {"headers": headers, "retry": retry, "max_body": max_body}
        child = type(self).__new__(type(self))
        # What a test put in place, and a subclass's own: its slots, and its methods as those of the child.
        for slot in (slot for kind in type(self).__mro__ for slot in vars(kind).values()):
            if isinstance(slot, MemberDescriptorType) and (value := _held(slot, self)) is not slot:
                slot.__set__(child, _of(child, self, value))
        child.__dict__.update({name: _of(child, self, value) for name, value in vars(self).items()})
        changes = {name: value for name, value in given.items() if value is not None}
        child._facade = self._facade.changed(changes, self._hooks(hooks))
        child._is_child = True
        return child

    @property
    def service(self) -> str:
        """The service's name."""
        return self._facade.connection.service

    @property
    def base_url(self) -> str:
        """The origin and path that every request stays under, without a trailing slash."""
        return self._facade.connection.base_url

    @property
    def account(self) -> str:
        """What tells two accounts of one server apart, where the credential alone says whose it is; often empty."""
        return self._facade.connection.account

    @property
    def defaults(self) -> Mapping[str, str]:
        """What `create` and `ensure` take from the connection where the call does not say, such as an organization."""
        return self._facade.connection.defaults

    @property
    def capabilities(self) -> Capabilities:
        """What the service can do, as data."""
        return self._facade.capabilities

    def validate(
        self,
        email: str,
        *,
        role: Role,
        organization: str | None = None,
        scope: Scope | str | None = None,
        name: str | None = None,
        message: str | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        """Refuses what `create` would refuse before its first request. Nothing is sent; names are not looked up.

        Both kinds of client have it as a plain method. The arguments are those of `create`.

        Raises:
            InvalidArgumentError: an argument cannot be right.
            UnsupportedOperationError: the service cannot create invitations.
            UnsupportedParameterError: its `create` does not have such a parameter.
        """
        ctx = self._facade.context("create", {})
        steps = located(ctx, self._facade.validate(ctx, New(email, role, organization, scope, name, message, extra)))
        try:
            next(steps)
        finally:
            steps.close()

    def supports(self, operation: str, parameter: str | None = None) -> bool:
        """Whether this client has an operation, and there a parameter: `client.supports("list", "email")`.

        Raises:
            InvalidArgumentError: no service has such an operation or parameter.
        """
        return self._facade.supports(operation, parameter)

    def __repr__(self) -> str:
        return f"{self._name()}({self._facade.connection!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"an {self._name()} holds credentials and connections and does not pickle; build one in the worker"
        )

    @staticmethod
    def _hooks(hooks: Iterable[HookT]) -> tuple[HookT, ...]:
        """The hooks of a client of this kind, read once."""
        return hooks_of(hooks)

    @classmethod
    def _name(cls) -> str:
        return next(kind.__name__ for kind in cls.__mro__ if kind.__base__ is Client)


def _held(slot: MemberDescriptorType, client: Client) -> object:
    """What a slot holds; the slot itself where it is empty."""
    try:
        return slot.__get__(client)
    except AttributeError:
        return slot


def _of(child: Client, parent: Client, value: object) -> object:
    """A value of the parent's as the child has it: a bound method is bound to the child."""
    if isinstance(value, MethodType) and value.__self__ is parent:
        return MethodType(value.__func__, child)
    return value
