"""How the command behaves among people and other programs: what it shows, hides, asks, and leaves alone."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest

from invite_sdk.cli.app import COMMANDS
from invite_sdk.cli.output import Output
from invite_sdk.testing import Fault
from tests.cli.conftest import COMMAND, Done, Ground
from tests.cli.test_commands import ANSI, CASES, SERVICES, case_of

NASTY = "\x1b]0;owned\x07\x1b[31mEve\u202e\tTab\nLine"
READING = {"list", "count", "get", "check", "preview", "roles", "scopes", "find", "overview", "plan"}
WRITING = [param for param in SERVICES if param.id not in READING]
NEW = ("create", "ana@example.com", "--role", "Owner", "--name", "Ana")

enhance = pytest.mark.parametrize("ground", [("enhance",)], indirect=True)


def invited(ground: Ground, *emails: str, **fields: Any) -> list[str]:
    return [ground["waldur"].invite(email, **fields).uuid for email in emails]


def effects(fake: Any) -> dict[str, int]:
    return {effect: number for effect, number in fake.effects.items() if effect != "logged_in"}


def states(ground: Ground) -> list[str]:
    return [row.state for row in ground["waldur"].invitations]


@pytest.mark.parametrize(("ground", "name"), WRITING, indirect=["ground"])
def test_a_dry_run_writes_nothing(ground: Ground, name: str) -> None:
    arguments, case = case_of(ground, name)
    fake = ground[case.service]
    before = effects(fake)

    done = ground.run(*[word for word in arguments if word != "--dry-run"], "--dry-run", stdin=case.stdin)

    assert done.code == 0, done.err
    assert effects(fake) == before
    assert "would" in done.out or name == "apply"


@pytest.mark.parametrize("form", ["--csv", "--fields=name", "--json", "--jsonl"])
def test_a_name_cannot_drive_the_terminal(ground: Ground, form: str) -> None:
    invited(ground, "eve@example.com", full_name=NASTY)

    done = ground.terminal("list", form, "--fields", "email,name", "--no-color")

    assert "\x1b" not in done.out
    assert "\u202e" not in done.out
    assert "\x07" not in done.out
    assert "Eve" in done.out
    assert len(done.out.strip().splitlines()) == {"--json": 3, "--jsonl": 1, "--csv": 3}.get(form, 2)


def test_csv_in_a_pipe_quotes_line_ends_and_holds_neither_formulas_nor_control_characters(ground: Ground) -> None:
    invited(ground, "eve@example.com", full_name='=1+1\n\x1b[31mEve, "E"')

    done = ground.process("list", "--csv", "--fields", "name,email")

    assert done.out == 'name,email\n"\'=1+1\n\\x1b[31mEve, ""E""",eve@example.com\n'


def test_a_cell_of_tsv_holds_neither_tab_nor_line_end_and_json_loses_nothing(ground: Ground) -> None:
    invited(ground, "eve@example.com", full_name=NASTY)

    (_, row) = ground.run("list", "--fields", "name,email").out.splitlines()
    (kept,) = json.loads(ground.run("list", "--json", "--fields", "name").out)

    assert row == "\\x1b]0;owned\\x07\\x1b[31mEve\\u202e\\tTab\\nLine\teve@example.com"
    assert kept["name"] == NASTY


@pytest.mark.parametrize("term", ["xterm-256color", "dumb", "unknown"])
def test_an_id_is_neither_wrapped_nor_cut_on_a_narrow_terminal(ground: Ground, term: str) -> None:
    (uuid,) = invited(ground, "somebody.with.a.long.name@department.of.chemistry.example.com")

    shown = ANSI.sub("", ground.terminal("list", columns=30, variables={"TERM": term}).out)

    assert [line for line in shown.splitlines() if uuid in line and "department.of.chemistry.example.com" in line]
    assert len(shown.strip().splitlines()) == 2


@pytest.mark.parametrize("arguments", [("plan", "FILE"), ("list",), ("overview",), ("capabilities",)], ids="/".join)
def test_a_narrow_terminal_shows_the_fields_and_values_of_a_pipe(ground: Ground, arguments: tuple[str, ...]) -> None:
    invited(ground, "zoe@example.com", role="PROJECT.ADMIN")
    people = ground.home / "people.csv"
    people.write_text("email,role,scope_type,scope\nsomebody.with.a.name@example.com,PROJECT.ADMIN,project,Apollo\n")
    given = [str(people) if word == "FILE" else word for word in arguments]

    piped = [line.split("\t") for line in ground.run(*given).out.splitlines()]
    shown = ANSI.sub("", ground.terminal(*given, "--quiet", columns=40).out).strip().splitlines()

    assert shown[0].split() == piped[0]
    assert [[value for value in row if value not in line] for row, line in zip(piped, shown, strict=True)] == [
        [] for _ in piped
    ]


def test_colours_are_for_terminals_that_want_them(ground: Ground) -> None:
    invited(ground, "ana@example.com")

    assert ANSI.search(ground.terminal("list").out)
    assert not ANSI.search(ground.terminal("list", "--no-color").out)
    assert not ANSI.search(ground.terminal("list", variables={"NO_COLOR": "1"}).out)
    assert not ANSI.search(ground.process("list").out)


@enhance
@pytest.mark.parametrize("form", ["--json", "--csv", "--jsonl", "--no-color"])
def test_invite_keys_show_only_when_they_are_asked_for(ground: Ground, form: str) -> None:
    done = ground.run(*NEW, form, "--fields", "all")
    key = ground["enhance"].invitations[-1].id

    assert done.code == 0, done.err
    assert key not in done.out + done.err
    assert f"...{key[-4:]}" in done.out

    shown = ground.run("create", "ben@example.com", *NEW[2:], "--show-keys", form)

    assert ground["enhance"].invitations[-1].id in shown.out


@enhance
def test_a_list_that_is_applied_shows_no_invite_keys_either(ground: Ground) -> None:
    people, report = ground.home / "people.csv", ground.home / "report.csv"
    people.write_text("email,role,name\nana@example.com,Owner,Ana\n")

    done = ground.run("apply", str(people), "--yes", "--report", str(report))
    key = ground["enhance"].invitations[-1].id

    assert done.code == 0, done.err
    assert key not in done.out + done.err + report.read_text()
    assert f"...{key[-4:]}" in done.out


@enhance
def test_a_password_is_read_from_stdin_and_shows_nowhere(ground: Ground) -> None:
    invitation = ground["enhance"].invite("new@example.com")

    done = ground.process(
        "accept", invitation.id, "--email", "new@example.com", "--ask-password", "-v", stdin="s3cret-Pass\n"
    )

    assert done.code == 0, done.err
    assert "s3cret" not in done.out + done.err


def test_many_are_counted_and_asked_about_on_a_terminal(ground: Ground) -> None:
    invited(ground, "ana@example.com", "ben@example.com")

    no = ground.terminal("cancel", "--all", typed="n\n")

    assert "Cancel 2 invitations of waldur at http://127.0.0.1" in no.out
    assert (no.code, states(ground)) == (1, ["pending", "pending"])

    yes = ground.terminal("cancel", "--all", typed="y\n")

    assert (yes.code, states(ground)) == (0, ["canceled", "canceled"])
    assert "2 canceled, 0 not" in yes.out


@pytest.mark.parametrize(
    "arguments",
    [("cancel", "--all"), ("resend", "--all"), ("offboard", "ana@example.com"), ("apply", "FILE")],
    ids=lambda arguments: arguments[0],
)
def test_without_a_terminal_nobody_is_asked_and_nothing_is_done(ground: Ground, arguments: tuple[str, ...]) -> None:
    invited(ground, "ana@example.com")
    people = ground.home / "people.csv"
    people.write_text("email,role,scope_type,scope\nben@example.com,PROJECT.ADMIN,project,Apollo\n")

    done = ground.process(*[str(people) if word == "FILE" else word for word in arguments])

    assert done.code == 2
    assert "give --yes" in done.err
    assert states(ground) == ["pending"]


def test_ids_come_from_stdin_and_each_is_confirmed(ground: Ground) -> None:
    ana, ben = invited(ground, "ana@example.com", "ben@example.com")

    done = ground.process("cancel", "-", "--jsonl", stdin=f"{ana}\n\n{'0' * 32}\n{ben}\n{ana}\n")

    rows = [json.loads(line) for line in done.out.splitlines()]
    assert [(row["id"], row["outcome"]) for row in rows] == [(ana, "canceled"), ("0" * 32, "failed"), (ben, "canceled")]
    assert rows[1]["detail"].startswith("NotFoundError")
    assert (done.code, "2 canceled, 1 not" in done.err) == (1, True)


def test_filters_narrow_what_all_means(ground: Ground) -> None:
    invited(ground, "ana@example.com", role="PROJECT.ADMIN")
    invited(ground, "ben@example.com", role="PROJECT.MEMBER")

    done = ground.run("cancel", "--all", "--role", "PROJECT.ADMIN", "--yes", "--fields", "email")

    assert done.out.splitlines() == ["email", "ana@example.com"]
    assert states(ground) == ["canceled", "pending"]


def test_what_would_fail_for_all_stops_at_the_first(ground: Ground) -> None:
    ids = invited(ground, *[f"p{number}@example.com" for number in range(40)])
    ground["waldur"].faults.plan(Fault.status(401), on="user_invitations_cancel", times=None)

    done = ground.run("cancel", *ids, "--no-refetch", "--fields", "outcome")

    outcomes = done.out.splitlines()[1:]
    assert done.code == 4
    assert len(outcomes) == 40
    assert outcomes.count("left") >= 40 - 16


def test_an_interrupt_waits_for_what_is_under_way_and_tells_of_it(ground: Ground) -> None:
    ids = invited(ground, *[f"p{number}@example.com" for number in range(40)])
    asked = threading.Event()
    ground["waldur"].faults.plan(
        Fault.slow_headers(1),
        on="user_invitations_cancel",
        times=None,
        when=lambda request: not asked.set(),  # type: ignore[func-returns-value]
    )

    with ground.started("cancel", *ids, "--no-refetch", "--fields", "outcome,id") as process:
        assert asked.wait(60)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)

    rows = [line.split("\t") for line in out.splitlines()[1:]]
    assert (process.returncode, "Traceback" in err) == (130, False)
    assert [uuid for _, uuid in rows] == ids
    assert {outcome for outcome, _ in rows} == {"canceled", "left"}
    assert [outcome for outcome, _ in rows].count("canceled") == states(ground).count("canceled")


def test_a_reader_that_goes_away_ends_a_listing_quietly(ground: Ground) -> None:
    invited(ground, *[f"somebody.number.{number}@example.com" for number in range(1200)])

    with ground.started("list", "--fields", "all", "--jsonl") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()

    assert (process.wait(60), said) == (0, "")


def test_a_reader_that_goes_away_stops_no_write(ground: Ground) -> None:
    ids = invited(ground, *[f"p{number}@example.com" for number in range(20)])

    with ground.started("cancel", *ids, "--quiet") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()

    assert (process.wait(60), said) == (0, "")
    assert set(states(ground)) == {"canceled"}


def test_attempts_are_shown_and_kept_for_machines(ground: Ground) -> None:
    ground["waldur"].faults.plan(Fault.status(503), on="user_invitations_list")
    log = ground.home / "log.jsonl"

    done = ground.process("list", "--verbose", "--log-json", str(log))

    assert "attempt 1: status 503" in done.err
    assert "attempt 2: status 200" in done.err
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["phase"], line["status"]) for line in lines] == [
        ("before", None),
        ("after", 503),
        ("before", None),
        ("after", 200),
    ]
    assert ground.variables["INVITE_WALDUR_TOKEN"] not in done.err + log.read_text()


def test_quiet_says_nothing_but_rows(ground: Ground) -> None:
    (uuid,) = invited(ground, "ana@example.com")

    done = ground.run("cancel", uuid, "--all", "--quiet")
    assert done.code == 2

    assert ground.run("cancel", "--all", "--yes", "--quiet").err == ""
    assert ground.run("find", "nobody@example.com", "--quiet").err == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(ground: Ground, name: str) -> None:
    done = ground.run(name, "--help")

    assert done.code == 0
    assert f"Usage: invite {name}" in done.out
    if name in CASES:
        assert f"  invite {name}" in done.out.partition("Examples:")[2] or f"invite {name}" in done.out
        assert "--json" in done.out


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("emial", "there is no field 'emial'; did you mean email?"),
        ("email,STATUS", "did you mean status?"),
        ("email,all", "or all alone"),
    ],
)
def test_a_field_that_is_not_there_is_answered_with_the_nearest(fields: str, said: str, ground: Ground) -> None:
    done = ground.run("list", "--json", "--fields", fields)

    assert (done.code, done.out) == (2, "")
    assert said in json.loads(done.err)["message"]
    assert not ground["waldur"].requests


@pytest.mark.parametrize("form", [(), ("--csv",), ("--json",)], ids=["tsv", "csv", "json"])
def test_a_field_that_was_named_twice_is_shown_once(ground: Ground, form: tuple[str, ...]) -> None:
    invited(ground, "ana@example.com")

    assert ground.run("list", "--fields", "email, status,email", *form) == ground.run(
        "list", "--fields", "email,status", *form
    )


@pytest.mark.parametrize("form", ["tsv", "jsonl", "csv"])
def test_a_row_is_written_before_the_next_is_asked_for(form: Any) -> None:
    stream = StringIO()

    def rows() -> Iterator[dict[str, object]]:
        for number in range(3):
            assert f"row{number - 1}" in stream.getvalue() or number == 0
            yield {"name": f"row{number}"}

    assert Output(form, stream=stream).write(rows(), ["name"]) == 3


def test_a_mark_before_the_first_line_and_line_ends_of_windows_do_not_matter(ground: Ground) -> None:
    ana, ben = invited(ground, "ana@example.com", "ben@example.com")

    assert ground.process("cancel", "-", stdin=f"\ufeff{ana}\r\n{ben}\r\n").code == 0
    assert states(ground) == ["canceled", "canceled"]
    assert ground.process("get", "-", stdin=f"\ufeff{ana}\r\n").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "--log-json", "-"),
        ("plan", "FILE", "--out", "-"),
        ("plan", "FILE", "--journal", "-"),
        ("apply", "FILE", "--yes", "--log-json", "-"),
    ],
    ids=" ".join,
)
def test_no_file_is_called_as_stdin_is(
    ground: Ground, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ground.home)
    (ground.home / "people.csv").write_text("email,role\nana@example.com,CUSTOMER.OWNER\n")

    done = ground.run(*[word.replace("FILE", "people.csv") for word in arguments])

    assert (done.code, "must name a file" in done.err) == (2, True)
    assert not (ground.home / "-").exists()


@pytest.mark.parametrize("name", [*COMMANDS, *(f"profile {each}" for each in ("add", "list", "check"))])
def test_help_names_what_an_option_takes_and_no_type_of_python(ground: Ground, name: str) -> None:
    done = ground.run(*name.split(), "--help")

    assert not re.findall(r"--[a-z-]+ <[^>]*>", done.out)
    assert ground.run("help", *name.split()) == done


def test_a_name_that_is_no_command_is_answered_with_the_nearest(ground: Ground) -> None:
    assert ground.run("help") == ground.run("--help")
    for arguments, near in ((("lst",), "list"), (("help", "creat"), "create"), (("profile", "ad"), "add")):
        done = ground.run(*arguments)
        assert (done.code, f"Did you mean '{near}'" in done.err) == (2, True)
    assert "--status" in ground.run("list", "--stauts", "pending").err


def test_the_version_is_the_packages(ground: Ground) -> None:
    from invite_sdk import __version__

    assert ground.process("--version").out == f"invite {__version__}\n"


def test_statuses_complete(ground: Ground) -> None:
    done = ground.process(
        variables={"_INVITE_COMPLETE": "complete_bash", "COMP_WORDS": "invite list --status pe", "COMP_CWORD": "3"}
    )

    assert done.out.split() == ["pending"]


def test_roles_complete_from_the_service(ground: Ground) -> None:
    done = ground.process(
        variables={"_INVITE_COMPLETE": "complete_bash", "COMP_WORDS": "invite list --role PROJECT.A", "COMP_CWORD": "3"}
    )

    assert done.out.split() == ["PROJECT.ADMIN"]


@pytest.mark.parametrize("arguments", [(), ("profile",)], ids=["invite", "profile"])
def test_without_a_command_the_help_is_shown(ground: Ground, arguments: tuple[str, ...]) -> None:
    done = ground.process(*arguments)

    assert (done.code, done.out) == (2, "")
    assert done.err == ground.process(*arguments, "--help").out


def in_shell(ground: Ground, script: str, *arguments: str, **variables: str) -> Done:
    """How a shell's script ends, in which "$@" is the command."""
    done = subprocess.run(
        ["bash", "-c", script, "bash", *COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=ground.environment(variables),
        timeout=60,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.parametrize(
    "arguments",
    [("get", "-"), ("approve",), ("cancel", "--all"), ("apply", "-", "--yes")],
    ids=" ".join,
)
def test_a_stdin_that_was_closed_is_told_in_a_line(ground: Ground, arguments: tuple[str, ...]) -> None:
    invited(ground, "ana@example.com")

    done = in_shell(ground, '"$@" <&-', *arguments)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: ")
    assert "Traceback" not in done.err
    assert states(ground) == ["pending"]


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("arguments", [("list",), ("cancel", "--all", "--yes", "--quiet"), ("--help",)], ids=" ".join)
def test_an_output_that_was_closed_ends_it_quietly(ground: Ground, arguments: tuple[str, ...], closed: str) -> None:
    invited(ground, "ana@example.com")

    done = in_shell(ground, f'"$@" {closed}', *arguments)

    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("approve", "s3cretPass"),
        ("reject", "s3cretPass", "--json"),
        ("get", "one", "s3cretPass"),
        ("profile", "list", "s3cretPass"),
        ("profile", "add", "ci", "--service", "zenml", "--from-env", "NAME=s3cretPass"),
        ("profile", "add", "ci", "--service", "zenml", "--from-env", "s3cretPass-"),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_what_was_given_in_the_wrong_place_is_not_repeated(ground: Ground, arguments: tuple[str, ...]) -> None:
    done = ground.run(*arguments)

    assert (done.code, done.out) == (2, "")
    assert "s3cretPass" not in done.err
    assert "unexpected extra argument" in done.err or "the name of a variable" in done.err


@pytest.mark.parametrize("name", ["Jos\u00e9 \U0001f600", "\u674e"])
def test_json_is_json_where_only_ascii_can_be_written(ground: Ground, name: str) -> None:
    invited(ground, "jose@example.com", full_name=name)

    done = ground.process("list", "--json", "--fields", "name", variables={"PYTHONIOENCODING": "ascii"})

    assert done.out.isascii()
    assert json.loads(done.out) == [{"name": name}]


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("list", "--help")], ids=" ".join)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_goes_away_ends_help_quietly(ground: Ground, arguments: tuple[str, ...], unbuffered: str) -> None:
    script = '("$@"; echo "$?" >&2) | exec 0<&-; wait'

    done = in_shell(ground, script, *arguments, PYTHONUNBUFFERED=unbuffered)

    assert done.err == "0\n"
