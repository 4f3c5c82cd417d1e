"""What the operations of a hub take by keyword, and what its `from_env` does."""

from __future__ import annotations

import ssl
from collections.abc import Collection, Mapping, Sequence
from typing import TypedDict

from invite_sdk import AsyncHook, CallOptions, Hook, RetryPolicy, Scope, Status, StatusName


class CountFilters(CallOptions, total=False):
    """The filters of a client's `count`, and the options of the call: see `InviteClient.list`."""

    status: Status | StatusName | Collection[Status | StatusName] | None
    email: str | None
    role: str | None
    organization: str | None
    scope: Scope | str | None
    native_filters: Mapping[str, object] | None


class ListFilters(CountFilters, total=False):
    """The filters of a client's `list`, and the options of the call."""

    limit: int | None
    """How many invitations at the most, of each client."""
    page_size: int | None


class _Options(TypedDict, total=False):
    allow_http: bool
    timeout: float | None
    deadline: float
    emulate: bool
    resolve: bool
    headers: Mapping[str, str] | None
    retry: RetryPolicy | None
    max_body: int
    proxy: str | None
    verify: ssl.SSLContext | None


class ClientOptions(_Options, total=False):
    """The options of `InviteClient.from_env` that several clients can share."""

    hooks: Sequence[Hook]


class AsyncClientOptions(_Options, total=False):
    """The options of `AsyncInviteClient.from_env` that several clients can share."""

    hooks: Sequence[AsyncHook]
