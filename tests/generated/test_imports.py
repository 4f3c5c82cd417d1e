"""Importing is cheap: one service loads no other, one endpoint loads only its own models, and nothing does I/O."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import invite_clients

PACKAGE = Path(invite_clients.__file__).parent
SERVICES = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


def loaded_after(code: str) -> set[str]:
    """The generated modules that a fresh interpreter has loaded after some code."""
    script = f"import sys\nsys.path.insert(0, {str(PACKAGE.parent)!r})\n{code}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name for name in done.stdout.split() if name.split(".")[0] in ("invite_clients", "httpx", "pydantic")}


def test_a_service_by_itself_loads_nothing_else() -> None:
    assert loaded_after("from invite_clients import waldur") == {"invite_clients", "invite_clients.waldur"}


def test_an_endpoint_loads_its_own_models_only() -> None:
    loaded = loaded_after("from invite_clients import waldur\nwaldur.user_invitations_check")
    generated = {name for name in loaded if name.startswith("invite_clients.waldur.models.")}
    assert generated == {"invite_clients.waldur.models.invitation_check"}
    assert not any(name.startswith("httpx") for name in loaded)
    assert not any(name.startswith(("invite_clients.zenml", "invite_clients.cloudtruth")) for name in loaded)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_offers_exactly_what_it_lists(service: str) -> None:
    module = importlib.import_module(f"invite_clients.{service}")
    assert module.__all__ == sorted(module.__all__)
    for name in module.__all__:
        assert getattr(module, name).__name__ == name
        assert getattr(module, name).__doc__
    assert set(module.__all__) <= set(dir(module))
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = module.no_such_thing


def test_nothing_generated_does_io() -> None:
    allowed = {"collections", "contextlib", "dataclasses", "datetime", "enum", "functools", "importlib", "json"}
    allowed |= {"re", "sys", "typing", "urllib.parse", "pydantic", "pydantic_core", "__future__"}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            else:
                continue
            assert {name for name in names if name not in allowed and name.split(".")[0] not in allowed} == set(), path


def test_what_the_generator_writes_for_others_is_gone() -> None:
    names = {path.name for path in PACKAGE.rglob("*")}
    assert not names & {"client.py", "errors.py", "types.py", ".ruff_cache", "README.md", "pyproject.toml"}
    assert (PACKAGE / "py.typed").is_file()
