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

from typing import TYPE_CHECKING

from invite_sdk._lazy import lazy

if TYPE_CHECKING:
    from invite_sdk._clients.aio import AsyncInviteClient
    from invite_sdk._clients.pager import AsyncLookupPager, AsyncPager, LookupPager, Pager
    from invite_sdk._clients.preload import preload
    from invite_sdk._clients.profiles import Profile, Profiles
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
    from invite_sdk._flows.effects import AttemptEvent, LookupPage, Page
    from invite_sdk._flows.events import AsyncHook, Hook
    from invite_sdk._flows.options import CallOptions
    from invite_sdk._flows.retry import NO_RETRIES, RetryPolicy
    from invite_sdk._model.invitation import Acceptance, EnsureResult, Invitation
    from invite_sdk._model.lists import InvitationList
    from invite_sdk._model.lookups import LookupList, RoleInfo, ScopeInfo
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
    from invite_sdk._version import __version__
    from invite_sdk.hub import AsyncHub, Hub
    from invite_sdk.roster import (
        AsyncRoster,
        JournalError,
        Plan,
        Policy,
        PruneLimitError,
        Report,
        Roster,
        RosterError,
    )
    from invite_sdk.services.capabilities import Capabilities
    from invite_sdk.services.cloudtruth import CloudTruth
    from invite_sdk.services.enhance import Enhance
    from invite_sdk.services.waldur import Waldur
    from invite_sdk.services.zenml import ZenML

_HOMES = {
    "invite_sdk._version": "__version__",
    "invite_sdk._clients.aio": "AsyncInviteClient",
    "invite_sdk._clients.pager": "AsyncLookupPager AsyncPager LookupPager Pager",
    "invite_sdk._clients.preload": "preload",
    "invite_sdk._clients.profiles": "Profile Profiles",
    "invite_sdk._clients.sync": "InviteClient",
    "invite_sdk._errors.tree": (
        "APIError AlreadyInvitedError AlreadyMemberError AuthenticationError ConfigurationError ConflictError "
        "ConnectError DeadlineExceededError InvalidArgumentError InvalidStateError InviteError NotFoundError "
        "OutcomeUnknownError PermissionDeniedError PlanLimitError RateLimitedError RedirectError "
        "ResponseParseError ServerError TimeoutError TransportError UnsupportedByServerError "
        "UnsupportedOperationError UnsupportedParameterError ValidationError"
    ),
    "invite_sdk._flows.effects": "AttemptEvent LookupPage Page",
    "invite_sdk._flows.events": "AsyncHook Hook",
    "invite_sdk._flows.options": "CallOptions",
    "invite_sdk._flows.retry": "NO_RETRIES RetryPolicy",
    "invite_sdk._model.invitation": "Acceptance EnsureResult Invitation",
    "invite_sdk._model.lists": "InvitationList",
    "invite_sdk._model.lookups": "LookupList RoleInfo ScopeInfo",
    "invite_sdk._model.records": (
        "Delivery FINAL_STATUSES InvitationCheck OPEN_STATUSES Problem Scope Status StatusName"
    ),
    "invite_sdk.hub": "AsyncHub Hub",
    "invite_sdk.roster": "AsyncRoster JournalError Plan Policy PruneLimitError Report Roster RosterError",
    "invite_sdk.services.capabilities": "Capabilities",
    "invite_sdk.services.cloudtruth": "CloudTruth",
    "invite_sdk.services.enhance": "Enhance",
    "invite_sdk.services.waldur": "Waldur",
    "invite_sdk.services.zenml": "ZenML",
}

__all__ = [
    "FINAL_STATUSES",
    "NO_RETRIES",
    "OPEN_STATUSES",
    "APIError",
    "Acceptance",
    "AlreadyInvitedError",
    "AlreadyMemberError",
    "AsyncHook",
    "AsyncHub",
    "AsyncInviteClient",
    "AsyncLookupPager",
    "AsyncPager",
    "AsyncRoster",
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
    "Hub",
    "InvalidArgumentError",
    "InvalidStateError",
    "Invitation",
    "InvitationCheck",
    "InvitationList",
    "InviteClient",
    "InviteError",
    "JournalError",
    "LookupList",
    "LookupPage",
    "LookupPager",
    "NotFoundError",
    "OutcomeUnknownError",
    "Page",
    "Pager",
    "PermissionDeniedError",
    "Plan",
    "PlanLimitError",
    "Policy",
    "Problem",
    "Profile",
    "Profiles",
    "PruneLimitError",
    "RateLimitedError",
    "RedirectError",
    "Report",
    "ResponseParseError",
    "RetryPolicy",
    "RoleInfo",
    "Roster",
    "RosterError",
    "Scope",
    "ScopeInfo",
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
    "preload",
]

__getattr__, __dir__ = lazy(__name__, _HOMES)
