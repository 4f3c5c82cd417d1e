"""The four specifications: complete, valid, described, and true to what servers send."""

from __future__ import annotations

import pytest
from openapi_spec_validator import validate

from tests.specifications.documents import (
    SERVICES,
    SPECIFICATIONS,
    operation,
    operations,
    parameter,
    parameters,
    resolved,
    response,
)

PUBLIC = {
    "user_invitations_check",
    "user_invitations_approve",
    "user_invitations_reject",
    "auth_login",
    "accept_invite",
    "validate_invite",
}
REPEATS = {
    "user_invitations_check": "safe",
    "user_invitations_cancel": "idempotent",
    "user_invitations_delete": "idempotent",
    "auth_login": "safe",
    "validate_invite": "safe",
}


@pytest.mark.parametrize("service", SERVICES)
def test_is_valid_openapi(service: str) -> None:
    validate(SPECIFICATIONS[service])


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [found["operationId"] for service in SERVICES for _, _, found in operations(service)]
    assert len(set(names)) == len(names) > 0


@pytest.mark.parametrize("service", SERVICES)
def test_describes_operations_parameters_schemas_and_fields(service: str) -> None:
    missing = [path for _, path, each in operations(service) if not (each.get("summary") and each.get("description"))]
    missing += [f"{where} {each['name']}" for where, each in parameters(service) if not each.get("description")]
    for name, schema in SPECIFICATIONS[service]["components"]["schemas"].items():
        missing += [] if schema.get("description") else [name]
        missing += [
            f"{name}.{key}" for key, field in schema.get("properties", {}).items() if not field.get("description")
        ]
    assert missing == []


@pytest.mark.parametrize("service", SERVICES)
def test_gives_each_body_one_media_type(service: str) -> None:
    for _, path, found in operations(service):
        bodies = [found["requestBody"]] if "requestBody" in found else []
        bodies += [resolved(service, each) for each in found["responses"].values()]
        for body in bodies:
            assert len(body.get("content", {"none": {}})) == 1, path


@pytest.mark.parametrize("service", SERVICES)
def test_speaks_json_but_for_the_login_form_and_pages_of_failures(service: str) -> None:
    for _, _, found in operations(service):
        form = "application/x-www-form-urlencoded" if found["operationId"] == "auth_login" else "application/json"
        assert set(found.get("requestBody", {}).get("content", {})) <= {form}
        for status, each in found["responses"].items():
            wanted = {"application/json", "text/html"} if status == "5XX" else {"application/json"}
            assert set(resolved(service, each).get("content", {})) <= wanted


@pytest.mark.parametrize("service", SERVICES)
def test_marks_public_operations_and_lists_the_schemes_of_all_others(service: str) -> None:
    assert "security" not in SPECIFICATIONS[service]
    for _, _, found in operations(service):
        public = found["security"] == [] or found.get("x-public", False)
        assert public == (found["operationId"] in PUBLIC)


@pytest.mark.parametrize("service", SERVICES)
def test_says_what_may_be_repeated_only_where_the_method_misleads(service: str) -> None:
    for _, _, found in operations(service):
        assert found.get("x-repeat") == REPEATS.get(found["operationId"])


@pytest.mark.parametrize(
    ("service", "schema", "keys"),
    [
        ("waldur", "Invitation", {"scope_uuid", "scope_name", "scope_description", "created_by_full_name"}),
        ("waldur", "Invitation", {"created_by_username", "created_by_image", "tax_number", "civil_number"}),
        ("waldur", "VisibleInvitationDetails", {"scope_uuid", "scope_name", "created_by_full_name"}),
        ("waldur", "InvitationUpdate", {"role"}),
        ("waldur", "InvitationCheck", {"civil_number_required"}),
        ("cloudtruth", "Invitation", {"inviter_name", "organization"}),
        ("cloudtruth", "PaginatedInvitationList", {"count", "next", "previous", "results"}),
        ("zenml", "Invitation", {"organization_name", "organization_logo_url", "expiration_date"}),
        ("enhance", "InviteValidation", {"loginId", "orgId", "orgName", "role"}),
        ("enhance", "HttpError", {"detail", "message"}),
    ],
)
def test_does_not_require_keys_that_servers_leave_out(service: str, schema: str, keys: set[str]) -> None:
    found = SPECIFICATIONS[service]["components"]["schemas"][schema]
    assert keys <= found["properties"].keys()
    assert keys.isdisjoint(found.get("required", []))


@pytest.mark.parametrize(
    ("service", "field", "length"),
    [
        ("waldur", "full_name", 100),
        ("waldur", "native_name", 100),
        ("waldur", "phone_number", 255),
        ("waldur", "organization", 255),
        ("waldur", "job_title", 120),
        ("waldur", "email", 254),
        ("waldur", "civil_number", 50),
        ("waldur", "extra_invitation_text", 250),
        ("cloudtruth", "email", 254),
    ],
)
def test_limits_lengths_in_requests_and_answers(service: str, field: str, length: int) -> None:
    schemas = SPECIFICATIONS[service]["components"]["schemas"]
    for name in ("Invitation", "InvitationRequest"):
        assert schemas[name]["properties"][field]["maxLength"] == length


def test_waldur_filters_are_written_as_the_server_reads_them() -> None:
    order = parameter("waldur", "user_invitations_list", "o")
    state = parameter("waldur", "user_invitations_list", "state")
    assert (order["style"], order["explode"]) == ("form", False)
    assert (state["style"], state["explode"]) == ("form", True)


def test_waldur_counts_with_the_filters_of_the_list() -> None:
    listed = operation("waldur", "user_invitations_list")["parameters"]
    assert operation("waldur", "user_invitations_count")["parameters"] == listed
    assert len(listed) == 14


@pytest.mark.parametrize(
    ("service", "operation", "status", "header"),
    [
        ("waldur", "user_invitations_list", 200, "X-Result-Count"),
        ("waldur", "user_invitations_list", 200, "Link"),
        ("waldur", "user_invitations_count", 200, "X-Result-Count"),
        ("waldur", "user_invitations_create", 201, "Location"),
        ("waldur", "user_invitations_check", 401, "WWW-Authenticate"),
        ("zenml", "respond_to_invitation", 429, "Retry-After"),
        ("enhance", "accept_invite", 200, "Set-Cookie"),
    ],
)
def test_names_the_headers_that_matter(service: str, operation: str, status: int, header: str) -> None:
    assert header in response(service, operation, status)["headers"]


@pytest.mark.parametrize(
    ("service", "operation", "status"),
    [
        ("waldur", "user_invitations_accept", 200),
        ("waldur", "user_invitations_send", 200),
        ("waldur", "user_invitations_cancel", 200),
        ("waldur", "user_invitations_delete", 200),
        ("waldur", "user_invitations_approve", 200),
        ("waldur", "user_invitations_reject", 200),
        ("waldur", "user_invitations_destroy", 200),
        ("waldur", "user_invitations_check", 404),
        ("cloudtruth", "invitations_create", 404),
        ("enhance", "create_invite", 201),
        ("enhance", "create_invite", 403),
    ],
)
def test_marks_bodies_that_may_be_empty(service: str, operation: str, status: int) -> None:
    assert response(service, operation, status)["x-optional-body"] is True


@pytest.mark.parametrize(
    ("service", "operation", "status"),
    [
        ("waldur", "user_invitations_destroy", 204),
        ("waldur", "user_invitations_count", 200),
        ("cloudtruth", "invitations_destroy", 204),
        ("enhance", "accept_invite", 200),
    ],
)
def test_leaves_bodiless_answers_bodiless(service: str, operation: str, status: int) -> None:
    assert "content" not in response(service, operation, status)
