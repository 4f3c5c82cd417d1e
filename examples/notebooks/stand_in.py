"""Stands in for real services in the notebooks: fakes in this process, which begin anew at every run.

With services of your own you need none of it: there `InviteClient.from_env("waldur")` makes the client.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from invite_sdk import Invitation, InviteClient
from invite_sdk.testing import FakeClock, FakeCloudTruth, FakeEnhance, FakeService, FakeWaldur, FakeZenML

NOW = FakeClock().now().replace(minute=0, second=0, microsecond=0)
"""The present hour. Everything else is so and so long ago."""

NAMES = [
    "Ada",
    "Ben",
    "Cleo",
    "Dina",
    "Emil",
    "Finn",
    "Gina",
    "Hugo",
    "Iris",
    "Jan",
    "Kira",
    "Leo",
    "Mara",
    "Nils",
    "Olga",
    "Paul",
    "Rosa",
    "Sven",
    "Tara",
    "Umar",
]
"""Who is invited: Ada to Umar, each again in every project and in every round."""
PROJECTS = (("apollo", 30), ("gemini", 18), ("vega", 7))
"""The projects, with how many were invited to each."""
ENDS = [
    "accepted",
    "accepted",
    "expired",
    "accepted",
    "canceled",
    "accepted",
    "accepted",
    "expired",
    "rejected",
    "accepted",
]
"""What becomes of one after the other."""


def client_of(fake: FakeService, user: str | None = None) -> InviteClient:
    """A client that leads to a fake without a network. In its place there would be `InviteClient.from_env(...)`."""
    return InviteClient(fake.connection(user), transport=fake.transport())


def waldur() -> InviteClient:
    """A Waldur with two organizations, three projects, and four months of invitations."""
    fake = FakeWaldur(version="2026", clock=FakeClock(NOW))
    fake.add_customer("Globex")
    fake.add_project("Gemini", customer="globex")
    fake.add_project("Vega", customer="globex")
    for project, count in PROJECTS:
        for place in range(count):
            # More and more were invited as time went by, the newest two days ago. An invitation holds for a week, and
            # the server looks from time to time which have expired.
            age = timedelta(days=2 + place * place / 8, hours=place % 5)
            fake.invite(
                f"{NAMES[place % len(NAMES)].lower()}{place // len(NAMES) or ''}@{project}.example",
                scope=project,
                role="PROJECT.ADMIN" if place % 6 == 0 else "PROJECT.MEMBER",
                state=ENDS[place % len(ENDS)] if age > timedelta(days=9) else "pending",
                created=NOW - age,
            )
    fake.invite("wim@apollo.example", state="requested", created=NOW - timedelta(days=1))
    fake.invite("ada@example.com", created=NOW - timedelta(days=20))
    fake.invite("ada@example.com", scope="gemini", state="accepted", created=NOW - timedelta(days=30))
    return client_of(fake, "staff")


def cloudtruth() -> InviteClient:
    """A CloudTruth with eight invitations, one of which could not be delivered."""
    fake = FakeCloudTruth(clock=FakeClock(NOW))
    for name in ["ada", "ben", "cleo", "dina", "emil", "finn", "gina", "hugo"]:
        fake.invite(f"{name}@example.com", role="CONTRIB" if name < "c" else "VIEWER")
    fake.deliver()
    fake.bounce(fake.invitations[3].id)
    return client_of(fake)


def zenml() -> InviteClient:
    """What one person, Ana, received from two organizations of ZenML Pro."""
    return client_of(FakeZenML(clock=FakeClock(NOW)))


def enhance() -> InviteClient:
    """A panel of Enhance, which cannot list invitations."""
    return client_of(FakeEnhance(clock=FakeClock(NOW)))


def first_login(invitation: Invitation) -> datetime | None:
    """When somebody first logged in, by records that are not the service's; of some nothing is known."""
    if invitation.created_at is None or invitation.email is None or invitation.email.startswith(("gina", "leo")):
        return None
    return invitation.created_at + timedelta(hours=3 * len(invitation.email) % 41 * 5 + 2)
