"""Fake services to test against: stateful, deterministic, faithful to the real ones.

A fake takes a request and returns a response, without I/O. Ways in: an httpx transport (`fake.transport()`), a respx
router (`fake.mount(respx_mock)`), a real server on loopback (`with fake.serve() as url:`), and the command line
(`python -m invite_sdk.testing serve all`). `fake.faults` makes requests go wrong on all of them. Nothing here imports
the clients or the models of the package, but for `fake.connection()`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from invite_sdk import names_of

if TYPE_CHECKING:
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
    "Wire",
    "every_fault",
]

_HOMES = {
    "Exchange": "faults.record",
    "FakeReply": "faults.record",
    "FakeService": "fake",
    "FakeApp": "ways.server",
    "FakeCloudTruth": "cloudtruth.fake",
    "FakeEnhance": "enhance.fake",
    "FakeTransport": "ways.transport",
    "FakeWaldur": "waldur.fake",
    "FakeZenML": "zenml.fake",
    "Fault": "faults.kinds",
    "Faults": "faults.plans",
    "Injected": "faults.plans",
    "Plan": "faults.plans",
    "Wire": "faults.wire",
    "every_fault": "faults.samples",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value: object = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'messages')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return names_of(__all__, globals())
