"""Our specifications, against which every answer of our fakes is held, and the answers that may differ from them."""

from __future__ import annotations

import re
from pathlib import Path

from invite_sdk.testing import FakeRequest, FakeResponse
from invite_sdk.testing.suite import Excuse

DOCUMENTS = {path.stem: path for path in sorted((Path(__file__).parents[1] / "openapi").glob("*.yaml"))}
WALDUR = "/api/user-invitations/"
NEWER_STATES = ("archived", "paused")
"""Words that no Waldur knows; tests use them for a state to come."""

EXCUSES = (
    Excuse(
        "pages for people who ask for HTML",
        "waldur",
        "type",
        lambda found: _is_page(found.response) and _asks_for_html(found.request),
    ),
    Excuse(
        "an id with a dot is no id to the server, so the path is unknown",
        "waldur",
        "type",
        lambda found: _is_page(found.response) and found.response.status == 404 and "." in found.request.path,
    ),
    Excuse(
        "a method that the path of an action does not have reads the action's name as an id",
        "waldur",
        "status",
        lambda found: found.response.status == 405 and _is_root_action(found.request),
    ),
    Excuse(
        "the real server carries DELETE out on every URL below an id, and fails on all others",
        "waldur",
        "operation",
        lambda found: found.request.method == "DELETE" and found.response.status in {200, 500},
    ),
    Excuse(
        "the newest servers have an operation that the specification leaves out on purpose",
        "waldur",
        "operation",
        lambda found: found.request.path == f"{WALDUR}check-duplicates/",
    ),
    Excuse(
        "a state of a server that is newer than the specification",
        "waldur",
        "body",
        lambda found: found.names(".state", *NEWER_STATES),
    ),
    Excuse(
        "a single role, organization or project, which nobody needs and the specification leaves out",
        "waldur",
        "operation",
        lambda found: re.fullmatch(r"/api/(roles|customers|projects)/[^/]+/", found.request.path) is not None,
    ),
    Excuse(
        "fields that the caller did not ask for",
        "waldur",
        "body",
        lambda found: bool(found.request.params("field")) and "is a required property" in found.fault.text,
    ),
    Excuse(
        "times without an offset, which pydantic writes of naive ones, where the fake is told to",
        "zenml",
        "body",
        lambda found: getattr(found.fake, "naive_dates", False) and found.fault.text.endswith("is not a 'date-time'"),
    ),
    Excuse(
        "panels that answer with the link as plain text, where the fake is told to",
        "enhance",
        "type",
        lambda found: found.response.status == 201 and getattr(found.fake, "answer", "") == "text",
    ),
    Excuse(
        "a role of a panel that is newer than the specification",
        "enhance",
        "body",
        lambda found: found.names("$.role", "Webmaster"),
    ),
    Excuse(
        "outside of /api the panel shows itself",
        "enhance",
        "operation",
        lambda found: _is_page(found.response) and not found.request.path.startswith("/api/"),
    ),
)
"""Every answer that may differ from the specification, and why."""


def _is_page(response: FakeResponse) -> bool:
    return any(name == "Content-Type" and value.startswith("text/html") for name, value in response.headers)


def _asks_for_html(request: FakeRequest) -> bool:
    return request.param("format") == "api" or "text/" in (request.header("Accept") or "")


def _is_root_action(request: FakeRequest) -> bool:
    return request.path in {f"{WALDUR}{name}/" for name in ("approve", "reject", "check-duplicates")}
