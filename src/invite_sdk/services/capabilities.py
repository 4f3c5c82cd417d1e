"""The operations and what each service can do of them, as data: tables, refusals and tests are drawn from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Literal

from invite_clients._values import frozen_class
from invite_sdk._privacy.texts import shown

Level = Literal["native", "emulated", "partial", "unsupported"]
"""How a service has something: by itself, built by the SDK from other operations, in part, or not at all."""

View = Literal["sent", "received", "both"]
"""Whose invitations a list shows: those that were sent, those that the caller received, or both."""

PARAMETERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "list": ("status", "email", "role", "organization", "scope", "native_filters", "limit", "page_size"),
        "count": ("status", "email", "role", "organization", "scope", "native_filters"),
        "get": (),
        "create": ("role", "organization", "scope", "name", "message", "extra"),
        "ensure": ("role", "organization", "scope", "name", "message", "extra", "reinvite"),
        "update": ("email", "role", "refetch"),
        "delete": (),
        "cancel": ("refetch",),
        "accept": ("email", "password", "locale", "session", "refetch"),
        "decline": ("refetch",),
        "resend": ("refetch",),
        "approve": (),
        "reject": (),
        "check": (),
        "preview": (),
        "roles": ("name", "type", "limit", "page_size"),
        "scopes": ("name", "type", "organization", "limit", "page_size"),
    }
)
"""Every operation with its optional parameters, in the order in which the documentation tells of them."""

OPERATIONS = tuple(PARAMETERS)
"""The names of all operations, in the order of the documentation."""
FILTERS = ("status", "email", "role", "organization", "scope")

_OURS = frozenset({"limit", "refetch", "reinvite"})
"""Parameters that the SDK itself heeds, whatever the service has."""


@frozen_class
class Support:
    """How a service has one operation or one parameter."""

    level: Level
    note: str = ""
    """What a user should know, in one or two sentences."""
    since: str = ""
    """From which servers on, where that differs."""

    @property
    def is_supported(self) -> bool:
        """Whether it can be used at all."""
        return self.level != "unsupported"


@frozen_class
class FilterSupport(Support):
    """How a service has one filter: what is sent may narrow the answer, what is checked decides."""

    server: bool = False
    """Whether it may be sent to the service."""
    exact: bool = False
    """Whether every age of server is known to apply it exactly, so that a count may trust it."""


@frozen_class
class OperationSupport(Support):
    """How a service has one operation."""

    parameters: Mapping[str, Support] = field(default_factory=dict[str, Support])
    """Its optional parameters. One that is not here is unsupported, but for those that the SDK itself heeds: `limit`,
    `refetch` and `reinvite`."""
    nearest: str = ""
    """Where unsupported: the nearest thing that the service has."""
    view: View | None = None
    """For `list`: whose invitations it shows."""

    def __str__(self) -> str:
        words = [self.view, self.since and f"from {self.since}", self.nearest and f"see {self.nearest}"]
        said = ", ".join(word for word in words if word)
        return f"{self.level} ({said})" if said else self.level


@frozen_class
class Capabilities:
    """What one service can do. `capabilities["cancel"].level`, `capabilities.supports("list", "email")`."""

    service: str
    title: str
    """The service's name as its makers write it."""
    operations: Mapping[str, OperationSupport]
    """What is not declared is unsupported: later versions may know more operations."""
    duplicates: bool | None = None
    """Whether the service makes a second open invitation for the same address; `None` where that depends."""

    def __post_init__(self) -> None:
        unknown = sorted(set(self.operations) - set(OPERATIONS))
        if unknown:
            raise ValueError(f"{self.service}: {', '.join(unknown)} is no operation; there are {', '.join(OPERATIONS)}")
        wrong = [name for name, support in self.operations.items() if not isinstance(support, OperationSupport)]
        if wrong:
            raise ValueError(
                f"{self.service}: {', '.join(wrong)} must be native(...), emulated(...) or unsupported(...)"
            )
        whole = {name: self.operations.get(name, unsupported()) for name in OPERATIONS}
        object.__setattr__(self, "operations", whole)

    def __getitem__(self, operation: str) -> OperationSupport:
        found = self.operations.get(operation) if isinstance(operation, str) else None
        if found is None:
            raise KeyError(f"there is no operation {shown(operation)}; there are {', '.join(OPERATIONS)}")
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(OPERATIONS)

    def __repr__(self) -> str:
        rows = ((name, self.operations[name]) for name in OPERATIONS)
        return "\n".join([f"Capabilities of {self.title}:", *(f"  {name:<8} {support}" for name, support in rows)])

    def _repr_html_(self) -> str:
        from invite_sdk._html import html_table

        return html_table(f"What {self.title} can do", [self._row(name) for name in OPERATIONS])

    def _row(self, operation: str) -> dict[str, object]:
        """What a table shows of an operation."""
        support = self.operations[operation]
        usable = tuple(name for name in PARAMETERS[operation] if self.supports(operation, name))
        said = {"operation": operation, "level": support.level, "parameters": usable, "shows": support.view}
        return {**said, "since": support.since, "instead": support.nearest, "note": support.note}

    def supports(self, operation: str, parameter: str | None = None) -> bool:
        """Whether the service has the operation, and there the parameter.

        Raises:
            KeyError: there is no such operation or parameter in any service.
        """
        support = self[operation]
        if parameter is None:
            return support.is_supported
        if not isinstance(parameter, str) or parameter not in PARAMETERS[operation]:
            there_are = ", ".join(PARAMETERS[operation]) or "none"
            raise KeyError(f"{operation} has no parameter {shown(parameter)}; there are {there_are}")
        return support.is_supported and self.parameter(operation, parameter).is_supported

    def parameter(self, operation: str, parameter: str) -> Support:
        """How the service's operation has a parameter."""
        declared = self[operation].parameters.get(parameter)
        if declared is not None:
            return declared
        return NATIVE if parameter in _OURS else UNSUPPORTED


NATIVE = Support("native")
UNSUPPORTED = Support("unsupported")


def native(
    note: str = "",
    *,
    since: str = "",
    view: View | None = None,
    parameters: Mapping[str, Support] | None = None,
    level: Level = "native",
) -> OperationSupport:
    """An operation that the service has itself."""
    return OperationSupport(level, note, since, parameters or {}, view=view)


def emulated(note: str, *, parameters: Mapping[str, Support] | None = None) -> OperationSupport:
    """An operation that the SDK builds from others; `emulate=False` refuses it."""
    return OperationSupport("emulated", note, parameters=parameters or {})


def unsupported(nearest: str = "", note: str = "") -> OperationSupport:
    """An operation that the service does not have."""
    return OperationSupport("unsupported", note, nearest=nearest)


def server_filter(note: str = "", *, exact: bool = False) -> FilterSupport:
    """A filter that is sent to the service and checked on every row."""
    return FilterSupport("native", note, server=True, exact=exact)


def local_filter(note: str = "") -> FilterSupport:
    """A filter that is only checked on every row."""
    return FilterSupport("native", note)
