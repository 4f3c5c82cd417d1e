"""Each fault over both ways into each fake, met by sync and async clients that this project did not write."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import anyio
import httpx
import pytest

from invite_sdk.testing import (
    FakeApp,
    FakeCloudTruth,
    FakeEnhance,
    FakeService,
    FakeWaldur,
    FakeZenML,
    Fault,
)
from invite_sdk.testing.suite.ways import WAYS as CLIENTS
from invite_sdk.testing.suite.ways import Way
from tests.testing.asking import FAKES, TLS, sign_in

Send = Callable[[httpx.Request], httpx.Response]
SERVICES = [build.service for build in FAKES]
WAYS = ("transport", "socket")
EFFECT = {"waldur": "created", "cloudtruth": "created", "zenml": "accepted", "enhance": "created"}
WRITE = {
    "waldur": "user_invitations_create",
    "cloudtruth": "invitations_create",
    "zenml": "respond_to_invitation",
    "enhance": "create_invite",
}
DONE_STATUS = {"waldur": 201, "cloudtruth": 201, "zenml": 200, "enhance": 201}


@dataclass(frozen=True)
class Cell:
    """What a caller sees of a fault, and whether the service did the work."""

    fault: Fault
    sees: int | type[Exception] | None
    """A status, an exception, or `None`: the service's own answer."""
    done: bool
    check: Callable[[httpx.Response], bool] = lambda answer: True
    over_sockets: type[Exception] | None = None
    """Where that is another exception."""


def _is_json(answer: httpx.Response) -> bool:
    try:
        answer.json()
    except ValueError:
        return False
    return answer.headers["Content-Type"] == "application/json"


CELLS = (
    Cell(Fault.status(400), 400, done=False),
    Cell(Fault.status(520), 520, False, lambda answer: answer.json() == {"detail": "Status 520."}),
    Cell(Fault.status(999), 999, done=False, check=_is_json),
    Cell(Fault.status(500, after_effect=True), 500, done=True),
    Cell(Fault.status(299, after_effect=True), 299, True, _is_json),
    Cell(Fault.status(503, body="busy", headers={"X-Why": "load"}), 503, False, lambda a: a.headers["X-Why"] == "load"),
    Cell(Fault.status(204), 204, False, lambda answer: answer.content == b""),
    Cell(Fault.retry_after(120), 429, False, lambda answer: answer.headers["Retry-After"] == "120"),
    Cell(
        Fault.retry_after(90, form="date", status=503, after_effect=True),
        503,
        True,
        lambda answer: (
            answer.headers.get_list("Date") == ["Mon, 05 Jan 2026 09:00:00 GMT"]
            and answer.headers["Retry-After"] == "Mon, 05 Jan 2026 09:01:30 GMT"
        ),
    ),
    Cell(Fault.html(), 502, False, lambda answer: answer.headers["Content-Type"].startswith("text/html")),
    Cell(Fault.html(200, after_effect=True), 200, True, lambda answer: answer.text.startswith("<!doctype html>")),
    Cell(
        Fault.redirect(), 307, False, lambda answer: answer.headers["Location"].startswith("https://elsewhere.example/")
    ),
    Cell(Fault.expired_token(), 401, done=False),
    Cell(
        Fault.clock_skew(-3600), None, True, lambda a: a.headers.get_list("Date") == ["Mon, 05 Jan 2026 08:00:00 GMT"]
    ),
    Cell(Fault.refuse_connection(), httpx.ConnectError, done=False, over_sockets=httpx.ReadError),
    Cell(Fault.drop_request(), httpx.RemoteProtocolError, done=False),
    Cell(Fault.drop_request(reset=True), httpx.ReadError, done=False),
    Cell(Fault.drop_reply(), httpx.RemoteProtocolError, done=True),
    Cell(Fault.drop_reply(reset=True), httpx.ReadError, done=True),
    Cell(Fault.slow_headers(0.01), None, True, _is_json),
    Cell(Fault.slow_headers(30), httpx.ReadTimeout, done=True),
    Cell(Fault.slow_body(0.01), None, True, _is_json),
    Cell(Fault.slow_body(30), httpx.ReadTimeout, done=True),
    Cell(Fault.dripped_body(5, interval=0.0001), None, True, _is_json),
    Cell(Fault.dripped_body(2, interval=30), httpx.ReadTimeout, done=True),
    Cell(Fault.truncated_body(), httpx.RemoteProtocolError, done=True),
    Cell(Fault.truncated_body(0), httpx.RemoteProtocolError, done=True),
    Cell(Fault.invalid_json(), None, True, lambda answer: not _is_json(answer)),
    Cell(Fault.wrong_content_type(), None, True, lambda a: a.headers["Content-Type"] == "text/plain; charset=utf-8"),
    Cell(Fault.empty_body(), None, True, lambda a: (a.content, a.headers["Content-Length"]) == (b"", "0")),
    Cell(
        Fault.oversized_body(200_000),
        None,
        True,
        lambda answer: _is_json(answer) and answer.headers["Content-Length"] == str(len(answer.content)) == "200000",
    ),
    Cell(
        Fault.oversized_body(200_000, chunked=True),
        None,
        True,
        lambda answer: len(answer.content) == 200_000 and "Content-Length" not in answer.headers,
    ),
    Cell(
        Fault.compressed_bomb(3_000_000),
        None,
        True,
        lambda answer: len(answer.content) == 3_000_000 and int(answer.headers["Content-Length"]) < 10_000,
    ),
)


@pytest.fixture(scope="module")
def served() -> Iterator[dict[str, FakeService]]:
    fakes = {build.service: build() for build in FAKES}
    with ExitStack() as stack:
        for fake in fakes.values():
            stack.enter_context(fake.serve())
        yield fakes


@pytest.fixture
def fake(served: dict[str, FakeService], request: pytest.FixtureRequest) -> FakeService:
    chosen = served[request.param]
    chosen.faults.clear()
    chosen.requests.clear()
    chosen.clock.current = datetime.fromisoformat("2026-01-05T09:00:00+00:00")
    return chosen


every_service = pytest.mark.parametrize("fake", SERVICES, indirect=True)
every_way = pytest.mark.parametrize("way", WAYS)
every_cell = pytest.mark.parametrize("cell", CELLS, ids=[str(cell.fault) for cell in CELLS])


def write(fake: FakeService) -> httpx.Request:
    """A write that the service will do, once."""
    email = f"nina{sum(fake.effects.values())}@example.com"
    body: dict[str, object] = {"email": email}
    if isinstance(fake, FakeWaldur):
        acme, owner = fake.customers["acme"], fake.roles["CUSTOMER.OWNER"]
        path = "/api/user-invitations/"
        body |= {"role": owner.uuid, "scope": f"{fake.base_url}/api/customers/{acme.uuid}/"}
    elif isinstance(fake, FakeCloudTruth):
        path = "/api/v1/invitations/"
        body |= {"role": "VIEWER"}
    elif isinstance(fake, FakeZenML):
        fake.add_user(email, email)
        invitation = fake.invite(email, organization="Acme", by="olivia")
        headers = {"Authorization": f"Bearer {fake.users[email].api_key}"}
        return httpx.Request("POST", f"{fake.base_url}/invitations/{invitation.id}?accept=true", headers=headers)
    else:
        assert isinstance(fake, FakeEnhance)
        path = f"/api/orgs/{fake.orgs[0].id}/invites"
        body |= {"name": "Nina", "roles": ["Support"]}
    return httpx.Request("POST", f"{fake.base_url}{path}", json=body, headers=[sign_in(fake)])


def client(fake: FakeService, way: str) -> httpx.Client:
    return httpx.Client(transport=fake.transport() if way == "transport" else None, verify=TLS)


@pytest.fixture(params=CLIENTS)
def send(request: pytest.FixtureRequest, fake: FakeService, way: str, ways: dict[str, Way]) -> Iterator[Send]:
    """Sends a request with a sync client or an async one, over the way in that the test is about."""
    portal = ways[request.param].portal
    if portal is None:
        with client(fake, way) as http:
            yield http.send
    else:
        transport = fake.transport() if way == "transport" else None
        async_http = httpx.AsyncClient(transport=transport, verify=TLS)
        yield partial(portal.call, async_http.send)
        portal.call(async_http.aclose)


def patience(cell: Cell) -> dict[str, object]:
    seconds = 0.05 if cell.sees is httpx.ReadTimeout else 5.0
    return {"timeout": {"connect": 5.0, "read": seconds, "write": 5.0, "pool": 5.0}}


def was_met(fake: FakeService, way: str) -> bool:
    """Whether a request that failed met its fault. On a busy machine its caller may lose patience before."""
    if way == "socket":
        # One thread serves: once this is answered, it has seen to all that came before.
        httpx.get(f"{fake.base_url}/_fake/clock", verify=TLS)
    return bool(fake.faults.injected)


def judge(fake: FakeService, way: str, cell: Cell, before: int, seen: httpx.Response | Exception) -> None:
    expected = cell.over_sockets if way == "socket" and cell.over_sockets else cell.sees
    if isinstance(seen, Exception):
        assert type(seen) is expected, seen
    else:
        assert seen.status_code == (DONE_STATUS[fake.service] if expected is None else expected)
        assert cell.check(seen), (seen.headers, seen.content[:200])
    assert fake.effects.get(EFFECT[fake.service], 0) - before == cell.done
    (injected,) = fake.faults.injected
    assert (injected.fault, injected.operation, injected.visible) == (cell.fault, WRITE[fake.service], True)
    assert cell.fault.effect == ("done" if cell.done else "none")
    if cell.fault.kind in {"drop_request", "refuse_connection"}:
        assert (fake.requests, injected.exchange) == ([], None)
    else:
        assert fake.requests == [injected.exchange]
        assert fake.requests[0].fault == cell.fault
    assert fake.faults.unused == ()


@every_service
@every_way
@every_cell
def test_a_client_meets(fake: FakeService, way: str, send: Send, cell: Cell) -> None:
    request = write(fake)
    request.extensions = patience(cell)
    before = fake.effects.get(EFFECT[fake.service], 0)
    fake.faults.plan(cell.fault, on=WRITE[fake.service])
    seen: httpx.Response | Exception | None = None
    while seen is None:
        try:
            seen = send(request)
        except httpx.HTTPError as error:
            seen = error if was_met(fake, way) else None

    judge(fake, way, cell, before, seen)


@every_service
@every_way
def test_a_stale_connection_loses_the_next_request_and_no_other(fake: FakeService, way: str, send: Send) -> None:
    before = fake.effects.get(EFFECT[fake.service], 0)
    fake.faults.plan(Fault.close_keep_alive())
    first = send(write(fake))
    with pytest.raises(httpx.RemoteProtocolError, match="disconnected without"):
        send(write(fake))
    third = send(write(fake))

    assert first.status_code == third.status_code == DONE_STATUS[fake.service]
    assert fake.effects[EFFECT[fake.service]] - before == 2
    assert [(found.fault.kind, found.exchange is None) for found in fake.faults.injected] == [
        ("close_keep_alive", False),
        ("close_keep_alive", True),
    ]
    assert len(fake.requests) == 2


@pytest.mark.parametrize("fake", ["waldur"], indirect=True)
@every_way
@pytest.mark.parametrize(
    ("fault", "sees"),
    [
        (Fault.truncated_body(), 200),
        (Fault.invalid_json(), 200),
        (Fault.slow_body(30), 200),
        (Fault.status(520), 520),
        (Fault.status(700), 700),
    ],
    ids=str,
)
def test_an_answer_to_head_has_no_body_to_spoil(fake: FakeService, way: str, fault: Fault, sees: int) -> None:
    fake.faults.plan(fault)
    with client(fake, way) as http:
        answer = http.head(f"{fake.base_url}/api/user-invitations/", headers=[sign_in(fake)])
        after = http.get(f"{fake.base_url}/api/user-invitations/", headers=[sign_in(fake)])

    assert (answer.status_code, answer.content, after.status_code) == (sees, b"", 200)


@pytest.mark.parametrize("fake", ["cloudtruth"], indirect=True)
@every_way
def test_a_truncated_body_says_how_much_came(fake: FakeService, way: str) -> None:
    fake.faults.plan(Fault.truncated_body(7))
    with client(fake, way) as http, http.stream("GET", f"{fake.base_url}/api/v1/invitations/") as answer:
        chunks = answer.iter_raw()
        first = next(chunks)
        with pytest.raises(httpx.RemoteProtocolError, match=r"received 7 bytes, expected \d\d"):
            next(chunks)

    assert first == b'{"detai'


@pytest.mark.parametrize("fake", ["cloudtruth"], indirect=True)
@every_way
def test_a_client_that_hangs_up_early_leaves_no_trace(
    fake: FakeService, way: str, capfd: pytest.CaptureFixture[str]
) -> None:
    fake.faults.plan(Fault.oversized_body(5_000_000))
    fake.faults.plan(Fault.dripped_body(1, interval=0.001))
    with client(fake, way) as http:
        for _ in range(2):
            with http.stream("GET", f"{fake.base_url}/api/v1/invitations/") as answer:
                next(answer.iter_raw())
        assert http.get(f"{fake.base_url}/api/v1/invitations/", headers=[sign_in(fake)]).status_code == 200

    assert capfd.readouterr() == ("", "")


# Time over the transport


def test_waiting_moves_the_clocks_and_nothing_else() -> None:
    fake = FakeCloudTruth()
    waits: list[float] = []
    fake.faults.plan(Fault.slow_headers(4))
    fake.faults.plan(Fault.slow_body(3))
    fake.faults.plan(Fault.dripped_body(20, interval=2))
    fake.faults.plan(Fault.slow_headers(5.5))
    with httpx.Client(base_url=fake.base_url, transport=fake.transport(on_wait=waits.append), timeout=5) as http:
        for _ in range(2):
            http.get("/api/v1/invitations/")
        # 59 bytes: {"detail":"Authentication credentials were not provided."} has three drips of 20.
        assert len(http.get("/api/v1/invitations/").content) == 58
        with pytest.raises(httpx.ReadTimeout):
            http.get("/api/v1/invitations/")

    assert waits == [4, 3, 2, 2, 5]
    assert fake.clock.now() == datetime.fromisoformat("2026-01-05T09:00:16+00:00")


@pytest.mark.anyio
async def test_an_async_drip_lets_other_tasks_run() -> None:
    fake = FakeCloudTruth()
    fake.faults.plan(Fault.dripped_body(10, interval=60), times=None)
    drips: list[str] = []

    async def drink(name: str) -> None:
        async with http.stream("GET", "/api/v1/invitations/") as answer:
            async for _ in answer.aiter_raw():
                drips.append(name)  # noqa: PERF401 - each as it comes, so that the order shows

    http = httpx.AsyncClient(base_url=fake.base_url, transport=fake.transport(), timeout=None)
    async with http, anyio.create_task_group() as group:
        group.start_soon(drink, "a")
        group.start_soon(drink, "b")

    assert sorted(drips) == ["a"] * 6 + ["b"] * 6
    assert drips not in (["a"] * 6 + ["b"] * 6, ["b"] * 6 + ["a"] * 6)


def test_without_a_timeout_nothing_times_out() -> None:
    fake = FakeCloudTruth()
    fake.faults.plan(Fault.slow_headers(86_400))
    with httpx.Client(base_url=fake.base_url, transport=fake.transport(), timeout=None) as http:
        assert http.get("/api/v1/invitations/").status_code == 401

    assert fake.clock.now().day == 6


# The server


def test_a_request_that_its_caller_breaks_off_is_not_handled(capfd: pytest.CaptureFixture[str]) -> None:
    fake = FakeCloudTruth()
    head = b"POST /api/v1/invitations/ HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{"
    with fake.serve() as url:
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as line:
            line.sendall(head)
        httpx.get(f"{url}/_fake/clock", verify=TLS)

    assert fake.requests == []
    assert capfd.readouterr() == ("", "")


def test_answers_over_sockets_carry_the_time_of_the_fake() -> None:
    fake = FakeCloudTruth()
    fake.clock.advance(days=1)
    with fake.serve() as url:
        answer = httpx.get(f"{url}/api/v1/invitations/", verify=TLS)

    assert answer.headers.get_list("Date") == ["Tue, 06 Jan 2026 09:00:00 GMT"]


# Other ASGI servers


def asgi(fake: FakeService) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(FakeApp(fake)), base_url="http://fake.example")


@pytest.mark.anyio
@pytest.mark.parametrize("fault", [Fault.drop_reply(), Fault.drop_request(), Fault.status(600)], ids=str)
async def test_another_server_says_what_it_cannot_do(fault: Fault) -> None:
    fake = FakeCloudTruth()
    fake.faults.plan(fault)
    async with asgi(fake) as http:
        with pytest.raises(RuntimeError, match=r"serve the fake with fake\.serve\(\)"):
            await http.get("/api/v1/invitations/")


@pytest.mark.anyio
async def test_another_server_is_left_with_an_unfinished_answer() -> None:
    fake = FakeCloudTruth()
    fake.faults.plan(Fault.truncated_body())
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    path = b"/api/v1/invitations/"
    scope = {"type": "http", "method": "GET", "raw_path": path, "query_string": b"", "headers": []}
    await FakeApp(fake)(scope, receive, send)

    assert [message.get("more_body") for message in sent] == [None, True]


@pytest.mark.anyio
async def test_another_server_does_the_rest() -> None:
    fake = FakeCloudTruth()
    fake.faults.plan(Fault.close_keep_alive())
    fake.faults.plan(Fault.invalid_json())
    async with asgi(fake) as http:
        statuses = [(await http.get("/api/v1/invitations/")).status_code for _ in range(3)]

    assert statuses == [401] * 3


# The control paths


def test_faults_are_planned_and_told_from_outside() -> None:
    fake = FakeCloudTruth()
    with fake.serve() as url, httpx.Client(base_url=url, verify=TLS) as http:
        path = "/_fake/faults"
        order = {"fault": {"kind": "status", "status": 520, "headers": {"X-Why": "load"}}, "on": "invitations_list"}
        planned = http.post(path, json=order).json()
        http.post(path, json={"fault": "expired_token", "nth": 9, "times": None, "on": ["invitations_create"]})
        answer = http.get("/api/v1/invitations/?page=1")
        told = http.get(path).json()
        (logged,) = http.get("/_fake/requests").json()
        http.delete(path)
        cleared = http.get(path).json()

    fault = {"kind": "status", "status": 520, "headers": {"X-Why": "load"}}
    plan = {"fault": fault, "on": ["invitations_list"], "nth": [], "times": 1, "seen": 0, "met": 0}
    rest = {"fault": {"kind": "expired_token"}, "on": ["invitations_create"], "nth": [9], "times": None}
    assert planned == plan
    assert (answer.status_code, answer.headers["X-Why"]) == (520, "load")
    assert told == {
        "planned": [{**plan, "seen": 1, "met": 1}, {**rest, "seen": 0, "met": 0}],
        "unused": [{**rest, "seen": 0, "met": 0}],
        "injected": [
            {
                "fault": fault,
                "effect": "none",
                "operation": "invitations_list",
                "method": "GET",
                "target": "/api/v1/invitations/?page=1",
                "arrived": True,
                "visible": True,
            }
        ],
    }
    assert logged["fault"] == fault
    assert cleared == {"planned": [], "unused": [], "injected": []}


def test_random_faults_are_ordered_from_outside_and_reset_ends_them() -> None:
    fake = FakeCloudTruth()
    with fake.serve() as url, httpx.Client(base_url=url, verify=TLS) as http:
        order = {"faults": ["empty_body", {"kind": "status", "status": 503}], "rate": 1, "seed": 4, "times": 6}
        assert http.post("/_fake/faults", json=order).status_code == 204
        statuses = [http.get("/api/v1/invitations/").status_code for _ in range(8)]
        assert http.post("/_fake/faults", json={**order, "times": None, "on": "invitations_list"}).status_code == 204
        http.post("/_fake/reset")
        last = http.get("/api/v1/invitations/").status_code

    assert set(statuses[:6]) == {401, 503}
    assert statuses[6:] == [401, 401]
    assert last == 401


@pytest.mark.parametrize("fake", ["cloudtruth"], indirect=True)
@pytest.mark.parametrize(
    ("order", "says"),
    [
        ({"fault": {"kind": "earthquake"}}, "no fault of the kind 'earthquake'; there are: status, "),
        ({"fault": {"kind": "from_dict"}}, "no fault of the kind"),
        ({"fault": {"kind": "status"}}, "status"),
        ({"fault": {"kind": "status", "status": 99}}, "200 to 999"),
        ({"fault": {"kind": "status", "status": "many"}}, "valid integer"),
        ({"fault": {"kind": "drop_reply", "seconds": 3}}, "seconds"),
        ({"fault": 5}, "a fault is an object"),
        ({}, "a fault is an object"),
        ({"fault": "html", "when": "now"}, "unknown: when; there are: fault, nth, on, times"),
        ({"fault": "html", "on": "invitation_list"}, "did you mean invitations_list?"),
        ({"fault": "html", "nth": "first"}, "nth: not a whole number: 'first'"),
        ({"fault": "html", "nth": 0}, "counted from 1"),
        ({"rate": 2, "faults": ["html"]}, "from 0 to 1"),
        ({"rate": "often", "faults": ["html"]}, "rate: not a number from 0 to 1: 'often'"),
        ({"rate": 0.5, "faults": []}, "needs faults"),
    ],
    ids=json.dumps,
)
def test_an_order_that_makes_no_sense_is_refused(fake: FakeService, order: dict[str, object], says: str) -> None:
    answer = httpx.post(f"{fake.base_url}/_fake/faults", json=order, verify=TLS)

    assert answer.status_code == 400
    assert says in answer.json()["error"]
    assert fake.faults.planned == ()
