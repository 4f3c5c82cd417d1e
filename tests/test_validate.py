"""`validate` refuses what `create` would refuse before its first request, and sends nothing."""

from __future__ import annotations

from typing import Any

import pytest

from invite_sdk import (
    AsyncInviteClient,
    InvalidArgumentError,
    InviteClient,
    Scope,
    UnsupportedOperationError,
    UnsupportedParameterError,
)
from invite_sdk.testing import FakeCloudTruth, FakeEnhance, FakeWaldur, FakeZenML

APOLLO = Scope("project", "Apollo")


@pytest.fixture(params=[InviteClient, AsyncInviteClient])
def kind(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.mark.parametrize(
    ("fake", "good"),
    [
        (FakeWaldur(), {"role": "PROJECT.ADMIN", "scope": APOLLO, "message": "Hello"}),
        (FakeWaldur(), {"role": "CUSTOMER.OWNER", "organization": "Acme Org"}),
        (FakeWaldur(), {"role": "0" * 32, "scope": Scope("project", "1" * 32)}),
        (FakeCloudTruth(), {"role": "VIEWER"}),
        (
            FakeEnhance(),
            {"role": ["SuperAdmin"], "name": "Ana", "organization": "00000000-0000-4000-8000-000000000001"},
        ),
    ],
    ids=["waldur by names", "waldur organization", "waldur by ids", "cloudtruth", "enhance"],
)
def test_what_can_be_sent_passes_and_is_not_sent(kind: Any, fake: Any, good: dict[str, Any]) -> None:
    client = kind(fake.connection(), transport=fake.transport())

    assert client.validate("ana@example.com", **good) is None

    assert fake.requests == []


@pytest.mark.parametrize(
    ("fake", "email", "bad", "error", "said"),
    [
        (FakeWaldur(), "nobody", {"role": "PROJECT.ADMIN", "scope": APOLLO}, InvalidArgumentError, "email"),
        (FakeCloudTruth(), "ana@@example.com", {"role": "VIEWER"}, InvalidArgumentError, "email must be one address"),
        (FakeCloudTruth(), "ana@a.org@b.org", {"role": "VIEWER"}, InvalidArgumentError, "email must be one address"),
        (FakeWaldur(), "ana@example.com", {"role": "", "scope": APOLLO}, InvalidArgumentError, "role"),
        (FakeWaldur(), "ana@example.com", {"role": "PROJECT.ADMIN"}, InvalidArgumentError, "scope"),
        (
            FakeWaldur(),
            "ana@example.com",
            {"role": "PROJECT.ADMIN", "scope": APOLLO, "extra": {"shoe_size": 42}},
            InvalidArgumentError,
            "shoe_size",
        ),
        (FakeCloudTruth(), "ana@example.com", {"role": "VIEWER", "name": "Ana"}, UnsupportedParameterError, "name"),
        (FakeEnhance(), "ana@example.com", {"role": "SuperAdmin"}, InvalidArgumentError, "name"),
        (FakeZenML(), "ana@example.com", {"role": "admin"}, UnsupportedOperationError, "create"),
    ],
    ids=[
        "address",
        "two signs",
        "two addresses",
        "role",
        "no scope",
        "extra with names",
        "parameter",
        "missing name",
        "operation",
    ],
)
def test_what_create_would_refuse_unsent_is_refused(
    kind: Any, fake: Any, email: str, bad: dict[str, Any], error: type[Exception], said: str
) -> None:
    client = kind(fake.connection(), transport=fake.transport())

    with pytest.raises(error, match=said):
        client.validate(email, **bad)

    assert fake.requests == []
