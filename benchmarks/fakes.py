"""The fake services: what a call in a test costs, and what it costs when there is much in them."""

from __future__ import annotations

from contextlib import ExitStack

from benchmarks._measure import Bench, Side, timed
from invite_sdk import InviteClient
from invite_sdk.testing import FakeRequest, FakeWaldur

FEW, MANY = 100, 10_000


def prepare(stack: ExitStack) -> Bench:
    """The sides."""
    few, many = _filled(FEW), _filled(MANY)
    client = stack.enter_context(InviteClient(few.connection("owner"), transport=few.transport()))
    uuid = few.invitations[0].uuid
    base = f"a page of 100 of {FEW}"
    return Bench(
        "fakes",
        "FakeWaldur, in process",
        "ms",
        (
            Side("get, the fake alone", timed(lambda: _ask(few, f"/api/user-invitations/{uuid}/"), "ms")),
            Side("get, through the client", timed(lambda: client.get(uuid), "ms"), "get, the fake alone"),
            Side(base, timed(lambda: _ask(few, "/api/user-invitations/?page_size=100"), "ms")),
            Side(
                f"a page of 100 of {MANY:,}",
                timed(lambda: _ask(many, "/api/user-invitations/?page_size=100"), "ms"),
                base,
            ),
        ),
        rounds=9,
        notes=("The fakes are for tests: the figures are here so that suites that use them stay fast.",),
    )


def _filled(count: int) -> FakeWaldur:
    fake = FakeWaldur()
    for number in range(count):
        fake.invite(f"invitee{number}@example.com")
    return fake


def _ask(fake: FakeWaldur, target: str) -> None:
    name, _, value = fake.credentials["owner"].partition(": ")
    answer = fake.handle(FakeRequest("GET", target, (("Host", "waldur.example.org"), (name, value))))
    if answer.status != 200:
        raise AssertionError(answer)
