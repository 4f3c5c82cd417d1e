"""What a success must say of a new invitation, so that a row counts as done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from invite_sdk import NO_RETRIES, InviteClient
from invite_sdk.roster import Report, Roster
from invite_sdk.testing import FakeCloudTruth, FakeEnhance, FakeWaldur
from invite_sdk.testing.fake import FakeService
from tests.roster.people import in_apollo, people

pytestmark = pytest.mark.usefixtures("time_stands")


class Saying(httpx.BaseTransport):
    """A way to a fake that answers every success of a POST otherwise: with a body, or with some fields changed."""

    def __init__(self, fake: FakeService, *, body: str | None = None, **fields: object) -> None:
        self._inner, self._body, self._fields = fake.transport(), body, fields

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        if request.method != "POST" or not answer.is_success:
            return answer
        said = self._body if self._body is not None else json.dumps({**json.loads(answer.read()), **self._fields})
        kind = "application/json" if self._body is None or self._body[:1] in ('"', "{", "[") else "text/plain"
        return httpx.Response(answer.status_code, content=said.encode(), headers={"Content-Type": kind})


def viewer(email: str) -> dict[str, object]:
    return {"email": email, "role": "VIEWER"}


def enhanced(email: str) -> dict[str, object]:
    return {"email": email, "role": "SiteAccess", "name": "Ann"}


def applied(fake: FakeService, rows: Any, path: Path, **said: Any) -> Report:
    client = InviteClient(fake.connection(), transport=Saying(fake, **said), retry=NO_RETRIES)
    roster = Roster(rows)
    return roster.apply(roster.plan(client, journal=path), journal=path, settle=0)


@pytest.mark.parametrize(
    ("kind", "row", "said"),
    [
        (FakeCloudTruth, viewer, {"body": "{}"}),
        (FakeCloudTruth, viewer, {"body": "OK"}),
        (FakeCloudTruth, viewer, {"body": ""}),
        (FakeWaldur, in_apollo, {"body": "{}"}),
        (FakeWaldur, in_apollo, {"uuid": None}),
    ],
)
def test_a_success_that_names_no_invitation_is_unknown_and_the_next_run_looks(
    kind: type[FakeService], row: Any, said: dict[str, Any], tmp_path: Path
) -> None:
    fake, path = kind(), tmp_path / "run.journal"
    report = applied(fake, people(1, row), path, **said)

    assert report.counts == {"unknown": 1}
    assert "waldur" in report.outcomes[0].reason or "cloudtruth" in report.outcomes[0].reason
    assert applied(fake, people(1, row), path).counts == {"done": 1}
    assert fake.effects["created"] == 1


@pytest.mark.parametrize(("kind", "row"), [(FakeCloudTruth, viewer), (FakeWaldur, in_apollo)])
def test_a_success_about_somebody_else_is_unknown(kind: type[FakeService], row: Any, tmp_path: Path) -> None:
    report = applied(kind(), people(1, row), tmp_path / "run.journal", email="eve@example.org")

    assert report.counts == {"unknown": 1}
    assert "another address" in report.outcomes[0].reason
    assert report.outcomes[0].id is None


@pytest.mark.parametrize(("kind", "row"), [(FakeCloudTruth, viewer), (FakeWaldur, in_apollo)])
def test_another_spelling_of_the_address_is_the_same(kind: type[FakeService], row: Any, tmp_path: Path) -> None:
    assert applied(kind(), people(1, row), tmp_path / "run.journal", email="P0@EXAMPLE.org").counts == {"done": 1}


@pytest.mark.parametrize(
    ("body", "kind"), [("", "done"), ("Thank you, it will be seen to.", "unknown"), ('{"success": "maybe"}', "unknown")]
)
def test_where_nobody_can_look_words_are_unknown_and_silence_is_done(body: str, kind: str, tmp_path: Path) -> None:
    fake, path = FakeEnhance(), tmp_path / "run.journal"

    assert applied(fake, people(1, enhanced), path, body=body).counts == {kind: 1}
    assert fake.effects["created"] == 1


def test_ten_empty_successes_in_a_row_stop_the_run(tmp_path: Path) -> None:
    fake = FakeCloudTruth()
    client = InviteClient(fake.connection(), transport=Saying(fake, body="{}"), retry=NO_RETRIES)
    roster = Roster(people(30, viewer))
    report = roster.apply(roster.plan(client), journal=tmp_path / "run.journal", max_concurrency=1)

    assert report.counts == {"left": 20, "unknown": 10}
