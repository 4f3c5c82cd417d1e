"""scripts/generate: reproducible, loud about what it cannot express, and it notices every change."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
# The generator is a development tool.
pytestmark = pytest.mark.tools


def generate(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [ROOT / "scripts" / "generate", *arguments]
    environment = {"PYTHON": sys.executable, "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def holding(schema: dict[str, Any], *kinds: str) -> dict[str, Any]:
    """A body of a schema, as JSON unless said otherwise."""
    return {"description": "It.", "content": {kind: {"schema": schema} for kind in kinds or ("application/json",)}}


def specification(operation: dict[str, Any], method: str = "get", **schemas: Any) -> dict[str, Any]:
    """A small specification with one operation."""
    path: dict[str, Any] = {
        method: {"operationId": "do_it", "responses": {"204": {"description": "Done."}}} | operation
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "Fifth", "version": "1"},
        "paths": {"/things/": path},
        "components": {"schemas": schemas},
    }


@pytest.fixture
def fifth(tmp_path: Path) -> Path:
    """An openapi folder with one small service of its own."""
    folder = tmp_path / "openapi"
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "fifth.yaml").write_text("package_name_override: fifth\n", encoding="utf-8")
    return folder


def made(folder: Path, document: dict[str, Any]) -> Path:
    """Where the fifth service was generated to."""
    from invite_sdk.generate.making import generate as generate_into

    (folder / "fifth.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    generate_into(folder, folder.parent / "generated", "invite_clients")
    return folder.parent / "generated" / "invite_clients" / "fifth"


def refusal(folder: Path, document: dict[str, Any]) -> str:
    """What is said of a specification that cannot be generated."""
    from invite_sdk.generate.document import SpecificationError

    with pytest.raises(SpecificationError) as caught:
        made(folder, document)
    return str(caught.value)


def test_what_is_committed_is_what_would_be_generated() -> None:
    done = generate("--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_check_names_what_is_stale_missing_or_extra_and_changes_nothing(tmp_path: Path) -> None:
    copy = tmp_path / "generated"
    shutil.copytree(ROOT / "generated", copy, ignore=shutil.ignore_patterns("__pycache__"))
    package = copy / "invite_clients"
    edited = package / "waldur" / "models" / "invitation.py"
    edited.write_text(edited.read_text(encoding="utf-8") + "# by hand\n", encoding="utf-8")
    (package / "zenml" / "__init__.py").unlink()
    (package / "mine.py").touch()
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "mine.cpython-311.pyc").touch()

    done = generate("--check", "--output", copy)

    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "extra: invite_clients/mine.py",
        "stale or edited: invite_clients/waldur/models/invitation.py",
        "missing: invite_clients/zenml/__init__.py",
    ]
    assert edited.read_text(encoding="utf-8").endswith("# by hand\n")

    assert generate("--output", copy).returncode == 0
    assert not (package / "mine.py").exists()
    assert (package / "zenml" / "__init__.py").is_file()
    assert not edited.read_text(encoding="utf-8").endswith("# by hand\n")


def test_one_specification_and_one_config_make_a_service(fifth: Path) -> None:
    operation = {
        "tags": ["things"],
        "summary": "Find things.",
        "parameters": [
            {"name": "query", "in": "query", "schema": {"type": "string"}},
            {"name": "from", "in": "query", "required": True, "schema": {"type": "string", "format": "date-time"}},
            {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
            {"name": "X-Age", "in": "header", "required": True, "schema": {"type": "string", "enum": ["2022-11-28"]}},
            {"name": "kind", "in": "query", "schema": {"type": "string", "enum": ["old", "brand new"]}},
        ],
        "responses": {
            "200": holding({"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}),
            "204": {"description": "None."},
            "400": holding({"$ref": "#/components/schemas/Error"}),
        },
    }
    thing = {
        "type": "object",
        "required": ["id", "level"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "level": {"type": "string", "nullable": True, "enum": ["high", "low", None]},
            "json": {"type": "integer", "enum": [1, 2]},
            "default": {"type": "string", "format": "uuid", "description": 'What \\ else is "there".'},
        },
    }
    folder = made(fifth, specification(operation, Thing=thing, Error={"type": "object"}))

    assert sorted(path.name for path in (folder / "models").iterdir()) == [
        "__init__.py",
        "do_it_kind.py",
        "thing.py",
        "thing_level.py",
    ]
    script = f"""
import sys; sys.path.insert(0, {str(folder.parents[1])!r})
import datetime
from invite_clients import fifth
from invite_clients._runtime import Response
call = fifth.do_it(from_=datetime.datetime(2026, 1, 2, 3, 4, 5), query_="q", x_trace="t", kind="brand new")
print(call.request.query)
print(call.request.headers, sorted(call.success))
things = call.read(Response(200, (), b'[{{"id": "A", "level": null}}, {{"id": "B", "level": "odd", "json": 3}}]'))
print(*((one.id, one.level, one.json_) for one in things), call.read(Response(204)))
print(fifth.DoItKind.BRAND_NEW.value, fifth.ThingLevel.HIGH.value)
"""
    done = subprocess.run([sys.executable, "-Werror", "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        "(('query', 'q'), ('from', '2026-01-02T03:04:05'), ('kind', 'brand new'))",
        "(('Accept', 'application/json'), ('X-Age', '2022-11-28'), ('X-Trace', 't')) [200, 204]",
        "('A', None, None) ('B', <ThingLevel.odd: 'odd'>, 3) None",
        "brand new high",
    ], done.stderr


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        pytest.param(
            {"requestBody": holding({"type": "object"}, "application/json", "multipart/form-data")},
            "one media type",
            id="several-media-types",
        ),
        pytest.param(
            {"requestBody": holding({"type": "object"}, "application/xml")},
            "application/xml",
            id="a-media-type-that-is-not-understood",
        ),
        pytest.param(
            {"requestBody": holding({"type": "array", "items": {"type": "string"}})},
            "body must be an object",
            id="a-body-that-is-no-object",
        ),
        pytest.param(
            {"parameters": [{"name": "id0", "in": "cookie", "schema": {"type": "string"}}]},
            "cookie parameter id0",
            id="a-cookie",
        ),
        pytest.param(
            {
                "parameters": [
                    {
                        "name": "a",
                        "in": "query",
                        "style": "pipeDelimited",
                        "schema": {"type": "array", "items": {"type": "string"}},
                    }
                ]
            },
            "style pipeDelimited",
            id="an-array-style",
        ),
        pytest.param({"responses": {"404": {"description": "No."}}}, "no success response", id="no-success"),
        pytest.param(
            {"responses": {"200": holding({"$ref": "#/components/schemas/Lost"})}},
            "#/components/schemas/Lost is not a schema",
            id="a-lost-schema",
        ),
        pytest.param({"operationId": None}, "no operationId", id="no-operation-id"),
    ],
)
def test_what_cannot_be_generated_whole_is_refused(fifth: Path, operation: dict[str, Any], said: str) -> None:
    assert said in refusal(fifth, specification(operation, method="post"))


def test_a_command_says_what_was_refused_and_leaves_nothing_behind(fifth: Path) -> None:
    (fifth / "fifth.yaml").write_text(yaml.safe_dump(specification({"operationId": None})), encoding="utf-8")
    done = generate("--openapi", fifth, "--output", fifth.parent / "generated")
    assert done.returncode == 1
    assert done.stderr == "cannot generate: GET /things/: no operationId\n"
    assert not (fifth.parent / "generated").exists()


def test_a_folder_without_a_config_or_without_its_document_is_refused(fifth: Path) -> None:
    done = generate("--openapi", fifth, "--output", fifth.parent / "generated")
    assert done.stderr.startswith(f"cannot generate: {fifth}/fifth.yaml is missing")

    (fifth / "config" / "fifth.yaml").unlink()
    done = generate("--openapi", fifth, "--output", fifth.parent / "generated")
    assert done.stderr.startswith(f"cannot generate: {fifth}/config holds no file")
    assert not (fifth.parent / "generated").exists()


def test_a_missing_or_other_formatter_is_an_error(fifth: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from invite_sdk.generate import output

    with monkeypatch.context() as patched:
        patched.setattr(output, "RUFF", "0.0.1")
        with pytest.raises(output.OutputError, match=r"ruff 0\.0\.1 is needed"):
            output.tidy(fifth)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(output.OutputError, match="failed"):
        output.tidy(fifth)
