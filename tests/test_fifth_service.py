"""A fifth service from another distribution: four files, found by its entry point, and held to the same behaviour."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from invite_sdk.testing.suite.specification import load

ROOT = Path(__file__).parents[1]
HOME = ROOT / "examples" / "fifth_service"
PACKAGING = {"README.md", "pyproject.toml"}


def run(*command: str | Path, site: Path | None = None, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Runs Python, with the distribution installed in `site` where that is given."""
    paths = [*([str(site)] if site else []), *(path for path in sys.path if path)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    environment = kept | {
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHON": sys.executable,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [sys.executable, *command], cwd=cwd, capture_output=True, text=True, check=False, env=environment
    )


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the distribution installed, as an installer would: from its wheel."""
    folder = tmp_path_factory.mktemp("fifth")
    done = run("-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist", cwd=HOME)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = (folder / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_it_takes_four_files() -> None:
    files = {path.relative_to(HOME).as_posix() for path in HOME.rglob("*") if path.is_file()}
    written = {name for name in files - PACKAGING if not name.startswith("generated/") and "__pycache__" not in name}

    assert written == {
        "openapi/gatehouse.yaml",
        "openapi/config/gatehouse.yaml",
        "src/invite_gatehouse/service.py",
        "src/invite_gatehouse/fake.py",
    }


def test_nothing_else_knows_of_it() -> None:
    sources = [path for folder in ("src", "generated", "openapi", "scripts") for path in (ROOT / folder).rglob("*")]
    names = [path for path in sources if path.suffix in {".py", ".yaml", ".jinja"} and "gatehouse" in path.read_text()]

    assert names == []


@pytest.mark.tools
def test_its_specification_is_valid() -> None:
    from openapi_spec_validator import validate

    validate(load(HOME / "openapi" / "gatehouse.yaml"))


@pytest.mark.tools
def test_its_client_is_what_the_generator_makes() -> None:
    script = ROOT / "scripts" / "generate"
    folders = ("--openapi", HOME / "openapi", "--output", HOME / "generated")
    done = subprocess.run(
        [script, "--check", "--package", "gatehouse_clients", *folders],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHON": sys.executable},
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


IN_USE = """
from invite_sdk import Invitation, InviteClient, UnsupportedOperationError
from invite_sdk._model.installed import service_names
from invite_gatehouse.fake import FakeGatehouse

assert service_names() == ("waldur", "cloudtruth", "zenml", "enhance", "gatehouse")
fake = FakeGatehouse()
with InviteClient(fake.connection(), transport=fake.transport()) as client:
    made = client.create("guest@example.com", role="visitor", name="Gus")
    assert client.list(status="pending").all() == [made]
    assert Invitation.model_validate_json(made.model_dump_json()) == made
    assert type(made.native).__module__ == "gatehouse_clients.gatehouse.models.pass_"
    try:
        client.decline(made)
    except UnsupportedOperationError as error:
        print(error)
    assert client.cancel(made).status == "canceled"
with InviteClient(fake.connection("guest"), transport=fake.transport()) as client:
    assert not client.check(made).valid
assert fake.effects == {"created": 1, "canceled": 1, "mailed": 1}
"""


def test_it_is_found_by_its_entry_point_and_works_like_the_others(site: Path) -> None:
    done = run("-W", "error", "-c", IN_USE, site=site)

    assert done.stderr == ""
    assert done.stdout == "gatehouse decline: Gatehouse has no decline (ZenML Pro does)\n"


SERVED = """
import json, sys, urllib.request
from invite_sdk.testing.__main__ import main

lines = []
sys.stdout.write = lines.append

def use():
    url = next(line for line in "".join(lines).splitlines() if line.startswith("gatehouse")).split()[1]
    body = json.dumps({"email": "guest@example.com", "level": "resident"}).encode()
    made = json.load(urllib.request.urlopen(urllib.request.Request(url + "/_fake/do/issue", body)))
    listed = urllib.request.urlopen(url + "/_fake/state")
    assert json.load(listed)["world"] == [made]
    print(made["level"], file=sys.stderr)

sys.exit(main(["serve", sys.argv[1], *sys.argv[2:]], wait=use))
"""


@pytest.mark.parametrize(
    "arguments", [("gatehouse",), ("gatehouse", "--seed", "4"), ("invite_gatehouse.fake:FakeGatehouse",)]
)
def test_its_fake_is_served_from_the_command_line(site: Path, arguments: tuple[str, ...]) -> None:
    done = run("-c", SERVED, *arguments, site=site)

    assert (done.returncode, done.stderr) == (0, "resident\n")


def test_its_fake_is_among_those_that_the_command_line_knows(site: Path) -> None:
    done = run("-m", "invite_sdk.testing", "serve", "gatehose", site=site)

    assert done.returncode == 1
    assert done.stderr == (
        "cannot serve: there is no fake 'gatehose'; there are waldur, cloudtruth, zenml, enhance, gatehouse, "
        "or package.module:FakeClass\n"
    )


IN_TROUBLE = """
from threading import Barrier, Thread
from invite_sdk import InviteClient, OutcomeUnknownError
from invite_sdk.testing import Fault
from invite_gatehouse.fake import FakeGatehouse

fake = FakeGatehouse()
with InviteClient(fake.connection(), transport=fake.transport()) as client:
    barrier, created = Barrier(2), []

    def run():
        barrier.wait(30)
        created.append(client.ensure("guest@example.com", role="visitor").created)

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    print(sorted(created))

    fake.faults.plan(Fault.drop_reply(), on="issue_pass")
    made = client.create("bea@example.com", role="visitor")
    fake.faults.plan(Fault.drop_reply(), on="revoke_pass")
    print(made.status, client.cancel(made).status)
    fake.faults.plan(Fault.drop_request(), on="issue_pass")
    try:
        client.create("cat@example.com", role="visitor")
    except OutcomeUnknownError as error:
        print(error.known)
with InviteClient(fake.connection("guest"), transport=fake.transport()) as client:
    fake.faults.plan(Fault.drop_reply(), on="use_pass")
    print(client.accept(fake.invitations[0].id).invitation.status)
print(fake.effects)
"""


def test_it_invites_once_and_settles_lost_answers_without_a_word_in_its_file(site: Path) -> None:
    done = run("-W", "error", "-c", IN_TROUBLE, site=site)

    assert done.stderr == ""
    *said, effects = done.stdout.splitlines()
    assert said[:2] == ["[False, True]", "pending canceled"]
    assert said[2].endswith("reading the state back did not show it")
    assert said[3] == "accepted"
    assert effects == "Counter({'created': 2, 'mailed': 2, 'canceled': 1, 'accepted': 1})"


def test_without_its_distribution_there_is_no_such_service() -> None:
    done = run("-c", "from invite_sdk._model.installed import service_names; print(*service_names())")

    assert done.stdout.split() == ["waldur", "cloudtruth", "zenml", "enhance"]


def test_it_passes_the_behaviour_suite(site: Path) -> None:
    options = ("-q", "-p", "no:cacheprovider", "-p", "tests.fifth_service_world", "-k", "gatehouse")
    done = run("-m", "pytest", *options, "--pyargs", "invite_sdk.testing.suite", site=site)

    assert done.returncode == 0, done.stdout[-4000:]
    told = re.search(r"^(\d+) passed, \d+ deselected in", done.stdout, re.MULTILINE)
    assert told is not None
    assert int(told[1]) > 500
