from __future__ import annotations

import json
import os
import re
import runpy
import shlex
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from invite_sdk import InviteClient
from invite_sdk._model.installed import BUILT_IN
from invite_sdk.testing import FakeRequest, FakeWaldur
from invite_sdk.testing.__main__ import main as serve
from tests.docs import ROOT
from tests.docs.conftest import STATE, Hosts

CUSTOMER_MANAGER = "701812bf61894d9695fe6c72754d786e"
ACME = "cc70e778ac6b474daef756b02b0c1182"

Run = Callable[..., tuple[str, str]]


@pytest.fixture
def run(hosts: Hosts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs an example as a program with arguments; what it printed and what it complained about."""

    def run_example(name: str, *arguments: str) -> tuple[str, str]:
        monkeypatch.setattr(sys, "argv", [name, *arguments])
        runpy.run_path(str(ROOT / "examples" / name), run_name="__main__")
        captured = capsys.readouterr()
        return captured.out, captured.err

    return run_example


Apply = Callable[..., tuple[str, str]]


@pytest.fixture
def apply(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Apply:
    """Makes a CSV file true, and ends with a code; what was printed and what was complained about."""

    def apply_file(content: str, code: int, service: str = "cloudtruth", *options: str) -> tuple[str, str]:
        (tmp_path / "people.csv").write_text(content, encoding="utf-8")
        with pytest.raises(SystemExit, match=str(code)):
            run("roster.py", service, "people.csv", *options)
        captured = capsys.readouterr()
        return captured.out, captured.err

    return apply_file


PEOPLE = """email,role,organization,scope_type,scope,name
ana@example.com,CUSTOMER.MANAGER,Acme Org,,,Ana Lima
ben@example.com,project.member,Acme Org,project,apollo,
cleo@example.com,PROJECT.ADMIN,,project,Apollo,
"""


def test_a_list_is_made_true_once(apply: Apply, hosts: Hosts, tmp_path: Path) -> None:
    before = len(hosts.waldur.invitations)

    planned, _ = apply(PEOPLE, 0, "waldur")
    assert len(hosts.waldur.invitations) == before
    done, _ = apply(PEOPLE, 0, "waldur", "--apply")
    again, _ = apply(PEOPLE, 0, "waldur", "--apply")

    assert planned.splitlines()[0].endswith("UTC: 3 create")
    assert done.splitlines()[-1] == "Report: 3 done"
    assert again.splitlines()[-1] == "Report: 3 nothing"
    made = hosts.waldur.invitations[before:]
    apollo = hosts.waldur.projects["apollo"].uuid
    names = {role.uuid: role.name for role in hosts.waldur.roles.values()}
    assert sorted((row.email.partition("@")[0], names[row.role], row.scope) for row in made) == [
        ("ana", "CUSTOMER.MANAGER", ACME),
        ("ben", "PROJECT.MEMBER", apollo),
        ("cleo", "PROJECT.ADMIN", apollo),
    ]
    report = (tmp_path / "people.csv.report.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[:3] for line in report[1:]] == [
        ["2", "waldur", "ana@example.com"],
        ["3", "waldur", "ben@example.com"],
        ["4", "waldur", "cleo@example.com"],
    ]


def test_a_list_with_mistakes_invites_nobody(apply: Apply, hosts: Hosts) -> None:
    out, err = apply(
        "email,role\nnobody,VIEWER\nana@example.com,VIEWER\nben@example.com,\n", 2, "cloudtruth", "--apply"
    )

    assert out == ""
    assert "line 2, email: " in err
    assert "line 4, role: " in err
    assert hosts.cloudtruth.requests == []


def test_a_list_with_a_role_that_is_not_there_invites_nobody(apply: Apply, hosts: Hosts) -> None:
    rows = [
        "email,role,scope_type,scope",
        "ana@example.com,PROJECT.ADMN,project,Apollo",
        "ben@example.com,PROJECT.ADMIN,project,Apollo",
    ]

    out, err = apply("\n".join(rows), 2, "waldur", "--apply")

    assert out == ""
    assert "line 2, role: there is no such role; the nearest: 'PROJECT.ADMIN'" in err
    assert hosts.waldur.effects["created"] == 0


def test_wrong_credentials_end_it_in_one_line(apply: Apply, hosts: Hosts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVITE_CLOUDTRUTH_API_KEY", "wrong")

    out, err = apply("email,role\nana@example.com,VIEWER\n", 2, "cloudtruth", "--apply")

    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("cloudtruth list: 401 ")


def test_overdue_invitations_are_chased(run: Run, hosts: Hosts) -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    for row in hosts.waldur.invitations:
        hosts.waldur.age(row, timedelta(days=-36500))
    hosts.waldur.invite("late@example.com", by="staff", created=long_ago)
    failed = hosts.waldur.invite("gone@example.com", by="staff", created=long_ago, execution_state="Erred")

    out, err = run("chase_overdue.py", "waldur")

    assert sorted(out.splitlines()) == ["gone@example.com: not delivered: None", "late@example.com: sent again"]
    assert err == ""
    assert [mail.to for mail in hosts.waldur.outbox] == ["late@example.com"]
    assert hosts.waldur.invitation(failed).execution_state == "Erred"


def test_the_overview_shows_each_service_and_what_failed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVITE_CLOUDTRUTH_API_KEY", "wrong")

    out, err = run("overview_async.py", "waldur", "cloudtruth", "zenml")

    assert err == ""
    assert out == (
        "waldur: 3 open\n"
        "  req1@example.com, until 2026-11-29 00:39:43.206439+00:00\n"
        "  future@example.com, until 2026-11-29 00:39:42.732189+00:00\n"
        "  full1@example.com, until 2026-11-29 00:39:31.403764+00:00\n"
        "cloudtruth: cloudtruth list: 401 Invalid API key. (check the credentials of the connection)\n"
        "zenml: 2 open\n"
        "  Acme, until 2026-11-29 09:00:00+00:00\n"
        "  Globex, until 2026-11-29 09:00:00+00:00\n"
    )


@pytest.mark.parametrize(
    ("more", "said", "state"),
    [([], "would be taken back:", "pending"), (["--yes"], "taken back:", "canceled")],
)
def test_what_is_open_for_one_who_leaves_is_taken_back_when_that_is_said(
    run: Run, hosts: Hosts, capsys: pytest.CaptureFixture[str], more: list[str], said: str, state: str
) -> None:
    row = hosts.waldur.invite("ana@example.com")
    hosts.waldur.invite("ana@example.com", state="accepted")

    with pytest.raises(SystemExit, match="0"):
        run("offboard.py", "waldur", "cloudtruth", "ana@example.com", *more)

    told = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in told[1:3]] == [
        ["waldur", "waldur", "done" if more else "found"],
        ["cloudtruth", "cloudtruth", "nothing"],
    ]
    assert told[3].startswith(f"{said} <Invitation waldur id='{row.uuid}' status={state} ")
    assert told[4].startswith("see to it by hand: <Invitation waldur ")
    assert hosts.waldur.invitation(row.uuid).state == state


@pytest.mark.parametrize(
    ("services", "email", "code", "said"),
    [
        (["waldur", "zenml"], "ana@example.com", "1", "ZenML Pro's list takes no email"),
        (["waldur"], "ana", "2", "email must be one address"),
        (["nowhere"], "ana@example.com", "2", "nowhere"),
    ],
)
def test_an_offboarding_that_is_not_complete_ends_with_a_code(
    run: Run, hosts: Hosts, capsys: pytest.CaptureFixture[str], services: list[str], email: str, code: str, said: str
) -> None:
    with pytest.raises(SystemExit, match=code):
        run("offboard.py", *services, email, "--yes")
    captured = capsys.readouterr()
    assert said in captured.out + captured.err


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("roster.py", ["waldur"]), ("chase_overdue.py", []), ("overview_async.py", []), ("offboard.py", ["waldur"])],
)
def test_missing_arguments_bring_a_line_of_usage(
    run: Run, capsys: pytest.CaptureFixture[str], name: str, arguments: list[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(name, *arguments)
    assert capsys.readouterr().err.startswith(f"usage: python examples/{name} SERVICE")


def test_the_state_file_answers_as_the_recorded_server_did() -> None:
    names = {
        "015_retrieve_all_fields",
        "160_retrieve_accepted",
        "174_retrieve_canceled",
        "188_retrieve_expired",
        "200_retrieve_pending_project",
        "229_retrieve_requested",
    }
    fake = FakeWaldur(base_url="https://waldur.example.org")
    fake.load(json.loads(STATE.read_text(encoding="utf-8")))
    token = f"Token {fake.users['staff'].token}"

    lines = (ROOT / "tests" / "recorded" / "waldur-7.0.7.jsonl").read_text(encoding="utf-8").splitlines()
    compared = 0
    for exchange in map(json.loads, lines):
        if exchange["name"] in names:
            path = exchange["request"]["url"].removeprefix("https://waldur.example.org")
            headers = (("Authorization", token), ("Host", "waldur.example.org"), ("X-Forwarded-Proto", "https"))
            answer = fake.handle(FakeRequest("GET", path, headers, b""))
            assert json.loads(answer.body) == json.loads(exchange["response"]["body"])
            compared += 1

    assert compared == len(fake.invitations) == 6


def test_the_lines_that_serve_prints_lead_to_the_fakes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made: list[tuple[str, bool]] = []

    def use() -> None:
        lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("export ")]
        for line in lines:
            for variable in shlex.split(line)[1:]:
                monkeypatch.setenv(*variable.split("=", 1))
        for service in ("waldur", "cloudtruth", "zenml"):
            with InviteClient.from_env(service) as client:
                made.append((service, client.list().first() is None))
        with InviteClient.from_env("enhance") as client:
            made.append(("enhance", client.create("ana@example.com", role="Support", name="Ana Lima").is_open))

    assert serve(["serve", "all"], wait=use) == 0
    assert made == [("waldur", True), ("cloudtruth", True), ("zenml", False), ("enhance", True)]


def test_the_demo_ends_quietly_when_nobody_reads_on() -> None:
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-u", "-m", "examples.demo"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1


def test_the_demo_shows_the_whole_life_and_says_what_to_try_next() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "examples.demo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) < 120
    sections = re.findall(r"^(\d)\. ", done.stdout, re.MULTILINE)
    assert sections == ["1", "2", "3", "4", "5", "6", "7", "8", "9"]
    assert (
        "    user_invitations_create, attempt 1: no answer\n    user_invitations_list, attempt 1: 200\n" in done.stdout
    )
    assert re.search(r"_list, attempt 1: 503; again in .*\n +user_invitations_list, attempt 2: 200\n", done.stdout)
    assert "    Invitations for Dina: 1.\n" in done.stdout
    assert "\ncloudtruth  OWNER, ADMIN, CONTRIB, VIEWER\n" in done.stdout
    assert "\nOn Waldur in one of Acme Org, Other Org, Apollo, Beta.\n" in done.stdout
    assert "there is no role 'member' that you can see; the nearest: 'PROJECT.MEMBER'" in done.stdout
    for service in BUILT_IN:
        assert re.search(rf"^{service} +accepted +", done.stdout, re.MULTILINE)
    assert re.search(r"^zenml +declined +", done.stdout, re.MULTILINE)
    assert re.search(r"^waldur +canceled +cleo@example.com +", done.stdout, re.MULTILINE)
    for error in ("UnsupportedOperationError", "InvalidStateError", "NotFoundError", "AlreadyInvitedError"):
        assert f"    {error}: " in done.stdout
    assert "\nDone: " in done.stdout
    assert "\nNext:\n" in done.stdout
