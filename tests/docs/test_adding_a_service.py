"""The page about a fifth service is followed to the letter: its blocks become files, and they work together."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import invite_clients
import invite_sdk.services
import invite_sdk.testing
from invite_sdk._model import installed
from tests.docs import ROOT
from tests.docs.blocks import blocks

PAGE = ROOT / "docs" / "adding-a-service.md"
BLOCKS = [*blocks(PAGE, "yaml"), *blocks(PAGE, "py")]
FILES = {block.name: block for block in BLOCKS if block.name}
REGISTRATION, PROOF = (block for block in BLOCKS if not block.name)


@pytest.fixture
def doorman(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every file of the page in a folder, the client generated, all of it importable from its own package."""
    from invite_sdk.generate.making import generate

    for name, block in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(block.text, encoding="utf-8")
    generate(tmp_path / "openapi", tmp_path / "generated", "invite_clients")

    for package, folder in (
        (invite_clients, "generated/invite_clients"),
        (invite_sdk.services, "src/invite_sdk/services"),
        (invite_sdk.testing, "src/invite_sdk/testing"),
    ):
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path / folder)])
    monkeypatch.setattr(installed, "BUILT_IN", dict(installed.BUILT_IN))
    yield
    for name in [name for name in sys.modules if "doorman" in name]:
        del sys.modules[name]
    installed.connection_class.cache_clear()


# The client is generated, with a development tool.
@pytest.mark.tools
@pytest.mark.usefixtures("doorman")
def test_the_fifth_service_of_the_page_works(capsys: pytest.CaptureFixture[str]) -> None:
    exec(REGISTRATION.code(), {"BUILT_IN": installed.BUILT_IN})
    exec(PROOF.code(), {"__name__": "proof"})

    said = capsys.readouterr().out
    assert said.startswith("doorman resend: Doorman has no resend (")
    assert said.endswith("; the nearest here is create\n")


def test_the_page_names_each_of_its_files_in_its_table() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(FILES) == 4
    assert [name for name in FILES if f"| `{name}` |" not in text] == []


@pytest.mark.parametrize(
    "name", ["src/invite_sdk/_model/installed.py", "tests/behaviour/worlds/__init__.py", "scripts/capabilities"]
)
def test_the_files_that_the_page_speaks_of_are_there(name: str) -> None:
    assert (ROOT / name).exists()
