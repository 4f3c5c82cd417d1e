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

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invite_sdk._async_client import AsyncInviteClient
    from invite_sdk._client import InviteClient
    from invite_sdk._errors import (
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
    from invite_sdk._events import AsyncHook, AttemptEvent, Hook
    from invite_sdk._flow import Page
    from invite_sdk._models import Acceptance, EnsureResult, Invitation
    from invite_sdk._operations import Capabilities
    from invite_sdk._options import CallOptions
    from invite_sdk._pager import AsyncPager, Pager
    from invite_sdk._records import (
        FINAL_STATUSES,
        OPEN_STATUSES,
        Delivery,
        InvitationCheck,
        InvitationList,
        Problem,
        Scope,
        Status,
        StatusName,
    )
    from invite_sdk._retry import NO_RETRIES, RetryPolicy
    from invite_sdk.services.cloudtruth import CloudTruth
    from invite_sdk.services.enhance import Enhance
    from invite_sdk.services.waldur import Waldur
    from invite_sdk.services.zenml import ZenML

    __version__: str

_HOMES = {
    "invite_sdk._async_client": ("AsyncInviteClient",),
    "invite_sdk._client": ("InviteClient",),
    "invite_sdk._errors": (
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
    "invite_sdk._events": ("AsyncHook", "AttemptEvent", "Hook"),
    "invite_sdk._flow": ("Page",),
    "invite_sdk._models": ("Acceptance", "EnsureResult", "Invitation"),
    "invite_sdk._operations": ("Capabilities",),
    "invite_sdk._options": ("CallOptions",),
    "invite_sdk._pager": ("AsyncPager", "Pager"),
    "invite_sdk._records": (
        "Delivery",
        "FINAL_STATUSES",
        "InvitationCheck",
        "InvitationList",
        "OPEN_STATUSES",
        "Problem",
        "Scope",
        "Status",
        "StatusName",
    ),
    "invite_sdk._retry": ("NO_RETRIES", "RetryPolicy"),
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
        from invite_sdk._version import VERSION

        return VERSION
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
