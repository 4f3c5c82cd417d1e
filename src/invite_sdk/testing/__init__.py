"""Fake services to test against: stateful, deterministic, faithful to the real ones.

A fake takes a request and returns a response, without I/O. Ways in: an httpx transport (`fake.transport()`), a respx
router (`fake.mount(respx_mock)`), a real server on loopback (`with fake.serve() as url:`), and the command line
(`python -m invite_sdk.testing serve all`). `fake.faults` makes requests go wrong on all of them. Nothing here imports
the clients or the models of the package, but for `fake.connection()`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from invite_sdk._lazy import lazy

if TYPE_CHECKING:
    from invite_sdk.testing.base.dump import from_plain, to_plain
    from invite_sdk.testing.base.wire import Refused, dashed, is_email, media_type, read_json, read_json_object, uuid_of
    from invite_sdk.testing.cloudtruth.fake import FakeCloudTruth
    from invite_sdk.testing.enhance.fake import FakeEnhance
    from invite_sdk.testing.fake import FakeService
    from invite_sdk.testing.faults.kinds import Fault
    from invite_sdk.testing.faults.plans import Faults, Injected, Plan
    from invite_sdk.testing.faults.record import Exchange, FakeReply
    from invite_sdk.testing.faults.samples import every_fault
    from invite_sdk.testing.faults.wire import Wire
    from invite_sdk.testing.messages import FakeClock, FakeRequest, FakeResponse, Mail
    from invite_sdk.testing.waldur.fake import FakeWaldur
    from invite_sdk.testing.ways.server import FakeApp
    from invite_sdk.testing.ways.transport import FakeTransport
    from invite_sdk.testing.zenml.fake import FakeZenML

__all__ = [
    "Exchange",
    "FakeApp",
    "FakeClock",
    "FakeCloudTruth",
    "FakeEnhance",
    "FakeReply",
    "FakeRequest",
    "FakeResponse",
    "FakeService",
    "FakeTransport",
    "FakeWaldur",
    "FakeZenML",
    "Fault",
    "Faults",
    "Injected",
    "Mail",
    "Plan",
    "Refused",
    "Wire",
    "dashed",
    "every_fault",
    "from_plain",
    "is_email",
    "media_type",
    "read_json",
    "read_json_object",
    "to_plain",
    "uuid_of",
]

_HOMES = {
    "invite_sdk.testing.base.dump": "from_plain to_plain",
    "invite_sdk.testing.base.wire": "Refused dashed is_email media_type read_json read_json_object uuid_of",
    "invite_sdk.testing.cloudtruth.fake": "FakeCloudTruth",
    "invite_sdk.testing.enhance.fake": "FakeEnhance",
    "invite_sdk.testing.fake": "FakeService",
    "invite_sdk.testing.faults.kinds": "Fault",
    "invite_sdk.testing.faults.plans": "Faults Injected Plan",
    "invite_sdk.testing.faults.record": "Exchange FakeReply",
    "invite_sdk.testing.faults.samples": "every_fault",
    "invite_sdk.testing.faults.wire": "Wire",
    "invite_sdk.testing.messages": "FakeClock FakeRequest FakeResponse Mail",
    "invite_sdk.testing.waldur.fake": "FakeWaldur",
    "invite_sdk.testing.ways.server": "FakeApp",
    "invite_sdk.testing.ways.transport": "FakeTransport",
    "invite_sdk.testing.zenml.fake": "FakeZenML",
}

__getattr__, __dir__ = lazy(__name__, _HOMES)
