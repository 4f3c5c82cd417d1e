"""The enum Role."""

from ..._runtime import OpenEnum


class Role(OpenEnum):
    """A role in an organization."""

    OWNER = "Owner"
    SUPER_ADMIN = "SuperAdmin"
    BUSINESS = "Business"
    SITE_ACCESS = "SiteAccess"
    SUPPORT = "Support"
    SYSADMIN = "Sysadmin"
