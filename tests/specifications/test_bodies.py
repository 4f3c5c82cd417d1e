"""The schemas of the four specifications admit what servers send, and refuse what they would refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from invite_sdk.testing.suite.specification import Schema
from tests.specifications.documents import SERVICES, SPECIFICATIONS, Document, operations, resolved, response

SAMPLES: list[Document] = json.loads((Path(__file__).parent / "samples.json").read_text(encoding="utf-8"))


def _faults(service: str, schema: Document, body: object) -> list[str]:
    return Schema(SPECIFICATIONS[service], schema).value_faults(body)


def _schema_of(service: str, operation_id: str, status: int) -> Document:
    schema: Document = response(service, operation_id, status)["content"]["application/json"]["schema"]
    return schema


def _sample_name(sample: Document) -> str:
    return f"{sample['service']} {sample['operation']} {sample['status']} {sample['name']}"


@pytest.mark.parametrize("sample", SAMPLES, ids=_sample_name)
def test_admits_what_servers_send(sample: Document) -> None:
    schema = _schema_of(sample["service"], sample["operation"], sample["status"])
    assert _faults(sample["service"], schema, sample["body"]) == []


@pytest.mark.parametrize("service", SERVICES)
def test_has_a_sample_of_every_json_success(service: str) -> None:
    sampled = {(each["operation"], each["status"]) for each in SAMPLES if each["service"] == service}
    schemas = {json.dumps(_schema_of(service, *each)) for each in sampled if each[1] < 300}
    for _, _, found in operations(service):
        for status in {"200", "201"} & found["responses"].keys():
            if "content" in resolved(service, found["responses"][status]):
                assert json.dumps(_schema_of(service, found["operationId"], int(status))) in schemas


@pytest.mark.parametrize(
    ("service", "schema", "body"),
    [
        ("waldur", "Invitation", {}),
        ("waldur", "InvitationState", "pending_project"),
        ("waldur", "ExecutionState", "ok"),
        ("waldur", "InvitationCheck", {"email": None}),
        ("waldur", "InvitationRequest", {"role": "a5362da7f81e455b8cb02acf82aacb86", "scope": "", "email": "a@b.c"}),
        ("waldur", "TokenRequest", {"token": ""}),
        ("waldur", "PatchedInvitationUpdateRequest", {"email": f"{'a' * 251}@b.c"}),
        ("cloudtruth", "Invitation", {}),
        ("cloudtruth", "InvitationCreate", {"email": "a@b.c", "role": "owner"}),
        ("cloudtruth", "InvitationRequest", {"role": "OWNER"}),
        ("cloudtruth", "Refusal", "no"),
        ("zenml", "Invitation", {"organization_name": "Acme"}),
        ("zenml", "Invitation", {"id": None}),
        ("zenml", "LoginResponse", {}),
        ("zenml", "Error", {"detail": {"a": 1}}),
        ("enhance", "NewInvite", {"email": "a@b.c", "name": "A"}),
        ("enhance", "Role", "BusinessAccount"),
        ("enhance", "InviteValidation", {"isValid": None}),
        ("enhance", "InviteValidation", {"isValid": True, "role": "BusinessAccount"}),
        ("enhance", "AcceptInviteBody", {"password": "secret"}),
    ],
)
def test_refuses_what_the_service_would(service: str, schema: str, body: object) -> None:
    assert _faults(service, {"$ref": f"#/components/schemas/{schema}"}, body) != []
