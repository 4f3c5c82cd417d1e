"""Which fakes there are: ours by name, others by the entry point `invite_sdk.fakes`, any by `package.module:Class`."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points

from invite_sdk.testing.fake import FakeService

BUILT_IN = {
    "waldur": "invite_sdk.testing:FakeWaldur",
    "cloudtruth": "invite_sdk.testing:FakeCloudTruth",
    "zenml": "invite_sdk.testing:FakeZenML",
    "enhance": "invite_sdk.testing:FakeEnhance",
}
"""The fake of each service. One from another distribution names its own in the entry point group."""

ENTRY_POINTS = "invite_sdk.fakes"


def fake_names() -> tuple[str, ...]:
    """Every fake that is installed, ours first."""
    return (*BUILT_IN, *sorted(set(_others()) - set(BUILT_IN)))


def fake_class(name: str) -> Callable[..., FakeService]:
    """What makes the fake of a name, or of `package.module:Class`.

    Raises:
        ValueError: there is no such fake, and the text says which there are; or it cannot be loaded, or is none.
    """
    path = BUILT_IN.get(name) or _others().get(name) or name
    module, colon, attribute = path.partition(":")
    if not (module and colon and attribute):
        raise ValueError(f"there is no fake {name!r}; there are {', '.join(fake_names())}, or package.module:FakeClass")
    try:
        found: object = import_module(module)
        for part in attribute.split("."):
            found = getattr(found, part)
    except Exception as error:
        # A module of anybody's may fail in any way.
        raise ValueError(f"the fake {name!r} cannot be loaded ({type(error).__name__}: {error})") from error
    if not (isinstance(found, type) and issubclass(found, FakeService)):
        raise ValueError(f"{name} is no fake: a fake is a class made from invite_sdk.testing.FakeService")
    return found


def _others() -> dict[str, str]:
    return {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}
