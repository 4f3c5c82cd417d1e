"""What walks all modules, replaces names or comes first in a process finds us whole, and walking loads nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from invite_sdk._model.installed import BUILT_IN
from tests.support.programs import run

SERVICES: Final = tuple(BUILT_IN)
ALL: Final = ("invite_sdk", "invite_sdk.testing", *(f"invite_clients.{service}" for service in SERVICES))


WALKS: Final = {
    "freezegun": "from freezegun import freeze_time\nwith freeze_time('2020-01-01'): pass",
    "getattr of every name": "for m in every():\n    for name in dir(m): getattr(m, name, None)",
    "inspect.getmembers": "for m in every(): inspect.getmembers(m)",
    "inspect.unwrap": "for m in every():\n    for name in dir(m): inspect.unwrap(getattr(m, name, None))",
    "inspect.getmodule": "inspect.getmodule(compile('', 'f', 'exec')), inspect.getmodule(inspect.currentframe())",
    "doctest": "for m in every(): doctest.DocTestFinder(exclude_empty=False).find(m, m.__name__)",
    "probes": (
        "for m in every():\n    for name in ('__wrapped__', '__path__x', '__test__', 'pytest_plugins', '__bases__',"
        " '_ipython_display_', '__warningregistry__', 'load_tests', '__html__'): assert not hasattr(m, name), (m, name)"
    ),
    "reloading": "import importlib\nfor m in every(): importlib.reload(m)",
}


@pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS)
def test_walking_our_modules_loads_nothing_of_them(walk: str) -> None:
    printed = run(
        f"import doctest, inspect, sys\nimport {', '.join(ALL)}\n"
        f"def every(): return [sys.modules[name] for name in {ALL}]\n"
        "def ours(): return {name for name in sys.modules if name.startswith('invite_')}\n"
        f"before = ours()\n{walk}\nprint(sorted(ours() - before), 'pydantic.main' in sys.modules)"
    )

    assert printed == "[] False\n"


@pytest.mark.parametrize("package", ALL)
def test_at_a_prompt_every_public_name_is_offered(package: str) -> None:
    asked = f"import {package} as it\nsorted(set(it.__all__) - set(dir(it))), len(it.__all__) > 3\n"

    done = subprocess.run([sys.executable, "-i", "-q"], input=asked, capture_output=True, text=True, check=True)

    assert done.stdout == "([], True)\n"


@pytest.mark.parametrize("package", ["invite_sdk", "invite_sdk.testing"])
@pytest.mark.parametrize(
    "reading",
    [
        "text = pydoc.render_doc(it, renderer=pydoc.plaintext)",
        "text = ' '.join(rlcompleter.Completer({'it': it}).attr_matches('it.'))",
    ],
    ids=["pydoc", "rlcompleter"],
)
def test_whoever_reads_the_documentation_sees_every_public_name(package: str, reading: str) -> None:
    printed = run(
        f"import pydoc, rlcompleter\nimport {package} as it\n{reading}\n"
        "print([name for name in it.__all__ if name not in text and not name.startswith('__')])"
    )

    assert printed == "[]\n"


VALUES: Final = {
    "Status": "invite_sdk.Status.PENDING",
    "Delivery": "invite_sdk.Delivery('sent')",
    "StatusOfWaldur": "invite_clients.waldur.InvitationState('brand new')",
    "ConfigurationError": "invite_sdk.ConfigurationError('gone')",
    "Invitation": "invite_sdk.Invitation(service='zenml', id='1', status='pending', created_at='2026-01-05')",
    "InvitationList": "invite_sdk.InvitationList()",
    "Scope": "invite_sdk.Scope('project', '1')",
    "RetryPolicy": "invite_sdk.RetryPolicy(attempts=2)",
}


@pytest.mark.parametrize("expression", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("frozen", [False, True], ids=["", "frozen"])
def test_a_value_can_be_the_first_thing_in_a_child_process(expression: str, frozen: bool, tmp_path: Path) -> None:
    path = str(tmp_path / "value")
    run(
        "import pathlib, pickle, invite_sdk, invite_clients.waldur\n"
        f"pathlib.Path({path!r}).write_bytes(pickle.dumps({expression}))"
    )

    freeze = "from freezegun import freeze_time\nfreeze_time('2020-01-01').start()\n" if frozen else ""
    printed = run(
        f"import pathlib, pickle\n{freeze}value = pickle.loads(pathlib.Path({path!r}).read_bytes())\n"
        f"import invite_sdk, invite_clients.waldur\nother = {expression}\n"
        "print(type(value) is type(other), value == other or str(value) == str(other))"
    )

    assert printed == "True True\n"


@pytest.mark.parametrize("loaded", [False, True])
@pytest.mark.parametrize(
    "patch",
    [
        "mock.patch('invite_sdk.InviteClient')",
        "mock.patch.object(invite_sdk, 'InviteClient')",
        "mock.patch('invite_sdk.InviteClient', autospec=True)",
        "replaced(invite_sdk, 'InviteClient')",
        "replaced('invite_sdk.InviteClient')",
    ],
)
def test_a_name_can_be_replaced_before_it_was_loaded_and_is_put_back(patch: str, loaded: bool) -> None:
    first = "invite_sdk.InviteClient" if loaded else ""
    printed = run(
        f"""
import contextlib
from unittest import mock
import pytest
import invite_sdk
{first}
@contextlib.contextmanager
def replaced(*target):
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(*target, mock.Mock())
        yield
with {patch}:
    from invite_sdk import InviteClient as replaced_one
    print(isinstance(replaced_one, type))
from invite_sdk import InviteClient
print(InviteClient.__module__, replaced_one is InviteClient)
"""
    )

    assert printed.split() == ["False", "invite_sdk._clients.sync", "False"]
