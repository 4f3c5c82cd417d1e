"""Lists of people are planned and applied: their journals, plans that are kept, reports, and policies."""

from __future__ import annotations

import csv
import json
import shlex
import signal
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from invite_sdk import JournalError, Roster
from invite_sdk.roster.columns import _COLUMNS as COLUMNS
from invite_sdk.testing import Fault
from tests.cli.conftest import Ground

HEADER = "email,role,scope_type,scope\n"


@pytest.fixture
def people(ground: Ground) -> Path:
    path = ground.home / "people.csv"
    path.write_text(
        HEADER + "ana@example.com,PROJECT.ADMIN,project,Apollo\nben@example.com,PROJECT.MEMBER,project,Apollo\n"
    )
    return path


def emails(ground: Ground) -> list[str]:
    return sorted(row.email for row in ground["waldur"].invitations if row.state == "pending")


def test_applying_twice_invites_once_and_keeps_the_journal_beside_the_list(ground: Ground, people: Path) -> None:
    first = ground.run("apply", str(people), "--yes", "--fields", "email,outcome")
    again = ground.run("apply", str(people), "--yes", "--fields", "email,outcome")

    assert first.out.splitlines()[1:] == ["ana@example.com\tdone", "ben@example.com\tdone"]
    assert again.out.splitlines()[1:] == ["ana@example.com\tnothing", "ben@example.com\tnothing"]
    assert (first.code, again.code) == (0, 0)
    assert emails(ground) == ["ana@example.com", "ben@example.com"]
    assert people.with_name("people.csv.journal").exists()


def test_a_plan_writes_nothing_and_tells_by_its_code_whether_it_would(ground: Ground, people: Path) -> None:
    assert ground.run("plan", str(people)).code == 0
    assert ground.run("plan", str(people), "--exit-code").code == 1
    assert emails(ground) == []
    assert not people.with_name("people.csv.journal").exists()

    ground.run("apply", str(people), "--yes")

    assert ground.run("plan", str(people), "--exit-code").code == 0


def test_a_plan_that_was_kept_is_applied_with_the_journal_of_its_list(ground: Ground, people: Path) -> None:
    kept, journal = ground.home / "plan.json", f"{people}.journal"

    planned = ground.run("plan", str(people), "--out", str(kept))
    unnamed = ground.run("apply", str(kept), "--yes")
    applied = ground.run("apply", str(kept), "--yes", "--journal", journal)

    assert f"invite apply {kept} --journal {journal}" in planned.err
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert (unnamed.code, "--journal" in unnamed.err) == (2, True)
    assert applied.code == 0, applied.err
    assert emails(ground) == ["ana@example.com", "ben@example.com"]
    assert ground.run("apply", str(people), "--yes", "--fields", "outcome").out.split() == [
        "outcome",
        "nothing",
        "nothing",
    ]


def test_a_plan_that_is_refused_leaves_no_file(ground: Ground, people: Path) -> None:
    assert ground.run("apply", str(people), "--yes").code == 0
    people.write_text(people.read_text() + "new@example.com,PROJECT.ADMIN,project,Apollo\n")
    out = people.with_name("plan.json")

    done = ground.run("plan", str(people), "--out", str(out))

    assert (done.code, "belongs to another list" in done.err, out.exists()) == (1, True, False)
    again = ground.run("plan", str(people), "--out", str(out), "--changed-list")
    assert (again.code, out.read_text()[:1]) == (0, "{")
    [told] = [line for line in again.err.splitlines() if line.startswith("apply it by: invite ")]
    assert ground.run(*shlex.split(told)[4:], "--yes").code == 0
    assert "new@example.com" in emails(ground)


@pytest.mark.parametrize(
    "beside",
    [
        ("--prune", "--max-prune", "0"),
        ("--max-prune", "0"),
        ("--other-role", "leave"),
        ("--expired", "leave"),
        ("--again", "declined"),
        ("--chase-after", "7d"),
        ("--default", "role=PROJECT.MANAGER"),
        ("--encoding", "latin-1"),
    ],
)
def test_a_plan_takes_no_option_that_only_a_list_can_heed(
    ground: Ground, people: Path, beside: tuple[str, ...]
) -> None:
    """Whoever says `--max-prune 0` means it: a plan that takes back more must not be applied as if nothing was said."""
    kept = str(ground.home / "plan.json")
    assert ground.run("plan", str(people), "--out", kept).code == 0

    for last in ("--yes", "--dry-run"):
        refused = ground.run("apply", kept, "--journal", f"{people}.journal", *beside, last)

        assert refused.code == 2
        assert beside[0] in refused.err
        assert "give this to 'invite plan'" in " ".join(refused.err.replace("│", " ").split())
    assert emails(ground) == []


@pytest.mark.parametrize("ground", [("cloudtruth",)], indirect=True)
def test_a_rotated_key_goes_on_with_the_journal_by_the_option_that_the_refusal_names(ground: Ground) -> None:
    people = ground.home / "viewers.csv"
    people.write_text("email,role\nana@example.com,VIEWER\n")
    asked = ("apply", str(people), "--yes")
    assert ground.run(*asked).code == 0
    ground.variables["INVITE_CLOUDTRUTH_API_KEY"] = ground["cloudtruth"].users["admin"].api_key

    refused = ground.run(*asked)

    assert refused.code == 1
    assert "say --same-account cloudtruth: where the service cannot list" in refused.err
    assert ground.run(*asked, "--same-account", "cloudtruth").code == 0
    assert ground.run(*asked).code == 0
    assert [row.email for row in ground["cloudtruth"].invitations] == ["ana@example.com"]


def test_a_lost_answer_is_told_to_run_the_list_again(ground: Ground, people: Path) -> None:
    ground["waldur"].faults.plan(Fault.drop_reply(), on="user_invitations_create", times=9)
    ground["waldur"].faults.plan(Fault.status(503), on="user_invitations_list", nth=3, times=99)

    done = ground.run("apply", str(people), "--yes", "--jsonl", "--deadline", "2")

    assert "apply the list again: that looks for the invitation first" in done.out
    assert "ensure" not in done.out + done.err


def test_a_list_in_json_is_no_plan(ground: Ground) -> None:
    people = ground.home / "people.json"
    people.write_text(
        json.dumps({"email": "ana@example.com", "role": "PROJECT.ADMIN", "scope_type": "project", "scope": "Apollo"})
    )

    assert ground.run("apply", str(people), "--yes").code == 0
    assert emails(ground) == ["ana@example.com"]


def test_a_list_comes_from_stdin(ground: Ground, people: Path) -> None:
    done = ground.process("apply", "-", "--yes", stdin=people.read_text())

    assert done.code == 0, done.err
    assert emails(ground) == ["ana@example.com", "ben@example.com"]


def test_what_a_row_leaves_empty_has_a_default(ground: Ground) -> None:
    people = ground.home / "people.csv"
    people.write_bytes("email;name\nana@example.com;Ana Müller\n".encode("cp1252"))
    defaults = ["role=PROJECT.ADMIN", "scope=Apollo", "scope_type=project"]
    options = [word for default in defaults for word in ("--default", default)]

    done = ground.run("apply", str(people), "--yes", "--encoding", "cp1252", *options)

    assert done.code == 0, done.err
    assert [row.full_name for row in ground["waldur"].invitations] == ["Ana Müller"]


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_report_is_written_to_a_file_too(ground: Ground, people: Path, suffix: str) -> None:
    report = ground.home / f"report.{suffix}"

    ground.run("apply", str(people), "--yes", "--report", str(report))

    with report.open(newline="") as file:
        rows = list(csv.DictReader(file)) if suffix == "csv" else [json.loads(line) for line in file]
    assert [(row["email"], row["outcome"]) for row in rows] == [
        ("ana@example.com", "done"),
        ("ben@example.com", "done"),
    ]


def test_a_row_that_is_refused_ends_it_with_1(ground: Ground, people: Path) -> None:
    ground["waldur"].faults.plan(
        Fault.status(400), on="user_invitations_create", when=lambda request: b"ben@" in request.body
    )

    done = ground.run("apply", str(people), "--yes", "--fields", "email,outcome")

    assert done.out.splitlines()[1:] == ["ana@example.com\tdone", "ben@example.com\tfailed"]
    assert done.code == 1


def test_open_ones_are_chased_after_a_time(ground: Ground, people: Path) -> None:
    ground["waldur"].invite("ana@example.com", role="PROJECT.ADMIN", created=datetime.now(UTC) - timedelta(days=5))
    options = ("--fields", "email,action")

    assert "ana@example.com\tnothing" in ground.run("plan", str(people), *options, "--chase-after", "9w").out
    assert "ana@example.com\tresend" in ground.run("plan", str(people), *options, "--chase-after", "1h").out
    assert ground.run("plan", str(people), "--chase-after", "soon").code == 2


def test_what_a_policy_would_do_is_told_as_an_option(ground: Ground, people: Path) -> None:
    ground["waldur"].invite("ana@example.com", role="PROJECT.ADMIN", state="canceled")

    left = ground.run("plan", str(people), "--fields", "email,action,reason")
    again = ground.run("plan", str(people), "--fields", "email,action", "--again", "canceled")

    assert "ana@example.com\tskip\tcanceled: --again would invite again" in left.out
    assert "ana@example.com\tcreate" in again.out


def test_who_is_not_listed_is_taken_back_when_that_is_asked_for(ground: Ground, people: Path) -> None:
    ground["waldur"].invite("eve@example.com", role="PROJECT.ADMIN")

    assert ground.run("plan", str(people), "--prune").code == 2
    too_many = ground.run("apply", str(people), "--prune", "--max-prune", "0", "--yes")
    assert (too_many.code, emails(ground)) == (1, ["eve@example.com"])

    assert ground.run("apply", str(people), "--prune", "--max-prune", "1", "--yes").code == 0
    assert emails(ground) == ["ana@example.com", "ben@example.com"]


def test_the_plan_is_shown_and_asked_about_on_a_terminal(ground: Ground, people: Path) -> None:
    no = ground.terminal("apply", str(people), typed="n\n")

    assert "2 create" in no.out
    assert (no.code, emails(ground)) == (1, [])

    yes = ground.terminal("apply", str(people), typed="y\n")

    assert (yes.code, emails(ground)) == (0, ["ana@example.com", "ben@example.com"])
    assert "2 done" in yes.out


def test_offboarding_shows_what_it_would_take_back_and_asks(ground: Ground) -> None:
    ground["waldur"].invite("ana@example.com")

    no = ground.terminal("offboard", "ana@example.com", typed="n\n")
    assert "Take back 1 invitation?" in no.out
    assert (no.code, emails(ground)) == (1, ["ana@example.com"])

    yes = ground.terminal("offboard", "ana@example.com", typed="y\n")
    assert (yes.code, emails(ground)) == (0, [])


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_in_order_and_the_next_run_goes_on(
    ground: Ground, people: Path, number: signal.Signals, code: int
) -> None:
    asked = threading.Event()
    ground["waldur"].faults.plan(
        Fault.slow_headers(1),
        on="user_invitations_create",
        when=lambda request: not asked.set(),  # type: ignore[func-returns-value]
    )

    report = ground.home / "report.csv"
    given = ("--yes", "--fields", "email,outcome", "--report", str(report), "--max-concurrency", "1")
    with ground.started("apply", str(people), *given) as process:
        assert asked.wait(60)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    again = ground.run("apply", str(people), "--yes")

    assert process.returncode == code, err
    assert "run it again with the same list and journal" in err
    with report.open(newline="") as file:
        reported = [(row["email"], row["outcome"]) for row in csv.DictReader(file)]
    assert reported == [tuple(line.split("\t")) for line in out.splitlines()[1:]]
    assert sorted(email for email, _ in reported) == ["ana@example.com", "ben@example.com"]
    assert sorted(outcome for _, outcome in reported) == ["done", "left"]
    assert "1 done, 1 left" in err or "1 left, 1 done" in err
    assert "Traceback" not in err
    assert again.code == 0
    assert emails(ground) == ["ana@example.com", "ben@example.com"]
    assert ground["waldur"].effects["created"] == 2


def test_bytes_that_are_no_text_are_told(ground: Ground) -> None:
    done = ground.process("cancel", "-", stdin="\udcff\n", variables={"PYTHONIOENCODING": "utf-8"})

    assert (done.code, done.err) == (2, "error: what was given on stdin is no text in utf-8\n")


@pytest.mark.parametrize("option", ["--report", "--log-json"])
def test_what_cannot_be_written_is_told_before_anything_is_sent(ground: Ground, people: Path, option: str) -> None:
    done = ground.run("apply", str(people), "--yes", option, "/nowhere/report.csv")

    assert (done.code, done.err) == (1, "error: /nowhere/report.csv: No such file or directory\n")
    assert emails(ground) == []


@pytest.mark.parametrize("taken", ["people.csv", "people.csv.journal", "link.csv"])
@pytest.mark.parametrize("option", ["--report", "--log-json", "--out"])
def test_what_is_read_is_never_written_over(ground: Ground, people: Path, option: str, taken: str) -> None:
    journal, link = people.with_name("people.csv.journal.csv"), people.with_name("link.csv")
    link.symlink_to(people)
    named = str(journal if taken.endswith("journal") else people.with_name(taken))
    command = ("plan",) if option == "--out" else ("apply", "--yes")
    before = people.read_text()

    done = ground.run(*command, str(people), "--journal", str(journal), option, named)

    assert (done.code, "would be lost" in done.err) == (2, True), done.err
    assert people.read_text() == before
    assert not journal.exists()
    assert emails(ground) == []


def test_rows_that_are_known_are_told_though_the_run_fails_late(
    ground: Ground, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Roster.apply

    def failing(self: Roster, *arguments: Any, **options: Any) -> None:
        whole(self, *arguments, **options)
        raise JournalError("the journal cannot be closed")

    monkeypatch.setattr(Roster, "apply", failing)

    done = ground.run("apply", str(people), "--yes", "--jsonl", "--fields", "email,outcome")

    assert [json.loads(line) for line in done.out.splitlines()] == [
        {"email": "ana@example.com", "outcome": "done"},
        {"email": "ben@example.com", "outcome": "done"},
    ]
    assert (done.code, "2 done" in done.err, "cannot be closed" in done.err) == (1, True, True)


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_the_help_names_the_columns_of_a_list(ground: Ground, command: str) -> None:
    said = " ".join(ground.run(command, "--help").out.split())

    assert f"Its columns: {', '.join(COLUMNS)}, extra.FIELD." in said


@pytest.mark.parametrize("ground", [("enhance",)], indirect=True)
def test_an_invite_key_is_read_from_stdin(ground: Ground) -> None:
    invitation = ground["enhance"].invite("new@example.com")
    options = ("--email", "new@example.com", "--ask-password")

    done = ground.process("accept", "-", *options, stdin=invitation.id, variables={"INVITE_PASSWORD": "s3cret-Pass"})

    assert done.code == 0, done.err
    assert invitation.id not in done.out + done.err


def test_a_row_without_a_client_does_not_go_to_that_of_its_neighbours(ground: Ground, people: Path) -> None:
    people.write_text(
        "email,role,organization,client\n"
        + "".join(
            f"{row}\n"
            for row in (
                "ana@example.com,CUSTOMER.MANAGER,Acme Org,",
                "ben@example.com,CUSTOMER.MANAGER,Acme Org,waldur",
            )
        )
    )

    for command in (["plan"], ["apply", "--yes"]):
        done = ground.run(*command, str(people))
        assert done.code == 2
        assert "some rows name a client and others do not, the first on line 2" in done.err
    assert ground["waldur"].effects["created"] == 0
