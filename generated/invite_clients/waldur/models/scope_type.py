"""The enum ScopeType."""

from ..._runtime import OpenEnum


class ScopeType(OpenEnum):
    """A type of scope. Newer servers know more types than older ones."""

    CUSTOMER = "customer"
    PROJECT = "project"
    OFFERING = "offering"
    CALL = "call"
    PROPOSAL = "proposal"
    SERVICE_PROVIDER = "service_provider"
    CALL_ORGANIZER = "call_organizer"
    RESOURCE = "resource"
    RESOURCE_PROJECT = "resource_project"
