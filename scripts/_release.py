"""Builds what a release uploads, twice, checks it, and says how to upload it. It uploads and tags nothing.

What is built is the last commit, with the commit's time, so that anybody can build the same bytes from the tag.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("python3.11", "python3.12", "python3.13", "python3.14")
KEPT_BACK = re.compile(r"\.ci/")
"""What is in the repository and in no sdist."""
PACKAGED = re.compile(r"(?:src|generated)/(.+)")
"""What is in the wheel, by its name there."""


class ReleaseError(Exception):
    """Why this cannot be released."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/release", description=__doc__)
    parser.add_argument(
        "--rehearse",
        action="store_true",
        help="build and check the last commit, whatever its version, and keep nothing",
    )
    rehearses: bool = parser.parse_args().rehearse
    version = re.findall(r'^__version__ = "(.+)"$', text_of("src/invite_sdk/_version.py"), re.MULTILINE)[0]
    try:
        found = list(objections(version))
        if found and not rehearses:
            raise ReleaseError("\n".join(found))
        for objection in found:
            print(f"passed over: {objection}", flush=True)
        with TemporaryDirectory(prefix="release-") as folder:
            files = built_twice(Path(folder))
            print(f"ok      built twice with the same bytes: {', '.join(file.name for file in files)}", flush=True)
            run(sys.executable, "-m", "twine", "check", "--strict", *files)
            whole(*files)
            print("ok      described, and nothing is missing or too much", flush=True)
            for python in pythons():
                print(f"ok      works on {smoke(python, files[0], Path(folder))}", flush=True)
            if not rehearses:
                keep(files, version)
    except ReleaseError as error:
        print(f"FAILED  {error}", flush=True)
        return 1
    return 0


def objections(version: str) -> Iterator[str]:
    """What keeps the last commit from being released as this version."""
    if changed := git("status", "--porcelain").splitlines():
        names = ", ".join(line[3:] for line in changed[:5])
        yield f"the tree has changes that are in no commit: {names}. Commit them first."
    sections = re.split(r"^## \[(.+?)].*$", text_of("CHANGELOG.md"), flags=re.MULTILINE)[1:]
    told = dict(zip(sections[::2], sections[1::2], strict=True))
    if told.pop("Unreleased", "").strip():
        yield "CHANGELOG.md has lines below [Unreleased]. Put them below the version that is released, with its day."
    if next(iter(told), None) != version:
        yield f"the version is {version}, and the newest one in CHANGELOG.md is {next(iter(told), 'none')}. Mend one."
    if git("tag", "--list", f"v{version}"):
        yield f"there is a tag v{version} already. Give the release a version of its own in src/invite_sdk/_version.py."


def built_twice(folder: Path) -> tuple[Path, Path]:
    """The wheel and the sdist of the last commit, from two copies of it in two places.

    Raises:
        ReleaseError: the two differ, or cannot be built.
    """
    committed = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
    epoch = git("log", "-1", "--format=%ct").strip()
    for name in ("one", "another"):
        source = folder / name / "source"
        with tarfile.open(fileobj=io.BytesIO(committed)) as archive:
            archive.extractall(source, filter="data")
        # The wheel is made from the sdist, as it is by whoever installs that.
        command = (sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / name / "dist", source)
        run(*command, SOURCE_DATE_EPOCH=epoch)
    made = [
        sorted((folder / name / "dist").iterdir(), key=lambda file: file.suffix, reverse=True)
        for name in ("one", "another")
    ]
    for one, another in zip(*made, strict=True):
        if one.name != another.name or one.read_bytes() != another.read_bytes():
            raise ReleaseError(f"{one.name} has other bytes when it is built again: something in it is of the run.")
    wheel, sdist = made[0]
    return wheel, sdist


def whole(wheel: Path, sdist: Path) -> None:
    """Compares what is in the files with what is in the repository.

    Raises:
        ReleaseError: something is missing, or is there and not in the repository.
    """
    tracked = set(git("ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0")) - {""}
    with tarfile.open(sdist) as archive:
        names = {member.name.partition("/")[2] for member in archive if member.isfile()}
    compare(sdist, names - {"PKG-INFO"}, {name for name in tracked if not KEPT_BACK.match(name)})
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    compare(wheel, names, {found[1] for name in tracked if (found := PACKAGED.fullmatch(name))})


def compare(file: Path, there: set[str], wanted: set[str]) -> None:
    for what, names in (("lacks", wanted - there), ("has, and the repository has not,", there - wanted)):
        if names:
            raise ReleaseError(
                f"{file.name} {what} {', '.join(sorted(names)[:5])}. See [tool.hatch.build] in pyproject.toml."
            )


def pythons() -> list[str]:
    """The lowest and the newest Python that is found here by its name, or the one that runs this."""
    found = [python for name in PYTHONS if (python := shutil.which(name)) and answers(python)]
    return list(dict.fromkeys([found[0], found[-1]] if found else [sys.executable]))


def answers(python: str) -> bool:
    """Whether it is a Python, and not what stands for one that is not installed."""
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


def smoke(python: str, wheel: Path, folder: Path) -> str:
    """Takes two invitations through their life in a new environment with the wheel and what it asks for.

    Returns:
        The Python's name and version.

    Raises:
        ReleaseError: it cannot be installed, or does not work.
    """
    place = folder / Path(python).name
    place.mkdir()
    # The versions that the tests ran with, so that a release of someone else's cannot break this one.
    pins = re.findall(r"^[\w.-]+==[^\s;\\]+(?: *;[^\\\n]*)?", text_of("scripts/requirements.txt"), re.MULTILINE)
    (place / "constraints.txt").write_text("\n".join(pins), encoding="utf-8")
    run(python, "-m", "venv", place / "venv")
    inside = place / "venv" / "bin" / "python"
    run(inside, "-m", "pip", "install", "--quiet", "--constraint", place / "constraints.txt", wheel)
    # -I keeps the checkout and the environment's variables out of sys.path; -W makes warnings errors.
    run(inside, "-I", "-W", "error", ROOT / "tests" / "packaging" / "smoke.py", cwd=place)
    return run(inside, "-c", "import platform as p; print(p.python_implementation(), p.python_version())").strip()


def keep(files: tuple[Path, Path], version: str) -> None:
    """Puts the files into dist/, and says what to do with them."""
    target = ROOT / "dist"
    target.mkdir(exist_ok=True)
    kept = [Path(shutil.copy(file, target)).relative_to(ROOT) for file in files]
    print("\nThis is what to upload:")
    for file in kept:
        print(f"  {file}  sha256 {hashlib.sha256((ROOT / file).read_bytes()).hexdigest()}")
    print(
        "The README's links and its picture lead nowhere on an index until they name the repository's address.\n"
        "Nothing was uploaded, and nothing tagged. To release it:\n"
        f"  git tag --annotate v{version} --message 'invite-sdk {version}' {git('rev-parse', 'HEAD').strip()}\n"
        f"  git push origin v{version}\n"
        f"  {os.path.relpath(sys.executable, ROOT)} -m twine upload {' '.join(map(str, kept))}"
    )


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def git(*arguments: str) -> str:
    return run("git", *arguments)


def run(*command: str | Path, cwd: Path = ROOT, **variables: str) -> str:
    """Runs a command.

    Raises:
        ReleaseError: it failed; with what it said.
    """
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | variables, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        told = f"{done.stdout}{done.stderr}".strip()
        raise ReleaseError(f"{' '.join(map(str, command))}\n{told}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
