from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

import invite_sdk
from invite_sdk import AttemptEvent, Invitation, InviteClient, InviteError, Status
from invite_sdk._flows.options import Options
from invite_sdk._model.installed import BUILT_IN
from invite_sdk.services.capabilities import OPERATIONS
from invite_sdk.services.registry import connection_class
from invite_sdk.testing import every_fault
from invite_sdk.testing.installed import fake_class
from tests.docs import ROOT
from tests.docs.blocks import pages

ERRORS = {
    name
    for name in invite_sdk.__all__
    if isinstance(getattr(invite_sdk, name), type) and issubclass(getattr(invite_sdk, name), InviteError)
}


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_capability_tables_are_what_the_code_declares() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "_capabilities.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_service_has_a_page_with_its_table_to_which_the_comparison_leads() -> None:
    comparison = text_of("docs/services.md")
    assert re.findall(r"<!-- capabilities: (\w+) -->", comparison) == ["all"]
    assert re.findall(r"\]\(services/(\w+)\.md\)", comparison) == list(BUILT_IN)
    for service in BUILT_IN:
        assert re.findall(r"<!-- capabilities: (\w+) -->", text_of(f"docs/services/{service}.md")) == [service]


@pytest.mark.parametrize("how", [r"[│├└ ]*[├└] ", "### "], ids=["tree", "headings"])
def test_every_error_is_told_and_no_other(how: str) -> None:
    told = re.findall(rf"^{how}(\w+Error)\b", text_of("docs/errors.md"), re.MULTILINE)
    assert len(told) == len(set(told))
    assert set(told) == ERRORS - {"InviteError"}


def test_the_tree_of_errors_is_that_of_the_classes() -> None:
    above = ["InviteError"]
    for branch, name in re.findall(r"^([│├└ ]*[├└]) (\w+Error)\b", text_of("docs/errors.md"), re.MULTILINE):
        del above[(len(branch) + 1) // 2 :]
        assert getattr(invite_sdk, name).__bases__[0].__name__ == above[-1]
        above.append(name)


def test_every_variable_is_told_and_no_other() -> None:
    told = re.findall(r"^\| `(INVITE_\w+)`", text_of("docs/settings.md"), re.MULTILINE)
    assert told == [
        f"INVITE_{service.upper()}_{setting.upper()}"
        for service in BUILT_IN
        for setting in connection_class(service).settings
    ]


def test_the_defaults_are_told() -> None:
    page = text_of("docs/settings.md")
    assert Options().deadline == 60
    assert "| `deadline` | 60 |" in page
    assert "| `timeout` | 20 |" in page
    assert Options().max_body == 33_554_432
    assert "| `max_body` | 33554432 |" in page


def test_every_fault_is_told_and_no_other() -> None:
    table = text_of("docs/testing.md").split("### Faults")[1].split("\n### ")[0]
    told = [
        name for row in re.findall(r"^\| (`\w+\(.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)\(", row)
    ]
    assert sorted(told) == sorted({fault.kind for fault in every_fault()})


def test_every_default_user_is_told() -> None:
    rows = re.findall(r"^\| `(Fake\w+)` \| \*\*(\w+)\*\*", text_of("docs/testing.md"), re.MULTILINE)
    fakes = [fake_class(name)() for name in BUILT_IN]
    assert rows == [(type(fake).__name__, next(iter(fake.credentials))) for fake in fakes]


def test_every_client_option_and_event_field_is_told() -> None:
    page = text_of("docs/settings.md")
    options = [name for name in inspect.signature(InviteClient).parameters if name != "connection"]
    assert [name for name in options if f"| `{name}` |" not in page] == []
    assert [each.name for each in fields(AttemptEvent) if f"`{each.name}`" not in page] == []


def test_every_operation_and_what_results_hold_is_told() -> None:
    section = text_of("docs/overview.md").split("\n## Operations\n")[1].split("\n## ")[0]
    operations, results = section.split("| result | fields |")

    cells = re.findall(r"^\| (`.*?) \|", operations, re.MULTILINE)
    assert re.findall(r"`(\w+)`", " ".join(cells)) == list(OPERATIONS)
    rows = re.findall(r"^\| `.*", results, re.MULTILINE)
    kinds: list[type] = [invite_sdk.EnsureResult, invite_sdk.Acceptance, invite_sdk.InvitationCheck]
    kinds += [invite_sdk.RoleInfo, invite_sdk.ScopeInfo, invite_sdk.LookupPage]
    held = [[kind.__name__, *(each.name for each in fields(kind))] for kind in kinds]
    assert [re.findall(r"`(\w+)`", row) for row in rows] == held


def test_every_field_and_status_of_an_invitation_is_told() -> None:
    page = text_of("docs/overview.md")
    assert [name for name in Invitation.model_fields if f"`{name}`" not in page] == []
    assert [status for status in Status if f"`{status}`" not in page] == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("script", ["demo", "docs", "test", "capabilities", "generate", "picture", "release"])
def test_every_script_can_be_run(script: str) -> None:
    path = ROOT / "scripts" / script
    assert os.access(path, os.X_OK)
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 20
