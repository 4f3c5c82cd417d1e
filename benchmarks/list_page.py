"""One page of 100 real Waldur rows, every field of every row read."""

from __future__ import annotations

import asyncio
import json
from contextlib import ExitStack
from datetime import datetime

import httpx
from pydantic import BaseModel, TypeAdapter
from waldur_api_client import AuthenticatedClient
from waldur_api_client.api.user_invitations import user_invitations_list

from benchmarks._data import ORIGIN, PATH, TOKEN, compact, waldur_row
from benchmarks._fields import every_attribute, every_key
from benchmarks._measure import Bench, Side, Target, timed, timed_async
from benchmarks._transports import JSON, Canned
from invite_sdk import AsyncInviteClient, Invitation, InviteClient, Waldur

ROWS = 100
UNIFIED = [name for name in Invitation.model_fields if name != "native"]
NATIVE = [f"native.{name}" for name in waldur_row(0)]


class PlainRow(BaseModel):
    """The least that pydantic can be asked for: ids as text, times as times, nothing on top."""

    uuid: str
    url: str
    role: str
    role_name: str
    role_description: str
    scope_uuid: str
    scope_name: str
    scope_type: str | None
    scope_description: str
    customer_uuid: str
    customer_name: str
    created_by_full_name: str
    created_by_username: str
    created_by_image: str | None
    created: datetime
    expires: datetime
    email: str
    state: str
    execution_state: str
    error_message: str
    full_name: str
    native_name: str
    phone_number: str
    organization: str
    job_title: str
    civil_number: str
    extra_invitation_text: str


def prepare(stack: ExitStack) -> Bench:
    """The sides."""
    rows = [waldur_row(number) for number in range(ROWS)]
    body = compact(rows)
    transport = Canned(body, {**JSON, "X-Result-Count": str(ROWS)})
    url, headers = f"{ORIGIN}{PATH}?page=1&page_size=300", {"Authorization": f"Token {TOKEN}"}
    by_key, by_attribute = every_key(rows[0]), every_attribute(rows[0])
    unified, both = every_attribute(UNIFIED), every_attribute([*UNIFIED, *NATIVE])
    adapter = TypeAdapter(list[PlainRow])

    plain = stack.enter_context(httpx.Client(transport=transport, headers=headers))
    connection = Waldur(ORIGIN, token=TOKEN)
    ours = stack.enter_context(InviteClient(connection, transport=transport))
    runner = stack.enter_context(asyncio.Runner())
    plain_async = httpx.AsyncClient(transport=transport, headers=headers)
    ours_async = AsyncInviteClient(connection, transport=transport)
    official = AuthenticatedClient(base_url=ORIGIN, token=TOKEN, prefix="Token")
    official.set_httpx_client(httpx.Client(base_url=ORIGIN, transport=transport, headers=headers))

    async def bare_async() -> None:
        by_key(json.loads((await plain_async.get(url)).content))

    async def sdk_async() -> None:
        unified(await ours_async.list().all())

    assert sorted(PlainRow.model_fields) == sorted(rows[0])  # noqa: S101 - the sides must read the same
    assert len(ours.list().all()) == ROWS  # noqa: S101
    assert len(user_invitations_list.sync(client=official)) == ROWS  # noqa: S101

    bare, bare_in_async = "httpx + json.loads", "httpx + json.loads, async"
    return Bench(
        "list_page",
        f"A page of {ROWS} Waldur rows ({len(rows[0])} fields, {len(body) // ROWS} bytes a row)",
        "ms",
        (
            Side(bare, timed(lambda: by_key(json.loads(plain.get(url).content)), "ms")),
            Side(
                "httpx + pydantic validate_json",
                timed(lambda: by_attribute(adapter.validate_json(plain.get(url).content)), "ms"),
                bare,
            ),
            Side("invite-sdk", timed(lambda: unified(ours.list()), "ms"), bare),
            Side("invite-sdk, native fields too", timed(lambda: both(ours.list()), "ms"), bare),
            Side(
                "waldur-api-client",
                timed(lambda: by_attribute(user_invitations_list.sync(client=official, page_size=300)), "ms"),
                bare,
            ),
            Side(bare_in_async, timed_async(bare_async, "ms", runner)),
            Side("invite-sdk, async", timed_async(sdk_async, "ms", runner), bare_in_async),
        ),
        rounds=61,
        targets=(
            Target("at most 1.5 of bare, over 2.0 is a failure", "invite-sdk", "ratio", 1.5, 2.0),
            Target("at most 1.5 of bare async, over 2.0 is a failure", "invite-sdk, async", "ratio", 1.5, 2.0),
        ),
        notes=(
            (
                "Recorded rows of Waldur 7.0.7 in the form of newer servers: with `scope_description` and "
                "`created_by_image`, without which waldur-api-client raises, and without `tax_number`."
            ),
            "invite-sdk's first figure reads the unified fields, its second every field that Waldur sent as well.",
        ),
    )
