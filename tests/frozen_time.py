"""A life with each service, for the tests of frozen time to run at any moment, and what must not be left after it."""

from __future__ import annotations

import asyncio
import copy
import datetime
import gc
import inspect
import pickle
import sys
import typing
from collections.abc import Iterator
from typing import Any, Final

OURS: Final = ("invite_sdk", "invite_clients", "pytest_invite_sdk")
NEW: Final = {"cloudtruth": {"role": "VIEWER"}, "enhance": {"role": "SiteAccess", "name": "Ana"}}
INVITEES: Final = {"waldur": "invitee", "cloudtruth": "nina"}
"""Who accepts, where that is another one."""
LISTED: Final = ("list", "roles", "scopes")


def live() -> str:
    """Calls every operation of every service with both clients. Returns what was called."""
    from invite_sdk import AsyncInviteClient, InviteClient
    from invite_sdk._model.installed import BUILT_IN
    from invite_sdk.testing.installed import fake_class

    kinds = [(service, of) for service in BUILT_IN for of in (InviteClient, AsyncInviteClient)]
    done = [called for service, of in kinds for called in asyncio.run(_operate(fake_class(service)(), of))]
    _build()
    return " ".join(done)


async def _operate(fake: Any, of: Any) -> list[str]:
    """Calls every operation of a service, each for an invitation of its own; each must succeed."""
    client = of(fake.connection(), transport=fake.transport())
    invitee = of(fake.connection(INVITEES.get(fake.service)), transport=fake.transport())
    done: list[str] = []
    made: Any = None
    for name, given, named in calls(fake):
        result = await _call(invitee if name == "accept" else client, name, (made,) if given is None else given, named)
        made = result if name == "create" else made
        for invitation in result if isinstance(result, list) else [result]:
            _use(getattr(invitation, "invitation", invitation))
        done.append(f"{type(fake).__name__} {name}")
    before = fake.clock.now()
    fake.load(fake.dump())
    assert fake.clock.now() == before < fake.clock.advance(days=1)
    return done


def calls(fake: Any) -> Iterator[tuple[str, tuple[str, ...] | None, dict[str, str]]]:
    """A call of every operation that a service has: its name, and what it is given; `None` is what `create` made."""
    from invite_sdk.services.capabilities import OPERATIONS
    from invite_sdk.services.registry import capabilities

    new = NEW.get(fake.service, {})
    if fake.service == "waldur":
        new = {"scope": fake.scope_url("apollo"), "role": fake.roles["PROJECT.MEMBER"].uuid}
    for name in filter(capabilities(fake.service).supports, OPERATIONS):
        email = {"zenml": "ana@example.com", "enhance": f"nina+{name}@example.com"}.get(
            fake.service, "nina@example.com"
        )
        row = fake.invite(email)
        given: tuple[str, ...] | None = (str(getattr(row, "uuid", None) or row.id),)
        named: dict[str, str] = {}
        if name in ("count", *LISTED):
            given = ()
        elif name in ("create", "ensure"):
            given, named = (f"{name}@example.com",), new
        elif name == "update":
            named = {"email": "zoey@example.com"}
        elif name in ("approve", "reject"):
            given = (fake.approval_token(fake.invite(email, state="requested")),)
        elif fake.service == "enhance" and name == "accept":
            named = {"email": email, "password": "a long enough secret"}
        elif fake.service == "enhance" and name == "resend":
            given = None
        yield name, given, named


async def _call(client: Any, name: str, positional: tuple[object, ...], named: dict[str, str]) -> Any:
    made = getattr(client, name)(*positional, **named)
    if name in LISTED:
        made = made.all()
    result = await made if inspect.isawaitable(made) else made
    if name == "list":
        assert len(result.to_pandas()) == len(result.to_polars()) == len(result.to_arrow()) == len(result) > 0
        assert "<table>" in result._repr_html_()
    return result


def _use(given: object) -> None:
    """Whatever people do with an invitation."""
    from invite_sdk import Invitation

    if not isinstance(given, Invitation):
        return
    now = datetime.datetime.now(datetime.UTC)
    for time in (given.created_at, given.expires_at):
        assert time is None or (isinstance(time, datetime.datetime) and isinstance(time < now, bool))
    assert given.expires_at is None or given.is_overdue == (given.expires_at <= now)
    assert Invitation.model_validate_json(given.model_dump_json()) == given
    assert Invitation.model_validate(given.model_dump()) == given
    assert pickle.loads(pickle.dumps(given)) == copy.deepcopy(given) == copy.copy(given) == given
    own = Invitation(service="waldur", id="1", status="pending", created_at=now, expires_at=now)  # type: ignore[arg-type]
    assert own.is_overdue
    assert Invitation.model_validate_json(own.model_dump_json()) == own


def _build() -> None:
    """Builds what pydantic builds late: faults from JSON types, models of the caller's made of ours."""
    from invite_sdk import Invitation
    from invite_sdk.testing import Fault

    now = datetime.datetime.now(datetime.UTC)
    assert Fault.from_dict({"kind": "retry_after", "after": "2026-01-05T09:00:00Z"}) != Fault.retry_after(after=now)
    assert Invitation.model_rebuild(force=True)

    class Noted(Invitation):
        note: str = ""

    noted = Noted.model_validate({"service": "zenml", "id": "1", "status": "pending", "created_at": now})
    assert noted.created_at == now
    assert "date-time" in str(Noted.model_json_schema())


def left() -> list[str]:
    """Where something of ours, or what pydantic and pandas know, holds a class or a function of freezegun's."""
    from freezegun import api

    fakes = {id(value) for name, value in vars(api).items() if name.startswith(("Fake", "fake_"))}
    found = {place for place, value in _held() if id(value) in fakes}
    tables = [value for value in gc.get_objects() if isinstance(value, dict) and any(id(key) in fakes for key in value)]
    return [*sorted(found), *(f"a table: {len(table)} keys" for table in tables if datetime.timedelta in table)]


def _held() -> Iterator[tuple[str, object]]:
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] not in OURS:
            continue
        for key, value in list(vars(module).items()):
            yield from _inside(f"{name}.{key}", value)
            if isinstance(value, type) and value.__module__ == name:
                for attribute, held in list(vars(value).items()):
                    yield from _inside(f"{name}.{key}.{attribute}", held)
                for field, info in vars(value).get("__pydantic_fields__", {}).items():
                    yield from _inside(f"{name}.{key}.{field}", info.annotation)


def _inside(place: str, value: object, depth: int = 0) -> Iterator[tuple[str, object]]:
    yield place, value
    if depth == 3:
        return
    parts: list[object] = list(typing.get_args(value))
    if isinstance(value, (list, tuple, set, frozenset)):
        parts += value
    elif isinstance(value, dict):
        parts += value.values()
    for part in parts:
        yield from _inside(place, part, depth + 1)
