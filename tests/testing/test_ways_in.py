"""The ways into a fake: an httpx transport, a server on loopback with its control paths, and the command line."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import anyio
import httpx
import pytest

from invite_sdk import OPEN_STATUSES, InviteClient, Scope, Waldur, testing
from invite_sdk.testing import (
    FakeApp,
    FakeClock,
    FakeCloudTruth,
    FakeRequest,
    FakeResponse,
    FakeService,
    FakeTransport,
    FakeWaldur,
    FakeZenML,
)
from invite_sdk.testing.__main__ import SERVICES, main
from tests.testing.asking import FAKES, TLS, sign_in

LISTS = {"waldur": "/api/user-invitations/", "cloudtruth": "/api/v1/invitations/", "zenml": "/invitations"}


class Echo(FakeService):
    """Answers with what it was asked."""

    service = "echo"

    def respond(self, request: FakeRequest) -> tuple[str | None, FakeResponse]:
        seen = {
            "method": request.method,
            "target": request.target,
            "path": request.path,
            "query": request.query,
            "trace": request.header("X-TRACE"),
            "body": request.body.decode(),
        }
        status = int(request.param("status") or 200)
        return "echo", FakeResponse(status) if status in {204, 304} else FakeResponse.json(status, seen)


# The transport


@pytest.fixture(params=["transport", "server"])
def echo(request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """A client of an echo, by either way in."""
    fake = Echo()
    with ExitStack() as stack:
        transport = fake.transport() if request.param == "transport" else None
        url = fake.base_url if transport else stack.enter_context(fake.serve())
        yield stack.enter_context(httpx.Client(base_url=url, transport=transport, verify=TLS))


@pytest.mark.parametrize("content", [b"one two", [b"one ", b"two"]], ids=["at once", "in pieces"])
def test_a_request_arrives_as_it_was_sent(echo: httpx.Client, content: bytes | list[bytes]) -> None:
    answer = echo.put("/a%2Fb/c%20d?q=1&q=%20", content=content, headers={"X-Trace": "t"})

    assert answer.json() == {
        "method": "PUT",
        "target": "/a%2Fb/c%20d?q=1&q=%20",
        "path": "/a/b/c d",
        "query": [["q", "1"], ["q", " "]],
        "trace": "t",
        "body": "one two",
    }
    assert answer.headers["Content-Length"] == str(len(answer.content))


@pytest.mark.anyio
async def test_the_transport_serves_async_clients_too() -> None:
    echo = Echo()
    async with httpx.AsyncClient(transport=echo.transport()) as client:
        async with client.stream("POST", "https://echo.example/", content=b"x") as answer:
            body = json.loads(await answer.aread())
        statuses: list[int] = []

        async def ask(number: int) -> None:
            statuses.append((await client.get(f"https://echo.example/?status={number}")).status_code)

        async with anyio.create_task_group() as group:
            for number in (200, 404, 520):
                group.start_soon(ask, number)

    assert body["body"] == "x"
    assert sorted(statuses) == [200, 404, 520]
    assert len(echo.requests) == 4


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_answers_without_a_body_have_no_length(echo: httpx.Client, method: str, status: int) -> None:
    answer = echo.request(method, f"/?status={status}")

    assert (answer.status_code, answer.content) == (status, b"")
    assert "Content-Length" not in answer.headers


def test_the_repr_names_the_fake() -> None:
    assert repr(FakeTransport(Echo())) == "FakeTransport(Echo)"


@pytest.mark.parametrize("build", FAKES)
def test_the_connection_fits_the_fake(build: type[FakeService]) -> None:
    fake = build()
    *_, last = fake.credentials

    for connection in (fake.connection(), fake.connection(last)):
        assert connection.service == fake.service
        assert connection.base_url.startswith(fake.base_url)
    with pytest.raises(KeyError, match="nobody"):
        fake.connection("nobody")


def test_a_zenml_connection_can_use_client_credentials() -> None:
    assert FakeZenML().connection("ci", client_credentials=True).base_url == "https://zenml.example"


def test_a_fake_of_ones_own_says_that_it_has_no_connection() -> None:
    with pytest.raises(NotImplementedError, match="Echo"):
        Echo().connection()
    assert Echo().credentials == {}


# The server


@pytest.mark.parametrize("build", FAKES)
def test_a_served_fake_answers_over_a_socket(build: type[FakeService]) -> None:
    fake = build()
    before = fake.base_url
    user = next(iter(fake.credentials))
    with fake.serve() as url, httpx.Client(base_url=url) as client:
        assert (url, url.rpartition(":")[0]) == (fake.base_url, "http://127.0.0.1")
        if fake.service in LISTS:
            answer = client.get(LISTS[fake.service], headers=[sign_in(fake, user)])
            assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
        else:
            assert client.post("/api/invites/x/validate").json() == {"isValid": False}
    assert fake.base_url == before
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_links_in_answers_lead_back_to_the_server() -> None:
    fake = FakeCloudTruth(page_size=1)
    fake.invite("a@example.com")
    fake.invite("b@example.com")
    with fake.serve() as url, httpx.Client(headers=[sign_in(fake, "owner")]) as client:
        first = client.get(f"{url}/api/v1/invitations/").json()
        second = client.get(first["next"]).json()

    assert first["results"][0]["url"].startswith(url)
    assert [row["email"] for row in second["results"]] == ["b@example.com"]


def test_many_callers_at_once_lose_nothing() -> None:
    fake = FakeCloudTruth()
    headers = [sign_in(fake, "owner")]

    def invite(client: httpx.Client, number: int) -> None:
        for turn in range(10):
            body = {"email": f"p{number}-{turn}@example.com", "role": "VIEWER"}
            assert client.post("/api/v1/invitations/", json=body).status_code == 201

    with httpx.Client(base_url=fake.base_url, transport=fake.transport(), headers=headers) as client:
        threads = [threading.Thread(target=invite, args=(client, number)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert fake.effects == {"created": 40, "mailed": 40}
    assert len(fake.requests) == len({row.id for row in fake.invitations}) == 40


def test_two_servers_cannot_share_a_port() -> None:
    with Echo().serve() as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"), Echo().serve(port=port):
            pass


def test_a_chosen_port_is_used() -> None:
    with Echo().serve() as url:
        port = int(url.rpartition(":")[2])
    with Echo().serve(port=port) as again:
        assert again == url


@pytest.mark.anyio
async def test_the_application_speaks_http_only() -> None:
    async def never() -> dict[str, object]:
        raise AssertionError

    async def send(_: object) -> None:
        raise AssertionError

    with pytest.raises(RuntimeError, match="websocket"):
        await FakeApp(Echo())({"type": "websocket"}, never, send)


def test_without_uvicorn_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "invite_sdk.testing.ways.server", raising=False)

    with pytest.raises(ImportError, match=r"pip install 'invite-sdk\[testing\]'"):
        Echo().serve()


# The control paths


@pytest.fixture
def fake() -> FakeCloudTruth:
    return FakeCloudTruth()


def test_a_fake_lives_now_so_that_what_it_has_just_made_is_not_overdue() -> None:
    program = (
        "from invite_sdk import InviteClient\n"
        "from invite_sdk.testing import FakeWaldur\n"
        "fake = FakeWaldur()\n"
        "invited = fake.invite('ana@example.com', scope='apollo')\n"
        "with InviteClient(fake.connection('owner'), transport=fake.transport()) as client:\n"
        "    print(client.get(invited.uuid).is_overdue)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("False\n", "")


def test_the_clock_moves_from_outside(fake: FakeCloudTruth) -> None:
    with fake.serve() as url, httpx.Client(base_url=url) as client:
        assert client.get("/_fake/clock").json() == "2026-01-05T09:00:00+00:00"
        assert client.post("/_fake/clock", json={"days": 8, "hours": 0.5}).json() == "2026-01-13T09:30:00+00:00"


def test_state_goes_out_in_and_back_to_the_start(fake: FakeCloudTruth) -> None:
    fake.invite("nina@example.com")
    with fake.serve() as url, httpx.Client(base_url=url) as client:
        start = client.get("/_fake/state").json()
        fake.invite("ivan@example.com")
        later = client.get("/_fake/state").json()
        assert client.post("/_fake/reset").status_code == 204
        after_reset = [row.email for row in fake.invitations]
        assert client.put("/_fake/state", json=later).status_code == 204
        after_load = [row.email for row in fake.invitations]

    assert [row["email"] for row in start["world"]["invitations"].values()] == ["nina@example.com"]
    assert after_reset == ["nina@example.com"]
    assert after_load == ["nina@example.com", "ivan@example.com"]


def test_requests_mails_and_counts_show(fake: FakeCloudTruth) -> None:
    with fake.serve() as url, httpx.Client(base_url=url) as client:
        body = {"email": "nina@example.com", "role": "VIEWER"}
        client.post("/api/v1/invitations/", json=body, headers=[sign_in(fake, "owner")])
        (seen,) = client.get("/_fake/requests").json()
        (mail,) = client.get("/_fake/outbox").json()
        effects = client.get("/_fake/effects").json()
        headers = client.get("/_fake/credentials").json()
        client.delete("/_fake/requests")
        left = client.get("/_fake/requests").json()

    assert (seen["method"], seen["target"], seen["status"]) == ("POST", "/api/v1/invitations/", 201)
    assert (seen["operation"], json.loads(seen["body"])) == ("invitations_create", body)
    assert (mail["to"], mail["sent_at"]) == ("nina@example.com", "2026-01-05T09:00:00Z")
    assert effects == {"created": 1, "mailed": 1}
    assert headers["owner"] == f"Authorization: Api-Key {fake.users['owner'].api_key}"
    assert left == []


def test_a_fake_that_cannot_dump_is_served_all_the_same() -> None:
    echo = Echo()
    with echo.serve() as url, httpx.Client(base_url=url) as client:
        statuses = [client.get("/").status_code, client.get("/_fake/effects").status_code]
        refused = [client.get("/_fake/state"), client.post("/_fake/reset")]

    assert statuses == [200, 200]
    assert [answer.status_code for answer in refused] == [501, 501]
    assert "Echo" in refused[0].json()["error"]
    with pytest.raises(NotImplementedError, match="Echo"):
        echo.load({"world": {}})


def test_control_can_be_left_out(fake: FakeCloudTruth) -> None:
    with fake.serve(control=False) as url:
        answer = httpx.get(f"{url}/_fake/state")

    assert answer.headers["Content-Type"].startswith("text/html")
    assert fake.requests[0].response.status == 404


# The command line


def test_all_four_are_served_with_their_credentials(capsys: pytest.CaptureFixture[str]) -> None:
    answers: list[int] = []

    def stop() -> None:
        lines = capsys.readouterr().out.splitlines()
        urls = [line.split()[1] for line in lines if line.startswith(SERVICES)]
        answers.extend(httpx.get(f"{url}/_fake/clock").status_code for url in urls)
        assert any(line.startswith("  owner") and "Authorization: Api-Key" in line for line in lines)
        raise KeyboardInterrupt

    assert main(["serve", "all"], wait=stop) == 0
    assert answers == [200] * 4


def test_a_served_fake_starts_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fake = FakeCloudTruth(seed=4)
    fake.invite("nina@example.com")
    one, several = tmp_path / "one.json", tmp_path / "several.json"
    one.write_text(json.dumps(fake.dump()), encoding="utf-8")
    several.write_text(json.dumps({"cloudtruth": fake.dump()}), encoding="utf-8")
    found: list[str] = []

    def look() -> None:
        shown = capsys.readouterr().out
        url = next(line.split()[1] for line in shown.splitlines() if line.startswith("cloudtruth"))
        page = httpx.get(f"{url}/api/v1/invitations/", headers=[sign_in(fake, "owner")]).json()
        found.extend(row["email"] for row in page["results"])

    assert main(["serve", "cloudtruth", "--state", str(one), "--cloudtruth-era", "2021"], wait=look) == 0
    assert main(["serve", "all", "--state", str(several), "--waldur-version", "7.0.7"], wait=look) == 0
    assert main(["serve", "zenml", "cloudtruth", "--state", str(several)], wait=look) == 0
    assert found == ["nina@example.com"] * 3


def test_a_state_of_long_ago_moves_to_this_moment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was open for six days more then is so now: the examples' state does not age."""
    recorded = (Path(__file__).parents[2] / "examples" / "waldur-state.json").read_text(encoding="utf-8")
    (tmp_path / "state.json").write_text(recorded.replace("2026-", "2019-"), encoding="utf-8")
    overdue: list[list[bool]] = []

    def look() -> None:
        shown = capsys.readouterr().out
        url = next(line.split()[1] for line in shown.splitlines() if line.startswith("waldur"))
        with InviteClient(Waldur(url, token="5" * 40)) as client:
            new = client.create("new@example.com", role="PROJECT.MEMBER", scope=Scope("project", "Apollo"))
            overdue.append([new.is_overdue, *(one.is_overdue for one in client.list(status=OPEN_STATUSES))])

    serve = ["serve", "waldur", "--state", str(tmp_path / "state.json")]
    assert main(serve, wait=look) == 0
    assert main([*serve, "--now"], wait=look) == 0
    assert overdue == [[True] * 5, [False] * 5]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[", "is not JSON: "),
        (b"[" * 100_000, "is not JSON: "),
        (b"", "is not JSON: "),
        (b"[1]", "holds no JSON object"),
        ('{"a": "ä"}'.encode("latin-1"), "is not UTF-8"),
        (b'{"world": 5}', "Input should be a dictionary or an instance of ZenMLWorld"),
        (b'{"world": {"users": 5}}', "users: Input should be a valid dictionary"),
        (b'{"service": "waldur"}', "this state is of waldur, the fake is of zenml"),
    ],
    ids=range(8),
)
def test_what_cannot_be_served_is_said_in_one_line(
    content: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "state.json"
    state.write_bytes(content)

    assert main(["serve", "zenml", "--state", str(state)], wait=lambda: None) == 1
    err = capsys.readouterr().err
    assert err.startswith("cannot serve: ")
    assert said in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [('{"waldur": 5}', "holds no JSON object for waldur"), ('{"waldurr": {}}', "unknown: waldurr; ")],
)
def test_a_file_for_all_has_a_state_for_each(
    content: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "state.json"
    state.write_text(content, encoding="utf-8")

    assert main(["serve", "all", "--state", str(state)], wait=lambda: None) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_state_may_begin_with_a_byte_order_mark(
    encoding: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = FakeZenML(seed=4)
    state = tmp_path / "state.json"
    state.write_text(json.dumps(fake.dump(), ensure_ascii=False), encoding=encoding)

    assert main(["serve", "zenml", "--state", str(state)], wait=lambda: None) == 0
    assert fake.credentials["ana"] in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "waldo",
            "there is no fake 'waldo'; there are waldur, cloudtruth, zenml, enhance, or package.module:FakeClass",
        ),
        ("Waldur", "there is no fake 'Waldur'; there are waldur"),
        ("invite_sdk.testing", "there is no fake 'invite_sdk.testing'"),
        (":FakeWaldur", "there is no fake ':FakeWaldur'"),
        ("nowhere.at_all:Fake", "the fake 'nowhere.at_all:Fake' cannot be loaded (ModuleNotFoundError: "),
        (".relative:Fake", "the fake '.relative:Fake' cannot be loaded ("),
        ("invite_sdk.testing:FakeNothing", "cannot be loaded (AttributeError: "),
        ("json:dumps", "json:dumps is no fake: a fake is a class made from invite_sdk.testing.FakeService"),
        ("pathlib:Path", "pathlib:Path is no fake"),
        ("invite_sdk.testing:FakeService", "Can't instantiate abstract class FakeService"),
    ],
)
def test_an_unknown_fake_is_told_which_there_are(name: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", name], wait=lambda: None) == 1
    err = capsys.readouterr().err
    assert err.startswith("cannot serve: ")
    assert said in err


def test_any_fake_is_served_by_its_module_and_class(tmp_path: Path) -> None:
    (tmp_path / "doorman.py").write_text(
        "from invite_sdk.testing import FakeResponse, FakeService\n"
        "class Fakes:\n"
        "    class Doorman(FakeService):\n"
        "        service = 'doorman'\n"
        "        def __init__(self):\n"
        "            super().__init__()\n"
        "        def respond(self, request):\n"
        "            return None, FakeResponse(418)\n",
        encoding="utf-8",
    )
    program = [sys.executable, "-m", "invite_sdk.testing", "serve", "doorman:Fakes.Doorman"]
    with subprocess.Popen(program, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        service, url = served.stdout.readline().split()
        status = httpx.get(url).status_code
        served.terminate()
    seeded = subprocess.run([*program, "--seed", "1"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (service, status) == ("doorman", 418)
    assert seeded.returncode == 1
    assert "unexpected keyword argument 'seed'" in seeded.stderr


def test_the_command_line_gives_the_control_paths_other_names(capsys: pytest.CaptureFixture[str]) -> None:
    statuses: list[int] = []

    def ask() -> None:
        url = capsys.readouterr().out.split()[1]
        hosts = ("fakes.internal", "waldur", "evil.example")
        statuses.extend(httpx.get(f"{url}/_fake/clock", headers={"Host": host}).status_code for host in hosts)

    serve = ["serve", "waldur", "--control-host", "fakes.internal", "--control-host", "waldur"]
    assert main(serve, wait=ask) == 0
    assert statuses == [200, 200, 403]
    assert main(["serve", "waldur", "--control-host", "http://a"], wait=lambda: None) == 1
    assert "'http://a' is no host" in capsys.readouterr().err


def test_a_state_of_another_age_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = tmp_path / "state.json"
    state.write_text(json.dumps(FakeWaldur("7.0.7").dump()), encoding="utf-8")

    serve = ["serve", "waldur", "--state", str(state), "--waldur-version"]
    assert main([*serve, "2026"], wait=lambda: None) == 1
    assert "one of waldur 7.0.7: leave --waldur-version out" in capsys.readouterr().err
    assert main([*serve, "7.0.7"], wait=lambda: None) == 0


def test_what_can_be_granted_and_where_is_shown_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "waldur"], wait=lambda: None) == 0
    shown = capsys.readouterr().out
    lines = shown.splitlines()
    assert "  organization Acme Org" in lines
    assert "  project Apollo of Acme Org" in lines
    assert "  role PROJECT.ADMIN" in lines
    assert FakeWaldur().roles["PROJECT.ADMIN"].uuid not in shown


# The package


def test_the_public_names_are_sorted_and_there() -> None:
    assert testing.__all__ == sorted(testing.__all__)
    for name in testing.__all__:
        assert getattr(testing, name).__name__ == name
    # It tells of what is loaded, which is all of them by now.
    assert dir(testing) == testing.__all__
    with pytest.raises(AttributeError, match="FakeNothing"):
        importlib.import_module("invite_sdk.testing").FakeNothing  # noqa: B018


def test_building_a_fake_loads_no_http_library() -> None:
    program = (
        "import sys\n"
        "from invite_sdk.testing import FakeCloudTruth, FakeEnhance, FakeRequest, FakeZenML\n"
        "FakeCloudTruth().handle(FakeRequest('GET', '/api/v1/invitations/'))\n"
        "FakeZenML(), FakeEnhance()\n"
        "print(sorted({'httpx', 'pydantic', 'uvicorn', 'anyio', 'pytest'} & set(sys.modules)))\n"
    )
    shown = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert shown.stdout == "[]\n"


@pytest.mark.parametrize("build", FAKES)
def test_a_fake_lives_by_the_clock_that_it_is_given(build: type[FakeService]) -> None:
    clock = FakeClock()
    fake = build(clock=clock)
    clock.advance(minutes=5)

    assert fake.clock.now() == clock.now()


@pytest.mark.parametrize("build", FAKES)
def test_the_same_seed_makes_the_same_world(build: type[FakeService]) -> None:
    assert build(seed=7).dump() == build(seed=7).dump()
    assert build(seed=7).credentials != build(seed=8).credentials
