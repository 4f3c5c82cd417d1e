"""`scripts/release`, in a small repository that is built as ours is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.packaging import ROOT
from tests.packaging.conftest import run

WHO = {"NAME": "Ana Lima", "EMAIL": "ana@example.com", "DATE": "2026-02-03T04:05:06Z"}
FILES = {
    "pyproject.toml": """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "invite-sdk"
dynamic = ["version"]
readme = "README.md"
requires-python = ">=3.11"
license = "MIT"
license-files = ["LICENSE"]

[tool.hatch.version]
path = "src/invite_sdk/_version.py"

[tool.hatch.build.targets.wheel]
packages = ["src/invite_sdk"]

[tool.hatch.build.targets.sdist]
include = ["/src", "/scripts", "/tests", "/CHANGELOG.md"]
""",
    ".gitignore": "dist/\n",
    "README.md": "# A small one\n",
    "LICENSE": "MIT\n",
    "CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-02-03\n\n- It is there.\n\n## [1.1.0]\n",
    "src/invite_sdk/__init__.py": "",
    "src/invite_sdk/_version.py": '__version__ = "1.2.0"\n',
    "scripts/requirements.txt": "httpx==0.28.1 \\\n    --hash=sha256:0\n",
    "tests/packaging/smoke.py": "import invite_sdk._version\n\nassert 'site-packages' in invite_sdk.__file__\n",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a version that can be released."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    shutil.copy(ROOT / "scripts" / "_release.py", tmp_path / "scripts")
    run("git", "init", "--quiet", cwd=tmp_path)
    commit(tmp_path)
    return tmp_path


def commit(repository: Path) -> None:
    run("git", "add", "--all", cwd=repository)
    subprocess.run(
        ["git", "-c", "commit.gpgsign=false", "commit", "--quiet", "--message", "A version"],
        cwd=repository,
        env={
            **os.environ,
            **{f"GIT_{who}_{what}": said for who in ("AUTHOR", "COMMITTER") for what, said in WHO.items()},
        },
        check=True,
    )


def release(repository: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs the script on no Python but this one, and without an index."""
    return subprocess.run(
        [sys.executable, repository / "scripts" / "_release.py", *options],
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "PIP_NO_INDEX": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_release_is_built_and_tried_and_nothing_is_tagged(repository: Path) -> None:
    done = release(repository)

    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split(":")[0] for line in done.stdout.splitlines()[:2]] == [
        "ok      built twice with the same bytes",
        "ok      described, and nothing is missing or too much",
    ]
    assert f"ok      works on CPython {'.'.join(map(str, sys.version_info[:3]))}\n" in done.stdout
    wheel, sdist = "dist/invite_sdk-1.2.0-py3-none-any.whl", "dist/invite_sdk-1.2.0.tar.gz"
    assert done.stdout.splitlines()[-1].endswith(f" -m twine upload {wheel} {sdist}")
    assert {str(file.relative_to(repository)) for file in (repository / "dist").iterdir()} == {wheel, sdist}
    with zipfile.ZipFile(repository / wheel) as archive:
        assert {member.date_time for member in archive.infolist()} == {(2026, 2, 3, 4, 5, 6)}
    assert "  git tag --annotate v1.2.0 " in done.stdout
    assert run("git", "tag", cwd=repository) == ""


def test_a_rehearsal_leaves_nothing(repository: Path) -> None:
    (repository / "notes.txt").touch()

    done = release(repository, "--rehearse")

    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("passed over: the tree has changes that are in no commit: notes.txt. ")
    assert "works on CPython" in done.stdout
    assert not (repository / "dist").exists()


REFUSED = {
    "a change": ({"notes.txt": ""}, False, "the tree has changes that are in no commit: notes.txt."),
    "another version": (
        {"src/invite_sdk/_version.py": '__version__ = "1.1.0"\n'},
        True,
        "the version is 1.1.0, and the newest one in CHANGELOG.md is 1.2.0.",
    ),
    "unreleased lines": (
        {"CHANGELOG.md": "## [Unreleased]\n\n- It is new.\n\n## [1.2.0]\n"},
        True,
        "CHANGELOG.md has lines below [Unreleased].",
    ),
}
"""What is changed, whether it is committed, and what is said of it."""


@pytest.mark.parametrize(("changed", "committed", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_release_is_refused(repository: Path, changed: dict[str, str], committed: bool, said: str) -> None:
    for name, text in changed.items():
        (repository / name).write_text(text)
    if committed:
        commit(repository)

    done = release(repository)

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith(f"FAILED  {said} ")
    assert len(done.stdout.splitlines()) == 1
    assert not (repository / "dist").exists()


def test_a_version_that_has_a_tag_is_refused(repository: Path) -> None:
    run("git", "tag", "v1.2.0", cwd=repository)

    done = release(repository)

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("FAILED  there is a tag v1.2.0 already. ")


HOOK = """
import uuid
from pathlib import Path
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

class Hook(BuildHookInterface):
    def initialize(self, version, build_data):
        Path(self.root, "src/invite_sdk/made.py").write_text(f"at = '{uuid.uuid4()}'")
"""
BROKEN: dict[str, tuple[dict[str, str], str]] = {
    "other bytes": (
        {
            "hatch_build.py": HOOK,
            "pyproject.toml": FILES["pyproject.toml"] + "\n[tool.hatch.build.hooks.custom]\n",
        },
        "FAILED  invite_sdk-1.2.0-py3-none-any.whl has other bytes when it is built again",
    ),
    "a file that is left out": (
        {"docs/overview.md": "# Overview\n"},
        "FAILED  invite_sdk-1.2.0.tar.gz lacks docs/overview.md. ",
    ),
    "no description": ({"README.md": ""}, "twine check --strict"),
    "a wheel that does not work": (
        {"src/invite_sdk/_version.py": '__version__ = "1.2.0"\n1 / 0\n'},
        "ZeroDivisionError: division by zero",
    ),
}
"""What is committed, and what is said of it."""


@pytest.mark.parametrize(("changed", "said"), BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_uploaded_is_not_kept(repository: Path, changed: dict[str, str], said: str) -> None:
    for name, text in changed.items():
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).write_text(text)
    commit(repository)

    done = release(repository)

    assert (done.returncode, done.stderr) == (1, "")
    assert said in done.stdout
    assert not (repository / "dist").exists()
