"""The model Pass."""

from ..._times import DateTime
from ..._wire import WireModel
from .pass_level import PassLevel
from .pass_state import PassState


class Pass(WireModel):
    """A pass."""

    id: str
    """The id of the pass."""
    email: str
    """The address of the guest."""
    level: PassLevel
    """What the pass opens."""
    state: PassState
    """The state of the pass."""
    host: str
    """The name of the host."""
    issued_at: DateTime
    """When the pass was issued."""
    guest_name: str | None = None
    """The name of the guest, where the host gave one."""
