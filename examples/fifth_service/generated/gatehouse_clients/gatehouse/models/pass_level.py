"""The enum PassLevel."""

from ..._runtime import OpenEnum


class PassLevel(OpenEnum):
    """What a pass opens."""

    VISITOR = "visitor"
    RESIDENT = "resident"
