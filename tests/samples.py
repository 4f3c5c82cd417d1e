"""One invitation of each service, with a record as the service sends it, unknown keys included."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, Protocol

from invite_clients import cloudtruth, enhance, waldur, zenml
from invite_sdk import Delivery, Invitation, Status

WALDUR_ROW: Final[dict[str, object]] = {
    "scope_uuid": "aec40e9f4c1648f29bbeb3704048cfd0",
    "scope_name": "Apollo",
    "scope_type": "project",
    "customer_uuid": "cc70e778ac6b474daef756b02b0c1182",
    "customer_name": "Acme Org",
    "role_name": "PROJECT.MEMBER",
    "role_description": "",
    "url": "https://waldur.example.org/api/user-invitations/b91ff318ad0d47c7b606aa332478155a/",
    "uuid": "b91ff318ad0d47c7b606aa332478155a",
    "role": "a5362da7f81e455b8cb02acf82aacb86",
    "created": "2026-11-22T00:39:31.321542Z",
    "expires": "2026-11-29T00:39:31.321542Z",
    "email": "ann@example.org",
    "state": "frozen",
    "error_message": "",
    "execution_state": "Dreaming",
    "invented_in_2031": {"deep": [1, None, "x"]},
}
WALDUR: Final = Invitation(
    service="waldur",
    id="b91ff318ad0d47c7b606aa332478155a",
    status=Status.UNKNOWN,
    native_status="frozen",
    email="ann@example.org",
    role="PROJECT.MEMBER",
    role_id="a5362da7f81e455b8cb02acf82aacb86",
    roles=("PROJECT.MEMBER",),
    organization_id="cc70e778ac6b474daef756b02b0c1182",
    organization_name="Acme Org",
    scope_type="project",
    scope_id="aec40e9f4c1648f29bbeb3704048cfd0",
    scope_name="Apollo",
    created_at=datetime(2026, 11, 22, 0, 39, 31, 321542, UTC),
    expires_at=datetime(2026, 11, 29, 0, 39, 31, 321542, UTC),
    delivery=Delivery.UNKNOWN,
    native=waldur.Invitation.model_validate(WALDUR_ROW),
)

WALDUR_DETAILS: Final = Invitation(
    service="waldur",
    id="b91ff318ad0d47c7b606aa332478155a",
    status=Status.PENDING,
    native_status="pending",
    email="ann@example.org",
    role="CUSTOMER.OWNER",
    roles=("CUSTOMER.OWNER",),
    native=waldur.VisibleInvitationDetails.model_validate(
        {
            "scope_type": "customer",
            "customer_uuid": "cc70e778ac6b474daef756b02b0c1182",
            "customer_name": "Acme Org",
            "role_name": "CUSTOMER.OWNER",
            "role_description": "",
            "email": "ann@example.org",
            "error_message": "",
            "execution_state": "OK",
            "state": "pending",
            "invented_in_2031": True,
        }
    ),
)

CLOUDTRUTH: Final = Invitation(
    service="cloudtruth",
    id="9b3c1f06-0d4e-4f83-9a53-0f8d6c3a7e21",
    status=Status.PENDING,
    native_status="bounced",
    email="ann@example.org",
    role="VIEWER",
    roles=("VIEWER",),
    delivery=Delivery.FAILED,
    delivery_detail="mailbox full",
    native=cloudtruth.Invitation.model_validate(
        {
            "url": "https://api.cloudtruth.io/api/v1/invitations/9b3c1f06-0d4e-4f83-9a53-0f8d6c3a7e21/",
            "id": "9b3c1f06-0d4e-4f83-9a53-0f8d6c3a7e21",
            "email": "ann@example.org",
            "role": "EMPEROR",
            "inviter": "https://api.cloudtruth.io/api/v1/users/auth0%7C1/",
            "state": "bounced",
            "state_detail": "mailbox full",
            "membership": None,
            "invented_in_2031": [1.5],
        }
    ),
)

ZENML: Final = Invitation(
    service="zenml",
    id="0d0714f8-3b5c-4f4b-8f5e-6d0f2f3f0c11",
    status=Status.PENDING,
    organization_name="Acme <b>ML</b>",
    organization_member_count=0,
    inviter_name="Bob",
    expires_at=datetime(2026, 12, 24, 12, 0, tzinfo=UTC),
    native=zenml.Invitation.model_validate(
        {
            "id": "0d0714f8-3b5c-4f4b-8f5e-6d0f2f3f0c11",
            "organization_name": "Acme <b>ML</b>",
            "organization_member_count": 0,
            "inviting_user_name": "Bob",
            "expiration_date": "2026-12-24T12:00:00",
            "invented_in_2031": None,
        }
    ),
)

KEY: Final = "Zk3vQ9sT1yLm7Rw2"
PREVIOUS_KEY: Final = "Aa1Bb2Cc3Dd4Ee5F"
ENHANCE: Final = Invitation(
    service="enhance",
    id=KEY,
    status=Status.PENDING,
    email="ann@example.org",
    name="Ann",
    role="Support",
    roles=("Support", "Business"),
    organization_id="6f1f9c1e-8a80-4c35-9d3e-3f5d38d0a001",
    delivery=Delivery.QUEUED,
    url=f"http://panel.example.org/invites/{KEY}?email=ann@example.org",
    previous_id=PREVIOUS_KEY,
    native=enhance.NewInvite(
        email="ann@example.org", name="Ann", roles=[enhance.Role.SUPPORT, enhance.Role.BUSINESS], send_email=True
    ),
)
ENHANCE_CHECKED: Final = Invitation(
    service="enhance",
    id=KEY,
    status=Status.PENDING,
    native_status="valid",
    role="Janitor",
    native=enhance.InviteValidation.model_validate({"isValid": True, "role": "Janitor", "invented": {"a": 1}}),
)

SAMPLES: Final = {
    "waldur": WALDUR,
    "waldur details": WALDUR_DETAILS,
    "cloudtruth": CLOUDTRUTH,
    "zenml": ZENML,
    "enhance": ENHANCE,
    "enhance checked": ENHANCE_CHECKED,
}


class Shown(Protocol):
    """What a notebook can show."""

    def _repr_html_(self) -> str: ...


def html_of(value: Shown) -> str:
    return value._repr_html_()  # pyright: ignore[reportPrivateUsage]  # as notebooks do
