"""A fifth service from another distribution: six files, found by its entry point, and held to the same behaviour."""

from __future__ import annotations

import ast
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
WRITTEN = [*sorted(HOME.glob("src/*/*.py")), *sorted(HOME.glob("tests/*.py"))]


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


def test_it_takes_six_files() -> None:
    files = {path.relative_to(HOME).as_posix() for path in HOME.rglob("*") if path.is_file()}
    written = {name for name in files - PACKAGING if not name.startswith("generated/") and "__pycache__" not in name}

    assert written == {
        "openapi/github.yaml",
        "openapi/config/github.yaml",
        "src/invite_github/service.py",
        "src/invite_github/fake.py",
        "tests/conftest.py",
        "tests/github_world.py",
    }


def test_it_takes_few_lines() -> None:
    """Beside the specification, from which the client is generated."""
    ours = [*WRITTEN, *HOME.glob("openapi/config/*"), HOME / "pyproject.toml"]

    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in ours) <= 455


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_it_imports_by_public_names_only(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    sdk = [name for name in found if name.partition(".")[0] in ("invite_sdk", "invite_clients", "github_clients")]

    assert sdk
    assert [name for name in sdk if any(part.startswith("_") for part in name.split("."))] == []


def test_nothing_else_knows_of_it() -> None:
    sources = [path for folder in ("src", "generated", "openapi", "scripts") for path in (ROOT / folder).rglob("*")]
    words = ("invite_github", "github_clients")
    names = [
        path
        for path in sources
        if path.suffix in {".py", ".yaml", ".jinja"} and any(word in path.read_text() for word in words)
    ]

    assert names == []


@pytest.mark.tools
def test_its_specification_is_valid() -> None:
    from openapi_spec_validator import validate

    validate(load(HOME / "openapi" / "github.yaml"))


@pytest.mark.tools
def test_its_client_is_what_the_generator_makes() -> None:
    script = ROOT / "scripts" / "generate"
    folders = ("--openapi", HOME / "openapi", "--output", HOME / "generated")
    done = subprocess.run(
        [script, "--check", "--package", "github_clients", *folders],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHON": sys.executable},
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


IN_USE = """
from invite_sdk import Invitation, InviteClient, OPEN_STATUSES, UnsupportedOperationError
from invite_sdk.services import is_id
from invite_sdk.testing import FakeResponse
from invite_sdk.testing.suite.meddler import Meddler
from invite_github.fake import FakeGitHub
from invite_github.service import GitHub

variables = {"INVITE_GITHUB_ORGANIZATION": "acme", "INVITE_GITHUB_TOKEN": "ghp_1"}
assert GitHub.from_env(variables).base_url == "https://api.github.com"
fake = FakeGitHub()
with InviteClient(fake.connection(), transport=fake.transport()) as client:
    made = client.create("guest@example.com", role="direct_member", extra={"team_ids": [7]})
    assert is_id("integer", made.id)
    assert client.list(status=OPEN_STATUSES).all() == [made]
    assert Invitation.model_validate_json(made.model_dump_json()) == made
    assert type(made.native).__module__ == "github_clients.github.models.organization_invitation"
    assert made.native.team_count == 1
    try:
        client.resend(made)
    except UnsupportedOperationError as error:
        print(error)
    assert client.cancel(made) == made.model_copy(update={"status": "canceled", "partial": True})
    fake.fail(fake.invite("late@example.com"), "Nobody came.")
    (late,) = client.list(status="expired")
    assert (late.native_status, late.delivery_detail, late.is_final) == ("failed", "Nobody came.", True)
    assert client.ensure("late@example.com", role="direct_member").created
assert fake.effects == {"created": 2, "canceled": 1, "mailed": 2}

for number in range(101):
    fake.invite(f"guest-{number}@example.com")
transport = Meddler(fake, None, lambda asked, said: FakeResponse(said.status, (), said.body))
with InviteClient(fake.connection(), transport=transport) as client:
    # Without a Link header a full page may have another behind it, and more than 100 are never on one.
    assert client.count(status="pending") == len(client.list(status="pending", page_size=500).all()) == 102
assert {one.request.header("X-GitHub-Api-Version") for one in fake.requests} == {"2022-11-28"}
"""


def test_it_is_found_by_its_entry_point_and_works_like_the_others(site: Path) -> None:
    done = run("-W", "error", "-c", IN_USE, site=site)

    assert done.stderr == ""
    said = "github resend: GitHub has no resend (Waldur, CloudTruth and Enhance do); the nearest here is create\n"
    assert done.stdout == said


SERVED = """
import json, sys, urllib.request
from invite_sdk.testing.__main__ import main

lines = []
sys.stdout.write = lines.append

def use():
    url = next(line for line in "".join(lines).splitlines() if line.startswith("github")).split()[1]
    body = json.dumps({"email": "guest@example.com", "role": "admin"}).encode()
    made = json.load(urllib.request.urlopen(urllib.request.Request(url + "/_fake/do/invite", body)))
    world = json.load(urllib.request.urlopen(url + "/_fake/state"))["world"]
    print(world["invitations"][made]["role"], file=sys.stderr)
    assert "Paste an export line" not in "".join(lines)  # there is none

sys.exit(main(["serve", sys.argv[1], *sys.argv[2:]], wait=use))
"""


@pytest.mark.parametrize("arguments", [("github",), ("github", "--seed", "4"), ("invite_github.fake:FakeGitHub",)])
def test_its_fake_is_served_from_the_command_line(site: Path, arguments: tuple[str, ...]) -> None:
    done = run("-c", SERVED, *arguments, site=site)

    assert (done.returncode, done.stderr) == (0, "admin\n")


def test_its_fake_is_among_those_that_the_command_line_knows(site: Path) -> None:
    done = run("-m", "invite_sdk.testing", "serve", "githib", site=site)

    assert done.returncode == 1
    assert done.stderr == (
        "cannot serve: there is no fake 'githib'; there are waldur, cloudtruth, zenml, enhance, github, "
        "or package.module:FakeClass\n"
    )


IN_TROUBLE = """
from invite_sdk import InviteClient, OutcomeUnknownError
from invite_sdk.testing import Fault
from invite_github.fake import FakeGitHub
from tests.support.threads import together

fake = FakeGitHub()
with InviteClient(fake.connection(), transport=fake.transport()) as client:
    print(sorted(together(3, lambda _: client.ensure("guest@example.com", role="admin").created)))

    fake.faults.plan(Fault.drop_reply(), on="create_invitation")
    made = client.create("bea@example.com", role="direct_member")
    fake.faults.plan(Fault.drop_reply(), on="cancel_invitation")
    print(made.id in fake.invitations, made.partial, client.cancel(made.id).status)
    fake.faults.plan(Fault.drop_request(), on="create_invitation")
    try:
        client.create("cat@example.com", role="direct_member")
    except OutcomeUnknownError as error:
        print(error.known)
print(fake.effects)
"""


def test_it_invites_once_and_settles_lost_answers_without_a_word_in_its_file(site: Path) -> None:
    done = run("-W", "error", "-c", IN_TROUBLE, site=site)

    assert done.stderr == ""
    *said, effects = done.stdout.splitlines()
    assert said[:2] == ["[False, False, True]", "True False canceled"]
    assert said[2].endswith("reading the state back did not show it")
    assert effects == "Counter({'created': 2, 'mailed': 2, 'canceled': 1})"


REFUSED = """
import time
from invite_sdk import AlreadyInvitedError, InvalidArgumentError, InviteClient, PermissionDeniedError
from invite_sdk import RateLimitedError, ResponseParseError, ValidationError
from invite_sdk.testing import Fault
from invite_github.fake import FakeGitHub

def caught(call, *given, **named):
    before = len(fake.requests)
    try:
        call(*given, **named)
    except Exception as error:
        return type(error).__name__, len(fake.requests) - before, error
    raise AssertionError(call)

fake = FakeGitHub()
with InviteClient(fake.connection(), transport=fake.transport()) as client:
    # A 403 that names a wait is a limit: nothing was done, so that even a POST is repeated.
    fake.limit(1)
    began = time.monotonic()
    ann = client.create("ann@example.org", role="admin")
    assert 1.0 <= time.monotonic() - began < 5.0
    assert [one.response.status for one in fake.requests] == [403, 201]
    fake.limit(3600)
    name, requests, error = caught(client.create, "bea@example.org", role="admin")
    assert (name, requests, error.retry_after, error.status) == ("RateLimitedError", 1, 3600.0, 403), error

with InviteClient(fake.connection(), transport=fake.transport()) as client:
    # So is one that says when requests are left again.
    reset = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 600)}
    fake.faults.plan(Fault.status(403, headers=reset))
    name, _, error = caught(client.count)
    assert name == "RateLimitedError" and 590 < error.retry_after <= 600, error

with InviteClient(fake.connection(), transport=fake.transport()) as client:
    # Any other 403 is none, and is not repeated.
    fake.faults.plan(Fault.status(403, body={"message": "Not for you."}, headers={"X-RateLimit-Remaining": "7"}))
    assert caught(client.create, "bea@example.org", role="admin")[:2] == ("PermissionDeniedError", 1)

    # Who is invited is told from who is a member by the list alone.
    name, _, error = caught(client.create, "ANN@example.org", role="direct_member")
    assert (name, error.existing, error.code) == ("AlreadyInvitedError", ann, "unprocessable"), error
    name, _, error = caught(client.create, "olivia@acme.example", role="direct_member")
    assert (name, error.messages, list(error.field_errors)) == ("ValidationError", ("Validation Failed",), ["data"])
    print(error)
    print(caught(client.ensure, "ann@example.org", role="direct_member")[2])

    # Who was invited by login stops nobody else; a row that says nothing at all does.
    fake.invite(login="dora")
    assert client.ensure("eve@example.org", role="direct_member").created
    nobody = fake.invite()
    assert caught(client.ensure, "finn@example.org", role="direct_member")[:2] == ("ResponseParseError", 1)
    client.cancel(nobody)

    # Ids are numbers, and nothing else reaches the wire.
    for wrong in ("..", "1/2", "-1", "", "+1", "1.0", " 1", "\u0661", "1" * 21):
        assert caught(client.cancel, wrong)[:2] == ("InvalidArgumentError", 0), wrong
    for extra in ({"invitee_id": 42}, {"team_ids": "all"}, {"teams": [7]}):
        assert caught(client.create, "bea@example.org", role="admin", extra=extra)[:2] == ("InvalidArgumentError", 0)
    assert caught(client.cancel, "7")[0] == "NotFoundError"

with InviteClient(fake.connection("ben"), transport=fake.transport()) as client:
    print(caught(client.count)[2])
"""


def test_it_tells_limits_from_rights_and_the_invited_from_members(site: Path) -> None:
    done = run("-W", "error", "-c", REFUSED, site=site)

    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        (
            "github create: 422 [unprocessable] Validation Failed data: A user with this email address is invited to "
            "this organization, or a part of it (a member, over a limit, ...: only GitHub's words tell)"
        ),
        "github ensure: this address is invited already, as admin; update or cancel that invitation",
        "github count: 404 Not Found (or the token may not see it: GitHub does not tell which)",
    ]


def test_without_its_distribution_there_is_no_such_service() -> None:
    done = run("-c", "from invite_sdk._model.installed import service_names; print(*service_names())")

    assert done.stdout.split() == ["waldur", "cloudtruth", "zenml", "enhance"]


def test_it_passes_the_behaviour_suite(site: Path) -> None:
    options = ("-q", "-p", "no:cacheprovider", "--pyargs")
    done = run("-m", "pytest", *options, "invite_sdk.testing.suite", site=site, cwd=HOME)

    assert done.returncode == 0, done.stdout[-4000:]
    told = re.search(r"^(\d+) passed in", done.stdout, re.MULTILINE)
    assert told is not None
    assert int(told[1]) > 450
