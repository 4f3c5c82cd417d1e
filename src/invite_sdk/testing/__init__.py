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
    from invite_sdk.testing._cloudtruth import FakeCloudTruth
    from invite_sdk.testing._enhance import FakeEnhance
    from invite_sdk.testing._fake import Exchange, FakeClock, FakeReply, FakeRequest, FakeResponse, FakeService, Mail
    from invite_sdk.testing._faults import Faults, Injected, Plan
    from invite_sdk.testing._faults_kinds import Fault
    from invite_sdk.testing._faults_samples import every_fault
    from invite_sdk.testing._faults_wire import Wire
    from invite_sdk.testing._server import FakeApp
    from invite_sdk.testing._transport import FakeTransport
    from invite_sdk.testing._waldur import FakeWaldur
    from invite_sdk.testing._zenml import FakeZenML

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
    "FakeApp": "_server",
    "FakeCloudTruth": "_cloudtruth",
    "FakeEnhance": "_enhance",
    "FakeTransport": "_transport",
    "FakeWaldur": "_waldur",
    "FakeZenML": "_zenml",
    "Fault": "_faults_kinds",
    "Faults": "_faults",
    "Injected": "_faults",
    "Plan": "_faults",
    "Wire": "_faults_wire",
    "every_fault": "_faults_samples",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value: object = getattr(import_module(f"{__name__}.{_HOMES.get(name, '_fake')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return names_of(__all__, globals())
