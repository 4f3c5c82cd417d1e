"""Stands in for four real services: starts the embedded ones on loopback. Your own code needs none of this."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from invite_sdk import CloudTruth, Enhance, Waldur, ZenML
from invite_sdk.testing import FakeCloudTruth, FakeEnhance, FakeWaldur, FakeZenML, Faults

RECORDED = Path(__file__).parent / "waldur-state.json"
"""Six invitations of a real Waldur 7.0.7, as it answered with them."""


@dataclass(frozen=True, slots=True)
class Services:
    """How to reach the four services, as those who invite and as those who are invited."""

    waldur: Waldur
    cloudtruth: CloudTruth
    enhance: Enhance
    waldur_of_ana: Waldur
    cloudtruth_of_ana: CloudTruth
    zenml_of_ana: ZenML
    zenml_of_ben: ZenML
    approval_token: str
    """What the mail to Waldur's staff about a requested invitation carries."""
    waldur_faults: Faults
    """What is to go wrong with requests to Waldur."""


@contextmanager
def start() -> Iterator[Services]:
    """Serves the four while the context lasts, each on a free port of 127.0.0.1."""
    waldur = FakeWaldur()
    waldur.load(json.loads(RECORDED.read_text(encoding="utf-8")), at=datetime.now(UTC))
    cloudtruth, zenml = FakeCloudTruth(clock=waldur.clock), FakeZenML(clock=waldur.clock)
    enhance = FakeEnhance(clock=waldur.clock)
    waldur_ana = waldur.add_user("ana", email="ana@example.com", full_name="Ana Lima")
    cloudtruth_ana = cloudtruth.add_user("ana", "ana@example.com")
    requested = next(row for row in waldur.invitations if row.state == "requested")

    with ExitStack() as stack:
        urls = {fake.service: stack.enter_context(fake.serve()) for fake in (waldur, cloudtruth, zenml, enhance)}
        yield Services(
            waldur=Waldur(urls["waldur"], token=waldur.users["staff"].token),
            cloudtruth=CloudTruth(urls["cloudtruth"], api_key=cloudtruth.users["owner"].api_key),
            enhance=Enhance(urls["enhance"], token=enhance.users["acme"].token, organization=enhance.org_id("Acme")),
            waldur_of_ana=Waldur(urls["waldur"], token=waldur_ana.token),
            cloudtruth_of_ana=CloudTruth(urls["cloudtruth"], jwt=cloudtruth_ana.jwt),
            zenml_of_ana=ZenML(urls["zenml"], api_key=zenml.users["ana"].api_key),
            zenml_of_ben=ZenML(urls["zenml"], api_key=zenml.users["ben"].api_key),
            approval_token=waldur.approval_token(requested),
            waldur_faults=waldur.faults,
        )
