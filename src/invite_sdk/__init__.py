"""One Python SDK for the invitation APIs of Waldur, CloudTruth, ZenML Pro and Enhance.

```python
from invite_sdk import InviteClient, Waldur

with InviteClient(Waldur("https://waldur.example.org", token="…")) as client:
    for invitation in client.list(status="pending"):
        print(invitation.email, invitation.expires_at)
```

Names are loaded when they are first used: importing the package costs little, and loads no service.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from invite_sdk._clients.aio import AsyncInviteClient
    from invite_sdk._clients.pager import AsyncPager, Pager
    from invite_sdk._clients.sync import InviteClient
    from invite_sdk._errors.tree import (
        AlreadyInvitedError,
        AlreadyMemberError,
        APIError,
        AuthenticationError,
        ConfigurationError,
        ConflictError,
        ConnectError,
        DeadlineExceededError,
        InvalidArgumentError,
        InvalidStateError,
        InviteError,
        NotFoundError,
        OutcomeUnknownError,
        PermissionDeniedError,
        PlanLimitError,
        RateLimitedError,
        RedirectError,
        ResponseParseError,
        ServerError,
        TimeoutError,  # noqa: A004 - ours
        TransportError,
        UnsupportedByServerError,
        UnsupportedOperationError,
        UnsupportedParameterError,
        ValidationError,
    )
    from invite_sdk._flows.effects import AttemptEvent, Page
    from invite_sdk._flows.events import AsyncHook, Hook
    from invite_sdk._flows.options import CallOptions
    from invite_sdk._flows.retry import NO_RETRIES, RetryPolicy
    from invite_sdk._model.invitation import Acceptance, EnsureResult, Invitation
    from invite_sdk._model.lists import InvitationList
    from invite_sdk._model.records import (
        FINAL_STATUSES,
        OPEN_STATUSES,
        Delivery,
        InvitationCheck,
        Problem,
        Scope,
        Status,
        StatusName,
    )
    from invite_sdk.services.capabilities import Capabilities
    from invite_sdk.services.cloudtruth import CloudTruth
    from invite_sdk.services.enhance import Enhance
    from invite_sdk.services.waldur import Waldur
    from invite_sdk.services.zenml import ZenML

    __version__: str

_HOMES = {
    "invite_sdk._clients.aio": ("AsyncInviteClient",),
    "invite_sdk._clients.pager": ("AsyncPager", "Pager"),
    "invite_sdk._clients.sync": ("InviteClient",),
    "invite_sdk._errors.tree": (
        "APIError",
        "AlreadyInvitedError",
        "AlreadyMemberError",
        "AuthenticationError",
        "ConfigurationError",
        "ConflictError",
        "ConnectError",
        "DeadlineExceededError",
        "InvalidArgumentError",
        "InvalidStateError",
        "InviteError",
        "NotFoundError",
        "OutcomeUnknownError",
        "PermissionDeniedError",
        "PlanLimitError",
        "RateLimitedError",
        "RedirectError",
        "ResponseParseError",
        "ServerError",
        "TimeoutError",
        "TransportError",
        "UnsupportedByServerError",
        "UnsupportedOperationError",
        "UnsupportedParameterError",
        "ValidationError",
    ),
    "invite_sdk._flows.effects": ("AttemptEvent", "Page"),
    "invite_sdk._flows.events": ("AsyncHook", "Hook"),
    "invite_sdk._flows.options": ("CallOptions",),
    "invite_sdk._flows.retry": ("NO_RETRIES", "RetryPolicy"),
    "invite_sdk._model.invitation": ("Acceptance", "EnsureResult", "Invitation"),
    "invite_sdk._model.lists": ("InvitationList",),
    "invite_sdk._model.records": (
        "Delivery",
        "FINAL_STATUSES",
        "InvitationCheck",
        "OPEN_STATUSES",
        "Problem",
        "Scope",
        "Status",
        "StatusName",
    ),
    "invite_sdk.services.capabilities": ("Capabilities",),
    "invite_sdk.services.cloudtruth": ("CloudTruth",),
    "invite_sdk.services.enhance": ("Enhance",),
    "invite_sdk.services.waldur": ("Waldur",),
    "invite_sdk.services.zenml": ("ZenML",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "FINAL_STATUSES",
    "NO_RETRIES",
    "OPEN_STATUSES",
    "APIError",
    "Acceptance",
    "AlreadyInvitedError",
    "AlreadyMemberError",
    "AsyncHook",
    "AsyncInviteClient",
    "AsyncPager",
    "AttemptEvent",
    "AuthenticationError",
    "CallOptions",
    "Capabilities",
    "CloudTruth",
    "ConfigurationError",
    "ConflictError",
    "ConnectError",
    "DeadlineExceededError",
    "Delivery",
    "Enhance",
    "EnsureResult",
    "Hook",
    "InvalidArgumentError",
    "InvalidStateError",
    "Invitation",
    "InvitationCheck",
    "InvitationList",
    "InviteClient",
    "InviteError",
    "NotFoundError",
    "OutcomeUnknownError",
    "Page",
    "Pager",
    "PermissionDeniedError",
    "PlanLimitError",
    "Problem",
    "RateLimitedError",
    "RedirectError",
    "ResponseParseError",
    "RetryPolicy",
    "Scope",
    "ServerError",
    "Status",
    "StatusName",
    "TimeoutError",
    "TransportError",
    "UnsupportedByServerError",
    "UnsupportedOperationError",
    "UnsupportedParameterError",
    "ValidationError",
    "Waldur",
    "ZenML",
    "__version__",
]


def __getattr__(name: str) -> object:
    if name == "__version__":
        value: object = import_module("invite_sdk._version").VERSION
    elif name in _HOME_OF:
        value = getattr(import_module(_HOME_OF[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return names_of(__all__, globals())


def names_of(public: list[str], loaded: dict[str, object]) -> list[str]:
    """What `dir` tells of a lazy package: to people every public name, to whoever walks all modules the loaded ones.

    A walker asks for each name that it is told, which would load everything. People ask at a prompt, where Python and
    notebooks have set `sys.ps1`, or through what completes names and writes documentation for them.
    """
    if hasattr(sys, "ps1") or _FOR_PEOPLE & set(_asking()):
        return sorted(public)
    return sorted(loaded.keys() & public)


_FOR_PEOPLE = {"pydoc", "rlcompleter", "sphinx"}


def _asking() -> Iterator[str]:
    """The packages of the innermost callers; `inspect` is between some of them and `dir`."""
    frame: FrameType | None = sys._getframe()  # pyright: ignore[reportPrivateUsage]
    for _ in range(8):
        if frame is None:
            return
        yield str(frame.f_globals.get("__name__")).partition(".")[0]
        frame = frame.f_back
