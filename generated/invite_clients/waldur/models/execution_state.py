"""The enum ExecutionState."""

from ..._runtime import OpenEnum


class ExecutionState(OpenEnum):
    """How far the sending of the mail has come."""

    SCHEDULED = "Scheduled"
    PROCESSING = "Processing"
    OK = "OK"
    ERRED = "Erred"
