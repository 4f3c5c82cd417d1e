"""What helps to begin: doctor, capabilities and serve-fakes."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from invite_sdk.cli import doctor as module
from invite_sdk.services import OPERATIONS, connection_class, service_names
from invite_sdk.testing import FakeWaldur, Fault
from tests.cli.conftest import COMMAND, Done, Ground


def findings(done: Done) -> dict[str, tuple[str, str]]:
    """By what was looked at: the finding, and what is said of it."""
    return {row["what"]: (row["finding"], row["detail"]) for row in json.loads(done.out)}


def doctor(ground: Ground, *arguments: str, **variables: str) -> Done:
    done = ground.run("doctor", "--json", *arguments, variables=variables)
    for fake in ground.fakes.values():
        for header in fake.credentials.values():
            assert header.split()[-1] not in f"{done}"
    return done


# doctor


@pytest.fixture(autouse=True)
def clocks(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time here is that of the fakes."""
    [fake] = ground.fakes.values()
    begun = fake.clock.now().timestamp()
    monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: begun))


def test_all_that_is_right_is_told(ground: Ground) -> None:
    done = doctor(ground)

    found = findings(done)
    assert done.code == 0
    assert {what: finding for what, (finding, _) in found.items()} == {
        "versions": "ok",
        "network": "ok",
        "profile": "ok",
        "service": "ok",
        "server": "ok",
        "credential": "ok",
        "clock": "ok",
    }
    assert all(name in found["versions"][1] for name in ("Python 3.", "invite-sdk ", "httpx "))
    assert found["profile"][1] == "none, but the variables INVITE_WALDUR_TOKEN, INVITE_WALDUR_URL"
    assert found["service"][1] == f"waldur at {ground.variables['INVITE_WALDUR_URL']}"


@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.parametrize("ground", [("waldur",), ("enhance",)], indirect=True)
def test_a_url_at_which_a_web_page_is_asks_whether_it_is_right(ground: Ground, status: int) -> None:
    (fake,) = ground.fakes.values()
    fake.faults.plan(Fault.html(status), times=9)

    done = doctor(ground)

    assert done.code == 3
    assert "check the URL setting" in findings(done)["request"][1]


@pytest.mark.parametrize(("seconds", "finding"), [(30, "ok"), (7200, "warning")])
def test_a_clock_that_is_wrong_is_a_warning(seconds: int, finding: str, ground: Ground) -> None:
    ground["waldur"].clock.advance(seconds=seconds)

    done = doctor(ground)

    assert done.code == 0
    assert findings(done)["clock"] == (
        finding,
        "within 60 s of the server's"
        if finding == "ok"
        else "7200 s behind the Date of the server's answer: set the one that is wrong; that of a fake stands still",
    )


def test_a_credential_that_is_refused_is_told(ground: Ground) -> None:
    done = doctor(ground, INVITE_WALDUR_TOKEN="0" * 40)

    assert done.code == 4
    assert findings(done)["server"][0] == "ok"
    assert findings(done)["credential"][0] == "failed"


@pytest.mark.parametrize("ground", [("enhance",)], indirect=True)
def test_where_nothing_can_be_read_with_a_credential_that_is_said(ground: Ground) -> None:
    done = doctor(ground)

    assert done.code == 0
    assert findings(done)["server"][0] == "ok"
    assert findings(done)["credential"] == ("unknown", "enhance has nothing to read with it: only creating would tell")


def test_a_server_that_fails_is_told_from_one_that_is_not_there(ground: Ground) -> None:
    ground["waldur"].faults.plan(Fault.status(503), times=9)

    failing = doctor(ground, "--deadline", "0.2")
    assert (failing.code, findings(failing)["request"][0]) == (7, "failed")
    away = doctor(ground, "--deadline", "0.2", INVITE_WALDUR_URL="http://127.0.0.1:9")
    assert (away.code, findings(away)["server"][0]) == (7, "failed")
    assert "credential" not in findings(away)


def test_without_settings_the_rest_is_told_all_the_same(ground: Ground) -> None:
    done = doctor(ground, INVITE_WALDUR_URL="", INVITE_WALDUR_TOKEN="")

    assert done.code == 3
    assert [*findings(done)] == ["versions", "network", "settings"]
    assert "no service is named" in findings(done)["settings"][1]


def test_variables_of_the_network_are_named_and_not_shown(ground: Ground) -> None:
    done = doctor(ground, HTTPS_PROXY="http://ann:a-very-secret-word@proxy.example:3128", no_proxy="localhost")

    assert findings(done)["network"][1].startswith("set: HTTPS_PROXY, no_proxy")
    assert "secret" not in done.out


@pytest.mark.parametrize(
    ("arguments", "variables", "default", "why"),
    [
        (("--profile", "acme"), {}, "", "by --profile"),
        ((), {"INVITE_PROFILE": "acme"}, "", "by INVITE_PROFILE"),
        ((), {}, 'default = "acme"', "the default"),
        ((), {}, "", "the only one"),
    ],
)
def test_it_is_told_which_profile_is_meant_and_why(
    arguments: tuple[str, ...], variables: dict[str, str], default: str, why: str, ground: Ground
) -> None:
    file = ground.home / "profiles.toml"
    url = ground.variables["INVITE_WALDUR_URL"]
    file.write_text(f'{default}\n[profiles.acme]\nservice = "waldur"\nurl = "{url}"\ntoken = {{ env = "ACME" }}\n')
    token = ground.variables["INVITE_WALDUR_TOKEN"]
    ground.variables = {"INVITE_CONFIG": str(file), "ACME": token}

    done = doctor(ground, *arguments, **variables)

    assert done.code == 0
    assert findings(done)["profile"][1] == f"acme ({why}) in {file}; token in env ACME"


# capabilities


def test_what_each_service_can_do_is_shown_from_the_declarations(ground: Ground) -> None:
    table = json.loads(ground.run("capabilities", "--json").out)

    assert [row["operation"] for row in table] == list(OPERATIONS)
    for service in service_names():
        declared = connection_class(service).adapter_type().capabilities
        assert [row[service] for row in table] == [declared[each].level for each in OPERATIONS]


def test_one_service_is_shown_in_detail(ground: Ground) -> None:
    listed: dict[str, Any] = {
        row["operation"]: row for row in json.loads(ground.run("capabilities", "waldur", "--json").out)
    }

    assert listed["update"]["support"] == "native (from 7.9.2)"
    assert listed["decline"]["support"] == "unsupported (see cancel)"
    assert "message" in listed["create"]["takes"]
    assert listed["list"]["note"]


def test_another_service_is_refused_with_those_that_there_are(ground: Ground) -> None:
    done = ground.run("capabilities", "waldurr")

    assert (done.code, done.out) == (2, "")
    assert "there are waldur, cloudtruth, zenml, enhance" in done.err


# serve-fakes


def test_fakes_are_served_until_the_command_is_ended(ground: Ground) -> None:
    options = ("--seed", "7", "--waldur-version", "7.0.7", "--control-host", "fakes.example")
    process = subprocess.Popen([*COMMAND, "serve-fakes", "waldur", *options], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said: list[str] = []
    with process:
        for line in process.stdout:
            said.append(line)
            if line.startswith("Below /_fake/"):
                process.send_signal(signal.SIGTERM)

    assert process.returncode == 143
    [export] = [line for line in said if line.startswith("export ")]
    variables = dict(word.split("=", 1) for word in export.split()[1:])
    assert set(variables) == {"INVITE_WALDUR_URL", "INVITE_WALDUR_TOKEN"}
    assert variables["INVITE_WALDUR_TOKEN"] == FakeWaldur(seed=7).users["staff"].token


def test_several_fakes_are_served_at_once(ground: Ground) -> None:
    said = ""
    with ground.started("serve-fakes", "zenml", "cloudtruth") as process:
        assert process.stdout is not None
        while "Below /_fake/" not in said:
            said += (line := process.stdout.readline())
            assert line

    assert re.findall("^export INVITE_([A-Z]+)_", said, re.MULTILINE) == ["ZENML", "CLOUDTRUTH"]


def test_without_the_extra_for_testing_it_is_named() -> None:
    program = (
        "import sys; sys.modules['uvicorn'] = None; sys.argv = ['invite', 'serve-fakes', 'waldur']\n"
        "from invite_sdk.cli.main import main; main()"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 3
    assert "pip install 'invite-sdk[testing]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--port", "70000"), 2, "--port"),
        (("--waldur-version", "1"), 2, "7.0.7"),
        (("nowhere",), 2, "there is no fake 'nowhere'"),
        (("no.module:Fake",), 1, "cannot serve: "),
    ],
)
def test_what_cannot_be_served_is_said(arguments: tuple[str, ...], code: int, said: str, ground: Ground) -> None:
    done = ground.process("serve-fakes", *arguments)

    assert (done.code, done.out) == (code, "")
    assert said in done.err
