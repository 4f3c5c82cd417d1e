"""What Waldur can do, and what its refusals mean."""

from __future__ import annotations

from invite_sdk._errors import tree as errors
from invite_sdk._errors.classify import rule
from invite_sdk.services.capabilities import (
    Capabilities,
    Support,
    emulated,
    local_filter,
    native,
    server_filter,
    unsupported,
)

SERVICE = "waldur"
MAX_PAGE_SIZE = 300
"""Servers take a larger page size for this one, without saying so."""

_FURTHER = "`civil_number`, `email_exact`, `o` (the order), `scope_description`, `scope_name` and `scope_type`."

_SCOPE_FILTERS = {
    "status": server_filter(exact=True),
    "email": server_filter("The service's own filter means 'contains'; the SDK compares the whole address."),
    "role": server_filter("Its name or UUID.", exact=True),
    "organization": server_filter("The customer's name or UUID.", exact=True),
    "scope": server_filter("A URL, or `Scope(type, name or UUID)`."),
    "native_filters": Support("native", _FURTHER),
}
_PAGE_SIZE = Support("native", f"At most {MAX_PAGE_SIZE}.")
_NEW = {
    "role": Support("native", "Its name, such as PROJECT.ADMIN, or its UUID."),
    "organization": Support("native", "The customer's name or UUID. Exactly one of organization and scope."),
    "scope": Support("native", "A URL of this server, or `Scope(type, name or UUID)`."),
    "name": Support("native", "At most 100 characters."),
    "message": Support("native", "At most 250 characters."),
    "extra": Support("native", "The other fields of Waldur's request, such as `job_title`."),
}

CAPABILITIES = Capabilities(
    SERVICE,
    "Waldur",
    {
        "list": native(
            "Shows what was sent; servers of 2026 also show the caller's own pending ones.",
            view="both",
            parameters={**_SCOPE_FILTERS, "page_size": _PAGE_SIZE},
        ),
        "count": native("Without reading rows where every filter can be trusted.", parameters=_SCOPE_FILTERS),
        "get": native(),
        "create": native("Servers before 2026 make a second invitation for the same person.", parameters=_NEW),
        "ensure": emulated(
            "Lists those for the address, then creates what is neither open nor accepted.", parameters=_NEW
        ),
        "update": native(
            "Only pending ones.",
            since="7.9.2",
            parameters={"email": Support("native"), "role": Support("native", "Its name or UUID, of the same scope.")},
        ),
        "delete": native("Servers before 7.9.2 let only staff do it."),
        "cancel": native(),
        "accept": native("As the invitee. A settled invitation is answered as if it were unknown."),
        "decline": unsupported("cancel", "Waldur has no word for an invitee's no; `reject` is a staff member's."),
        "resend": native("Also revives expired and canceled ones."),
        "approve": native("With the token from the mail; needs no login."),
        "reject": native("With the token from the mail; needs no login."),
        "check": native("Needs no login."),
        "preview": native("Has no id, link or times of its own."),
        "roles": native(
            "Those of the whole portal, also those that you may not grant.",
            parameters={"name": local_filter(), "type": local_filter(), "page_size": _PAGE_SIZE},
        ),
        "scopes": native(
            "Customers, which are the organizations, and projects, as far as you may see them.",
            parameters={
                "name": server_filter(),
                "type": Support("native", "`customer` or `project`."),
                "organization": server_filter("Its name or UUID."),
                "page_size": _PAGE_SIZE,
            },
        ),
    },
)


ERROR_RULES = (
    rule(
        errors.InvalidStateError,
        operations=("user_invitations_cancel", "user_invitations_send"),
        statuses=(400,),
        shapes=("array",),
    ),
    rule(
        errors.InvalidStateError,
        operations=("user_invitations_update", "user_invitations_partial_update"),
        statuses=(400,),
        shapes=("general",),
    ),
    rule(
        errors.AlreadyMemberError,
        operations=("user_invitations_accept",),
        statuses=(400,),
        shapes=("array",),
        hint="as a rule the role is held already; a strict portal also refuses another address so",
    ),
    rule(
        errors.NotFoundError,
        operations=("user_invitations_accept",),
        statuses=(404,),
        hint="unknown, settled already, or meant for somebody else: Waldur does not tell which",
    ),
    rule(
        errors.PermissionDeniedError,
        operations=("user_invitations_create",),
        statuses=(404,),
        shapes=("detail",),
        hint="Waldur answers so when the caller may not invite into the scope",
    ),
    rule(
        errors.NotFoundError,
        operations=(
            "user_invitations_cancel",
            "user_invitations_send",
            "user_invitations_destroy",
            "user_invitations_partial_update",
            "user_invitations_update",
            "user_invitations_delete",
        ),
        statuses=(404,),
        hint="unknown, or the caller lacks the right: Waldur does not tell which",
    ),
)
