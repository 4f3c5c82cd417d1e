"""The life of an invitation on four services, with one client and one set of operations.

`scripts/demo` runs it. The services are embedded ones, reached over real HTTP. With your own, only the connections
differ: `Waldur("https://waldur.example.org", token=…)` and so on.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable

from examples.four_services import Services, start
from examples.show import heading, table, wrapped

from invite_sdk import (
    OPEN_STATUSES,
    AlreadyInvitedError,
    AsyncInviteClient,
    AttemptEvent,
    Invitation,
    InvitationList,
    InviteClient,
    InviteError,
)
from invite_sdk.testing import Fault

ANA, BEN, CLEO, DINA = "ana@example.com", "ben@example.com", "cleo@example.com", "dina@example.com"
PEOPLE = {ANA: "Ana Lima", BEN: "Ben Okoro", CLEO: "Cleo Marin"}


def main() -> None:
    with (
        start() as services,
        InviteClient(services.waldur) as waldur,
        InviteClient(services.cloudtruth) as cloudtruth,
        InviteClient(services.enhance) as enhance,
        InviteClient(services.zenml_of_ana) as zenml,
    ):
        clients = {client.service: client for client in (waldur, cloudtruth, zenml, enhance)}
        print("Four services answer on loopback:")
        for client in clients.values():
            print(f"  {client!r}")

        heading("1. Invite the same three people in each system that can")
        print("What can be granted:\n")
        for client in clients.values():
            if client.supports("roles"):
                print(f"{client.service:10}  {', '.join(role.name for role in client.roles())}")
        print(f"\nOn Waldur in one of {', '.join(scope.name or scope.id for scope in waldur.scopes())}.\n")
        # Waldur wants UUIDs. The client looks up once what these are called.
        role, organization = "CUSTOMER.MANAGER", "Acme Org"
        made = InvitationList()
        for email, name in PEOPLE.items():
            made.append(waldur.create(email, role=role, organization=organization, name=name))
            made.append(cloudtruth.create(email, role="VIEWER"))
            made.append(enhance.create(email, role="SiteAccess", name=name))
        table(made)
        again = waldur.ensure(ANA, role=role, organization=organization)
        print(f"\nEnsuring Ana's on Waldur finds the one above: created={again.created}.")

        heading("2. What is open, everywhere")
        opened = InvitationList()
        for client in clients.values():
            if client.supports("list"):
                opened += client.list(status=OPEN_STATUSES)
            else:
                # Enhance cannot list: what create returned is what there is.
                opened += [each for each in made if each.service == client.service]
        table(opened)
        print("\nZenML Pro shows what Ana received. Its API is the invitee's: nobody is invited through it.")

        heading("3. Remind Ana: check, then resend")
        of_ana: dict[str, Invitation] = {}
        for invitation in made:
            if invitation.email == ANA:
                client = clients[invitation.service]
                check = client.check(invitation)
                sent = client.resend(invitation)
                how = "with a new id" if sent.previous_id else "with the same id"
                print(f"{client.service:10}  can be accepted: {check.valid}; sent again {how}, {sent.status}")
                of_ana[client.service] = sent

        heading("4. Approve what was requested (Waldur)")
        requested = waldur.list(status="requested").all()[0]
        print(f"{requested.email} was {requested.status} by {requested.inviter_name}.")
        waldur.approve(services.approval_token)
        print(f"{requested.email} is {waldur.get(requested).status} now.")

        heading("5. Ana accepts everywhere, Ben declines, all at the same time (async)")
        answered = asyncio.run(answer(services, of_ana))
        table(answered)

        heading("6. Cancel Cleo's")
        canceled = InvitationList()
        for client in (waldur, cloudtruth):
            # Canceling while the list is being read is fine: no row is missed.
            canceled += [client.cancel(each) for each in client.list(email=CLEO, status="pending")]
        table(canceled)

        heading("7. What is refused, as you would meet it")
        print("Before anybody is invited:\n")
        attempt("zenml.create(...)", lambda: zenml.create(CLEO, role="member"))
        attempt("enhance.list()", enhance.list)
        attempt("cloudtruth.create(..., name=...)", lambda: cloudtruth.create(CLEO, role="VIEWER", name="Cleo Marin"))
        attempt(
            "waldur.create(..., role='member')", lambda: waldur.create(CLEO, role="member", organization="Acme Org")
        )
        print("\nBy the service:\n")
        attempt("waldur.cancel(...) of a canceled one", lambda: waldur.cancel(canceled[0]))
        attempt("waldur.update(...) on this Waldur, a 7.0.7", lambda: waldur.update(requested, email=CLEO))
        attempt("waldur.get(...) of an unknown id", lambda: waldur.get("0" * 32))
        attempt("cloudtruth.create(...) of Ben's again", lambda: cloudtruth.create(BEN, role="VIEWER"))

        heading("8. When the network or the server fails (Waldur)")
        with InviteClient(services.waldur, hooks=[tell]) as watched:
            print("Dina is invited, and the connection breaks before the answer. The client looks what came of it:\n")
            services.waldur_faults.plan(Fault.drop_reply(), on="user_invitations_create")
            found = watched.create(DINA, role=role, organization=organization, name="Dina Rey")
            print(f"    create returns Dina's invitation, which is {found.status}.")
            print("\nThe next listing is answered with 503 at first. Reading does no harm, so it is asked for again:\n")
            services.waldur_faults.plan(Fault.status(503), on="user_invitations_list")
            of_dina = watched.list(email=DINA).all()
            print(f"    Invitations for Dina: {len(of_dina)}.")

        heading("9. At the end, everywhere (async, one listing a service at the same time)")
        everything = asyncio.run(list_everywhere(services))
        table([*everything, *(each for each in answered if each.service == "enhance")])

    print(
        "\nDone: invitations made, listed, sent again, approved, accepted, declined and canceled, over a network\n"
        "that failed twice. Nothing is kept.\n"
        "Next:\n"
        "  examples/demo.py is the code of all this; the other files there are short scripts for your own services.\n"
        "  docs/services.md says what each service can do, and its pages have examples.\n"
        f"  {os.path.relpath(sys.executable)} -m invite_sdk.testing serve all\n"
        "      keeps the four services running, and prints their addresses and credentials, to try things on."
    )


async def answer(services: Services, of_ana: dict[str, Invitation]) -> InvitationList:
    """The invitees answer: five requests at the same time, with a client for each login."""
    async with (
        AsyncInviteClient(services.waldur_of_ana) as waldur,
        AsyncInviteClient(services.cloudtruth_of_ana) as cloudtruth,
        AsyncInviteClient(services.zenml_of_ana) as zenml,
        AsyncInviteClient(services.zenml_of_ben) as zenml_of_ben,
        AsyncInviteClient(services.enhance) as enhance,
    ):
        received = await zenml.list().all()
        received_by_ben = await zenml_of_ben.list().all()
        *accepted, declined = await asyncio.gather(
            accept(waldur, of_ana["waldur"]),
            accept(cloudtruth, of_ana["cloudtruth"]),
            accept(zenml, received[0]),
            # Ana has no login there yet and chooses a password. The panel's own token is not sent.
            accept(enhance, of_ana["enhance"], password="a long new password"),
            zenml_of_ben.decline(received_by_ben[0]),
        )
    return InvitationList([*accepted, declined])


async def accept(client: AsyncInviteClient, invitation: Invitation, password: str | None = None) -> Invitation:
    acceptance = await client.accept(invitation, password=password)
    return acceptance.invitation


async def list_everywhere(services: Services) -> InvitationList:
    async with (
        AsyncInviteClient(services.waldur) as waldur,
        AsyncInviteClient(services.cloudtruth) as cloudtruth,
        AsyncInviteClient(services.zenml_of_ana) as zenml,
    ):
        listings = await asyncio.gather(*(client.list().all() for client in (waldur, cloudtruth, zenml)))
    return InvitationList(invitation for listing in listings for invitation in listing)


def tell(event: AttemptEvent) -> None:
    """A hook: shows what each attempt brought."""
    if event.phase == "after":
        brought = "no answer" if event.status is None else event.status
        again = "" if event.retry_in is None else f"; again in {event.retry_in:.2f} s"
        print(f"    {event.native_operation}, attempt {event.attempt}: {brought}{again}")


def attempt(call: str, run: Callable[[], object]) -> None:
    """Runs what will be refused, and shows the error as its message reads."""
    try:
        run()
    except InviteError as error:
        print(f"{call}\n{wrapped(f'{type(error).__name__}: {error}')}")
        if isinstance(error, AlreadyInvitedError):
            print(wrapped(f".existing = {error.existing!r}"))


if __name__ == "__main__":
    try:
        main()
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever was reading has seen enough. What is left in the buffer has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
