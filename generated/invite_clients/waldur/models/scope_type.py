"""The enum ScopeType."""

from ..._runtime import OpenEnum


class ScopeType(OpenEnum):
    """A type of scope."""

    CUSTOMER = "customer"
    PROJECT = "project"
    OFFERING = "offering"
    CALL = "call"
    PROPOSAL = "proposal"
