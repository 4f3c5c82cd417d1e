"""The enum PassState."""

from ..._runtime import OpenEnum


class PassState(OpenEnum):
    """A state of a pass."""

    ISSUED = "issued"
    USED = "used"
    REVOKED = "revoked"
