"""Enhance alone: keys that change, sessions, passwords, and links that hold an address."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx
import pytest

from invite_sdk import (
    Acceptance,
    AsyncInviteClient,
    AuthenticationError,
    ConfigurationError,
    Enhance,
    InvalidArgumentError,
    Invitation,
    InvitationCheck,
    InviteClient,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    Status,
    ValidationError,
)
from invite_sdk.testing import FakeEnhance
from invite_sdk.testing.suite.fixtures import Connect
from tests.behaviour.worlds import EnhanceWorld, World, of
from tests.behaviour.worlds.enhance import PASSWORD
from tests.support.wire import Heard, Line, serve


@of("enhance")
def test_an_invalid_invite_is_not_found_by_get_and_preview(world: World, client: InviteClient) -> None:
    found = world.invite()
    world.settle(found)

    for read in (client.get, client.preview):
        with pytest.raises(NotFoundError, match="not valid"):
            read(found)
    assert client.check(found) == InvitationCheck(valid=False)


@of("enhance")
def test_nulls_in_place_of_absent_fields_say_the_same(world: EnhanceWorld, client: InviteClient) -> None:
    world.fake.validate_nulls = True

    assert client.check(world.unknown_id()) == InvitationCheck(valid=False)


@of("enhance-url", "enhance-key", "enhance-text")
def test_resending_gives_a_new_id_and_names_the_old_one(world: World, client: InviteClient) -> None:
    created = client.create("ann@example.org", role=["SiteAccess", "Support"], name="Ann Example")
    assert created.is_resendable

    again = client.resend(created)

    assert again.previous_id == created.id
    assert again.id not in (None, created.id)
    assert (again.email, again.name, again.roles) == (created.email, created.name, created.roles)
    assert client.check(created).valid is False
    assert client.check(again).valid is True
    assert client.resend(again).previous_id == again.id
    assert len(world.fake.outbox) == 3


@of("enhance")
def test_resending_takes_only_what_create_returned(world: World, client: InviteClient) -> None:
    found = world.invite()
    others: list[str | Invitation] = [
        found,
        client.get(found),
        Invitation(service="enhance", id=found, status=Status.PENDING, email="ann@example.org"),
    ]
    world.fake.requests.clear()

    for other in others:
        assert isinstance(other, str) or not other.is_resendable
        with pytest.raises(InvalidArgumentError, match="create returned"):
            client.resend(other)
    assert world.fake.requests == []


@of("enhance-url")
def test_what_create_returned_can_be_kept_as_json_and_resent(world: World, client: InviteClient) -> None:
    created = client.create("ann@example.org", role="Support", name="Ann Example")
    kept = Invitation.model_validate_json(created.model_dump_json())

    assert kept == created
    assert client.resend(kept).previous_id == created.id


@of("enhance")
@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_wrong_password_is_refused(world: EnhanceWorld, status: Any, client: InviteClient) -> None:
    world.fake.wrong_password_status = status
    found = world.invite("ivan@example.com")

    with pytest.raises((ValidationError, AuthenticationError, PermissionDeniedError)) as caught:
        client.accept(found, email="ivan@example.com", password="wrong")

    assert caught.value.status == status
    assert world.fake.effects.get("accepted", 0) == 0


@of("enhance")
def test_an_invitee_accepts_with_a_session_of_their_own(world: EnhanceWorld, client: InviteClient) -> None:
    session = world.fake.users["ivan"].session
    assert session is not None
    found = world.invite("ivan@example.com")

    accepted = client.accept(found, session=session)

    assert accepted.invitation.status is Status.ACCEPTED
    assert accepted.session is None
    assert world.fake.requests[-1].request.body == b""


@of("enhance")
def test_beside_a_session_nothing_that_was_given_is_dropped(world: EnhanceWorld, client: InviteClient) -> None:
    session = world.fake.users["ivan"].session
    assert session is not None

    client.accept(world.invite("ivan@example.com"), session=session, email="ivan@example.com", locale="de-CH")

    assert world.fake.requests[-1].request.body == b'{"email":"ivan@example.com","locale":"de-CH"}'


@of("enhance")
def test_a_session_of_somebody_else_is_refused(world: EnhanceWorld, client: InviteClient) -> None:
    session = world.fake.users["olivia"].session
    assert session is not None

    with pytest.raises(PermissionDeniedError, match="somebody else"):
        client.accept(world.invite("ivan@example.com"), session=session)


@of("enhance")
def test_what_is_missing_to_accept_is_named_before_any_request(world: World, client: InviteClient) -> None:
    found = world.invite()
    missing: list[tuple[dict[str, str], str]] = [
        ({}, "email and password"),
        ({"email": "ann@example.org"}, "password"),
        ({"password": PASSWORD}, "email"),
        ({"session": "a session"}, "session"),
        ({"session": "abc;x=1"}, "session"),
        ({"session": "abc", "locale": "en-GB"}, "email"),
    ]

    for named, word in missing:
        with pytest.raises(InvalidArgumentError, match=word):
            client.accept(found, **named)  # type: ignore[arg-type]
    assert world.fake.requests == []


@of("enhance")
def test_the_address_comes_from_the_link_or_the_invitation(world: EnhanceWorld, client: InviteClient) -> None:
    fake = world.fake
    for escaped in (False, True):
        fake.escape_email = escaped
        row = fake.invite(f"ann+{escaped}@example.org")

        accepted = client.accept(fake.link(row), password=PASSWORD)

        assert accepted.invitation.email == f"ann+{escaped}@example.org"
    assert fake.effects["accepted"] == 2


@of("enhance-url")
def test_an_invitation_that_create_returned_is_accepted_as_it_is(world: World, client: InviteClient) -> None:
    created = client.create("ann@example.org", role="Support", name="Ann")
    world.fake.requests.clear()

    accepted = client.accept(created, password=PASSWORD)

    assert (accepted.invitation.name, accepted.invitation.status) == ("Ann", "accepted")
    assert [one.operation for one in world.fake.requests] == ["accept_invite"]


RESELLER = "panel.reseller.example"


def on_reseller(world: EnhanceWorld) -> FakeEnhance:
    """A panel whose links are on another host."""
    world.fake.panel = RESELLER
    return world.fake


def hosts(world: World) -> set[str | None]:
    """Where the requests went."""
    return {one.request.header("host") for one in world.fake.requests}


@of("enhance-url")
def test_a_link_that_the_panel_returned_is_taken_wherever_it_is(world: EnhanceWorld, client: InviteClient) -> None:
    on_reseller(world)
    made = client.create("ann@example.org", role="Support", name="Ann")
    assert made.url is not None
    assert urlsplit(made.url).hostname == RESELLER

    assert client.check(made.url).valid
    assert client.get(made.url).id == made.id
    again = client.resend(made)
    assert again.url is not None
    accepted = client.accept(again.url, password=PASSWORD)

    assert accepted.invitation.email == "ann@example.org"
    assert hosts(world) == {"enhance.example"}


@of("enhance-url")
def test_a_link_in_an_invitation_is_taken_wherever_it_is(
    world: EnhanceWorld, client: InviteClient, connect: Connect
) -> None:
    on_reseller(world)
    made = client.create("ann@example.org", role="Support", name="Ann")
    kept = Invitation.model_validate_json(made.model_dump_json())
    nameless = kept.model_copy(update={"id": None, "email": None})
    linked = kept.model_copy(update={"id": made.url})

    for one in (kept, nameless, linked):
        assert connect().check(one).valid
    assert connect().accept(nameless, password=PASSWORD).invitation.email == "ann@example.org"
    assert hosts(world) == {"enhance.example"}


@of("enhance-url")
def test_a_link_on_another_host_is_refused_unless_the_connection_names_it(
    world: EnhanceWorld, connect: Connect
) -> None:
    fake = on_reseller(world)
    link = fake.link(fake.invite("ann@example.org"))
    with pytest.raises(InvalidArgumentError, match="link_hosts") as caught:
        connect().accept(link, password=PASSWORD)

    assert RESELLER in str(caught.value)
    assert urlsplit(link).path.rpartition("/")[2] not in str(caught.value)
    assert fake.requests == []

    named: list[Any] = [
        [RESELLER],
        (f"{RESELLER.upper()}.",),
        f"other.example, {RESELLER}",
        ["other.example", RESELLER],
    ]
    for names in named:
        connection = Enhance(fake.base_url, token="t", link_hosts=names)
        with InviteClient(connection, transport=fake.transport()) as client:
            assert client.check(link).valid
            assert client.with_options(deadline=9).check(link).valid
            with pytest.raises(InvalidArgumentError):
                client.check(link.replace(RESELLER, "evil.example"))
    assert hosts(world) == {"enhance.example"}


@of("enhance-url")
def test_a_key_in_an_invitation_can_address_nothing_else(world: World, client: InviteClient) -> None:
    wrong = [
        "https://evil.example/invites/..",
        "https://evil.example/invites/a%2Fb",
        "https://evil.example/orgs/x",
        "a/b",
    ]
    for link in wrong:
        with pytest.raises(InvalidArgumentError):
            client.check(Invitation(service="enhance", id=link, status=Status.PENDING))
    assert world.fake.requests == []


@pytest.mark.parametrize(
    "names", ["https://panel.example", "panel.example:8443", "a b", ["panel.example/x"], [""], 5, [5]]
)
def test_a_host_that_cannot_be_one_is_no_setting(names: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"link_hosts (must be|names)"):
        Enhance("https://panel.example", token="t", link_hosts=names)


def test_the_hosts_of_links_come_from_the_environment_too() -> None:
    environ = {"INVITE_ENHANCE_URL": "https://panel.example", "INVITE_ENHANCE_TOKEN": "t"}
    names = {"INVITE_ENHANCE_LINK_HOSTS": " one.example, Two.example "}

    assert Enhance.from_env(environ).link_hosts == ()
    assert Enhance.from_env(environ | names).link_hosts == ("one.example", "two.example")
    with pytest.raises(ConfigurationError, match="INVITE_ENHANCE_LINK_HOSTS must be bare names"):
        Enhance.from_env(environ | {"INVITE_ENHANCE_LINK_HOSTS": "https://one.example"})


# What a panel answers that cannot be asked for twice


class Torn(httpx.SyncByteStream):
    """A body that breaks off."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"{"
        raise httpx.ReadError("connection reset")


def accepting(
    cookies: Iterable[str], stream: httpx.SyncByteStream | None = None, *, refetch: bool = False
) -> Acceptance:
    """What accepting brings on a panel that sets these cookies."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/validate"):
            asked.append(request)
            return httpx.Response(200, json={"isValid": len(asked) == 1, "role": "Owner"})
        return httpx.Response(200, headers=[("Set-Cookie", cookie) for cookie in cookies], stream=stream)

    with InviteClient(Enhance("https://panel.example", token="t"), transport=httpx.MockTransport(answer)) as client:
        return client.accept("a-key", email="ann@example.org", password=PASSWORD, refetch=refetch)


@pytest.mark.parametrize(
    "cookies",
    [
        ["id0=new; Path=/; HttpOnly; Secure; SameSite=None; Partitioned"],
        ["id0=new; Path=/; Priority=High; Invented; Another=one two"],
        ["id0=new; Expires=Wed, 41 Oct 2099 07:70:00 XYZ"],
        ["id0=new;Path=/;HttpOnly"],
        ["id0 = new ; path=/"],
        ['id0="new"; Path="/a;b"'],
        ["id0=new"],
        ["id0=new;"],
        ["__Host-id0=new; Path=/; Secure"],
        ["__Secure-id0=new; Secure"],
        ["csrf=x; Partitioned", "id0=new; Path=/", "a b c=;;;"],
        ["id0=; Max-Age=0; Path=/old", "id0=new; Path=/"],
        ["id0=new; Path=/", "id0=deleted; Expires=Thu, 01-Jan-1970 00:00:01 GMT; Path=/old"],
        ["id0=new; Path=/", "id0=deleted; Max-Age=-1"],
        ["id0=old; Path=/", "id0=new; Path=/"],
        ["csrf=x; Expires=Wed, 21 Oct 2099 07:28:00 GMT, id0=new; Path=/"],
        ["id0=new, csrf=x; Path=/"],
        ["id0=new; Path=/, csrf=x; Max-Age=0"],
        ["id0=new; Path=/", "id0=deleted; Expires=Mon, 01 Jan 2001 00:00:00 GMT"],
        ["id0=new; Path=/", "id0=deleted; Expires=Mon, 01 Jan 0001 00:00:00 GMT"],
        ["id0=new; Path=/, id0=deleted; Expires=Sat, 01-Jan-2000 00:00:00 GMT; Path=/old"],
        ["id0=new; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=3600"],
        ["id0=new; Max-Age=00100; Expires=Thu, 01 Jan 1970 00:00:00 GMT"],
        ["id0=new; Max-Age=0x"],
        ["id0=new; Expires=0"],
        ["id0=new; Comment=max-age=0"],
    ],
)
def test_the_session_is_found_whatever_stands_around_it(cookies: list[str]) -> None:
    accepted = accepting(cookies)

    assert accepted.session is not None
    assert accepted.session.get_secret_value() == "new"
    assert (accepted.invitation.partial, "new" in repr(accepted)) == (True, False)


@pytest.mark.parametrize(
    "cookie",
    [
        *("id0=", "xid0=new", "id0x=new", "id0", "x=id0=new", "id0=new; Max-Age=0", "", ";;="),
        "id0=new; Max-Age=-1; Expires=Wed, 21 Oct 2099 07:28:00 GMT",
        "id0=deleted; Expires=Sat, 01-Jan-2000 00:00:00 GMT",
    ],
)
def test_another_cookie_is_no_session(cookie: str) -> None:
    accepted = accepting([cookie])

    assert (accepted.session, accepted.invitation.status) == (None, Status.ACCEPTED)


@pytest.mark.parametrize(("year", "session"), [(2050, "new"), (2052, None)])
def test_a_cookie_is_as_old_as_the_clock_that_dated_it_says(year: int, session: str | None) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        dated = {
            "Date": f"Mon, 01 Jan {year} 00:00:00 GMT",
            "Set-Cookie": "id0=new; Expires=Fri, 1 Jan 2051 00:00:00 GMT",
        }
        return httpx.Response(200, headers=dated)

    with InviteClient(Enhance("https://panel.example", token="t"), transport=httpx.MockTransport(answer)) as client:
        found = client.accept("a-key", email="ann@example.org", password=PASSWORD, refetch=False).session

    assert (found and found.get_secret_value()) == session


@pytest.mark.parametrize("refetch", [True, False])
def test_the_session_is_kept_where_the_answer_breaks_off_behind_it(refetch: bool) -> None:
    accepted = accepting(["id0=new; Path=/; Partitioned"], Torn(), refetch=refetch)

    assert accepted.session is not None
    assert accepted.session.get_secret_value() == "new"
    assert (accepted.invitation.partial, accepted.invitation.status) == (True, Status.ACCEPTED)
    assert accepted.invitation.answer == "{"


@pytest.mark.parametrize("refetch", [True, False])
def test_a_page_that_comes_with_the_session_is_an_answer_where_the_invite_is_used_up(refetch: bool) -> None:
    page = httpx.ByteStream(b"<!doctype html><title>Welcome</title>")
    if not refetch:
        with pytest.raises(OutcomeUnknownError):
            accepting(["id0=new"], page)
        return
    accepted = accepting(["id0=new"], page, refetch=True)
    assert accepted.session is not None
    assert accepted.invitation.partial


KEY = "0123456789abcdef0123456789abcdef"
LINK = f"https://panel.example/invites/{KEY}?email=o'brien+x@example.org"
READ = (KEY, LINK, False)
BARE = (KEY, None, False)
UNREAD = (None, None, True)


@pytest.mark.parametrize(
    ("body", "media", "expected", "kept"),
    [
        (f'"{LINK}"', "application/json", READ, False),
        (f'\ufeff"{LINK}"', "application/json; charset=utf-8", READ, False),
        (f"\ufeff{LINK}\n", "text/plain", READ, False),
        (f'"{LINK}"', "text/plain; charset=utf-8", READ, False),
        (f'"\\"{LINK}\\""', "application/json", READ, False),
        (f"'{KEY}'", "text/plain", BARE, False),
        (LINK.replace("'", ""), "text/html", (KEY, LINK.replace("'", ""), False), False),
        (f"The invite is https://p.example/invites/{KEY}.", "text/plain",
         (KEY, f"https://p.example/invites/{KEY}", False), False),
        (f'{{"id": "{KEY}"}}', "application/json", BARE, True),
        (f'[{{"id": "{KEY}"}}]', "application/json", BARE, True),
        (f'["{KEY}"]', "application/json", BARE, True),
        (f'{{"id": 17, "url": "{LINK}"}}', "application/json", READ, True),
        (f'{{"data": {{"inviteKey": "{KEY}", "orgId": "an-org"}}, "error": null}}', "application/json", BARE, True),
        (f'{{"invite": {{"invite_id": "{KEY}", "role": {{"id": "r"}}}}}}', "text/plain", BARE, True),
        (f'{{"other": "{KEY}"}}', "application/json", UNREAD, True),
        (f'{{"id": "{KEY}", "key": "another-1"}}', "application/json", UNREAD, True),
        (f'[{{"id": "{KEY}"}}, {{"id": "another"}}]', "application/json", UNREAD, True),
        (f'{{"code": "limited", "id": "{KEY}"}}', "application/json", UNREAD, True),
        (f'{{"id": "{KEY}", "errors": ["x"]}}', "application/json", UNREAD, True),
        (f'{{"id": "{KEY}', "application/json", UNREAD, True),
        ("the invite was made", "text/plain", UNREAD, True),
        ("Created", "text/html", UNREAD, True),
        ("true", "application/json", UNREAD, True),
        *((word, "application/json", UNREAD, True) for word in (
            "OK", "Created", '"ok"', "1", "12345", '"invite-sent"', "1234567", '{"id":"pending"}', '{"data":"created"}',
            '{"success":true,"data":"OK"}', '{"result":"success"}', '{"invite":"sent"}', '{"id": 42}')),
        ("abcdefg8", "text/plain", ("abcdefg8", None, False), False),
        ('"abcdefghijklmnop"', "application/json", ("abcdefghijklmnop", None, False), False),
        ('"https://panel.example/invites/ok?email=a@b.c"', "application/json",
         ("ok", "https://panel.example/invites/ok?email=a@b.c", False), False),
        ("[" * 500 + "]" * 500, "application/json", UNREAD, True),
        ("null", "application/json", UNREAD, True),
        ("", "application/json", UNREAD, False),
    ],
)  # fmt: skip
def test_a_new_invite_is_read_in_whatever_shape_it_comes(
    body: str, media: str, expected: tuple[str | None, str | None, bool], kept: bool
) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(201, headers={"Content-Type": media}, content=body.encode())

    connection = Enhance("https://panel.example", token="t", organization="an-org")
    with InviteClient(connection, transport=httpx.MockTransport(answer)) as client:
        made = client.create("o'brien@example.org", role="Owner", name="O'Brien")

    assert (made.id, made.url, made.partial) == expected
    assert (made.status, made.email, made.is_resendable) == (Status.PENDING, "o'brien@example.org", True)
    assert len(asked) == 1
    read = made.id is not None
    assert made.answer == (body.replace(KEY, "...cdef" if read else KEY) if kept else None)


def test_an_error_that_is_told_with_success_is_kept_and_no_invite() -> None:
    said = b'{"error": {"message": "over quota"}}'
    answer = httpx.MockTransport(lambda _: httpx.Response(201, content=said))
    client = InviteClient(Enhance("https://panel.example", token="t", organization="an-org"), transport=answer)
    with pytest.raises(OutcomeUnknownError, match="confirmed nothing") as caught:
        client.create("ann@example.org", role="Owner", name="Ann")
    client.close()
    assert caught.value.body == said.decode()


TOKEN = "a-secret-token-of-the-panel"
GZIP = {"Content-Encoding": "gzip"}
LONG = {"Content-Length": "9999"}
PLAIN = f"https://panel.example/invites/{KEY}"


class Pieces(httpx.SyncByteStream):
    """A body that comes a little at a time."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self.body), 30):
            yield self.body[start : start + 30]


class Half(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that breaks off behind its beginning."""

    def __init__(self, begun: bytes) -> None:
        self.begun = begun

    def __iter__(self) -> Iterator[bytes]:
        yield self.begun
        raise httpx.ReadError("connection reset")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.begun
        raise httpx.ReadError("connection reset")


def made_of(body: httpx.SyncByteStream, headers: Mapping[str, str], **options: Any) -> Invitation:
    """What create returns where the panel answers so."""
    transport = httpx.MockTransport(lambda _: httpx.Response(201, headers=headers, stream=body))
    connection = Enhance("https://panel.example", token=TOKEN, organization="an-org")
    with InviteClient(connection, transport=transport, **options) as client:
        return client.create("o'brien@example.org", role="Owner", name="O'Brien")


@pytest.mark.parametrize(
    ("begun", "expected", "kept"),
    [
        (f'"{LINK}"', READ, None),
        (f'\ufeff"{LINK}"', READ, None),
        (f'{{"id": "{KEY}"', BARE, '{"id": "...cdef"'),
        (f'{{"name": "a \\"{{,", "data": {{"key": "{KEY}", "x', BARE,
         '{"name": "a \\"{,", "data": {"key": "...cdef", "x'),
        (f'[{{"id": "{KEY}"}}', UNREAD, f'[{{"id": "{KEY}"}}'),
        (f'[{{"id": "{KEY}"}}, {{"id": "ano', UNREAD, f'[{{"id": "{KEY}"}}, {{"id": "ano'),
        (f'{{"id": "{KEY}', UNREAD, f'{{"id": "{KEY}'),
        (f'{{"error": "full", "id": "{KEY}", ', UNREAD, f'{{"error": "full", "id": "{KEY}", '),
        (f"{PLAIN}?email=o", (KEY, PLAIN, False), None),
        (f'"{PLAIN}?em', (KEY, PLAIN, False), None),
        (PLAIN, UNREAD, "https://panel.example/invites/...cdef"),
        (f'"{PLAIN}', UNREAD, '"https://panel.example/invites/...cdef'),
        (KEY, UNREAD, KEY),
        ("1234567890", UNREAD, "1234567890"),
        ("[[}}", UNREAD, "[[}}"),
        ("The invite was made", UNREAD, "The invite was made"),
        (f"for {TOKEN}: made by {TOKEN[:12]}", UNREAD, "for ...: made by ..."),
    ],
)  # fmt: skip
def test_what_came_of_an_answer_that_breaks_off_is_read(
    begun: str, expected: tuple[str | None, str | None, bool], kept: str | None
) -> None:
    made = made_of(Half(begun.encode()), LONG)

    assert (made.id, made.url, made.partial, made.answer) == (*expected, kept)


def test_what_came_of_an_answer_that_cannot_be_taken_in_is_read() -> None:
    whole = f'"{LINK}"'.encode()
    packed = gzip.compress(whole)
    ways: list[Invitation] = [
        made_of(httpx.ByteStream(whole), GZIP),
        made_of(Half(packed), GZIP),
        made_of(Half(gzip.compress(packed)), {"Content-Encoding": "gzip, gzip"}),
        made_of(httpx.ByteStream(packed[:-4]), GZIP),
        made_of(httpx.ByteStream(whole + b" " * 2_000), {"X-Behind": "1"}, max_body=1_000),
        made_of(Pieces(whole + b" " * 2_000), {}, max_body=1_000),
        made_of(Pieces(gzip.compress(whole + b" " * 2_000)), GZIP, max_body=1_000),
    ]

    assert [(made.id, made.url, made.partial) for made in ways] == [READ] * len(ways)
    torn = made_of(httpx.ByteStream(packed[:3] + b"\xff" * 9), GZIP)
    assert (torn.id, torn.answer) == (None, None)


@pytest.mark.anyio
async def test_what_came_before_the_deadline_is_read() -> None:
    class Stalling(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield f'"{LINK}"'.encode()
            await anyio.sleep(30)

    for stream in (Stalling(), Half(f'"{LINK}"'.encode())):
        answer = httpx.Response(201, headers=LONG, stream=stream)
        transport = httpx.MockTransport(lambda _, answer=answer: answer)
        connection = Enhance("https://panel.example", token=TOKEN, organization="an-org")
        async with AsyncInviteClient(connection, transport=transport, deadline=0.2) as client:
            made = await client.create("o'brien@example.org", role="Owner", name="O'Brien")

        assert (made.id, made.url, made.partial) == READ


def test_what_came_before_the_deadline_is_read_by_threads_too() -> None:
    whole = f'"{LINK}"'.encode()
    head = f"HTTP/1.1 201 Created\r\nContent-Length: {len(whole) + 9}\r\n\r\n".encode()

    def stall(line: Line, _: Heard) -> None:
        line.send(head + whole)
        line.hang()

    with serve(stall) as server:
        connection = Enhance(server.url, token=TOKEN, organization="an-org")
        with InviteClient(connection, deadline=0.3) as client:
            made = client.create("o'brien@example.org", role="Owner", name="O'Brien")

    assert (made.id, made.url, made.partial) == READ


@pytest.mark.parametrize(
    ("location", "body", "expected"),
    [
        (PLAIN, b"", (KEY, PLAIN, False)),
        (f"/invites/{KEY}", b"", BARE),
        (f"/api/invites/{KEY}", b"Created", BARE),
        (PLAIN, f'"{KEY[::-1]}"'.encode(), (KEY[::-1], None, False)),
        ("/orgs/an-org", b"", UNREAD),
        ("http://[", b"", UNREAD),
        ("urn:0123456789abcdef", b"", UNREAD),
        ("/invites/a%2Fb", b"", UNREAD),
    ],
)
def test_a_link_in_a_location_is_read(
    location: str, body: bytes, expected: tuple[str | None, str | None, bool]
) -> None:
    for stream in (httpx.ByteStream(body), Half(body)):
        made = made_of(stream, {"Location": location} | (LONG if isinstance(stream, Half) else {}))

        assert (made.id, made.url, made.partial) == expected
        assert made.answer == ("Created" if body == b"Created" else None)
