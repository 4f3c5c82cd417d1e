"""What a dry run of a write to one invitation checks: all that the service tells without it."""

from __future__ import annotations

from typing import Any

import pytest

from invite_sdk.cli.codes import Code
from tests.cli.conftest import Ground

NOBODY = {"waldur": "0" * 32, "zenml": "0" * 32, "enhance": "0" * 32}
PASSWORD = {"INVITE_PASSWORD": "s3cret-Pass"}
ACCEPT = {
    "waldur": ("accept",),
    "cloudtruth": ("accept",),
    "zenml": ("accept",),
    "enhance": ("accept", "--email", "ana@example.com", "--ask-password"),
}


def key_of(invitation: Any) -> str:
    return str(getattr(invitation, "uuid", None) or invitation.id)


def effects(fake: Any) -> dict[str, int]:
    return {effect: number for effect, number in fake.effects.items() if effect != "logged_in"}


@pytest.mark.parametrize("ground", [(service,) for service in ACCEPT], ids=ACCEPT, indirect=True)
def test_what_can_be_accepted_would_be(ground: Ground) -> None:
    ((service, fake),) = ground.fakes.items()
    key = key_of(fake.invite("ana@example.com"))
    before = effects(fake)

    done = ground.run(*ACCEPT[service], key, "--dry-run", "--fields", "outcome", variables=PASSWORD)

    assert (done.code, done.out) == (Code.DONE, "outcome\nwould accept\n"), done.err
    assert effects(fake) == before


@pytest.mark.parametrize("ground", [(service,) for service in NOBODY], ids=NOBODY, indirect=True)
def test_what_nobody_knows_would_not_be_accepted(ground: Ground) -> None:
    (service,) = ground.fakes

    done = ground.run(*ACCEPT[service], NOBODY[service], "--dry-run", variables=PASSWORD)

    assert done.code in (Code.NOT_FOUND, Code.CONFLICT)
    assert "would accept" not in done.out


def test_what_was_canceled_would_not_be_accepted(ground: Ground) -> None:
    uuid = ground["waldur"].invite("ana@example.com", state="canceled").uuid

    done = ground.run("accept", uuid, "--dry-run")

    assert done.code in (Code.NOT_FOUND, Code.CONFLICT)


def test_what_the_service_does_not_take_is_refused(ground: Ground) -> None:
    uuid = ground["waldur"].invite("ana@example.com").uuid

    done = ground.run("accept", uuid, "--email", "ana@example.com", "--dry-run")

    assert (done.code, done.out) == (Code.USAGE, "")
    assert "takes no email" in done.err


@pytest.mark.parametrize("ground", [("enhance",)], indirect=True)
@pytest.mark.parametrize("options", [(), ("--email", "ana@example.com")], ids=["nothing", "email"])
def test_what_is_missing_is_told(ground: Ground, options: tuple[str, ...]) -> None:
    key = ground["enhance"].invite("ana@example.com").id

    done = ground.run("accept", key, *options, "--dry-run")

    assert (done.code, done.out) == (Code.USAGE, "")
    assert "--ask-password" in done.err
    assert key not in done.err


@pytest.mark.parametrize("ground", [("zenml",)], indirect=True)
def test_what_was_answered_would_not_be_declined(ground: Ground) -> None:
    key = ground["zenml"].invite("ana@example.com").id
    assert ground.run("decline", key, "--dry-run").code == Code.DONE
    assert ground.run("decline", key).code == Code.DONE

    assert ground.run("decline", key, "--dry-run").code == Code.NOT_FOUND


@pytest.mark.parametrize(
    ("changes", "said"),
    [(("--role", "PROJECT.ADMN"), "PROJECT.ADMIN"), (("--email", "nobody"), "email must be")],
    ids=["role", "email"],
)
def test_an_update_that_cannot_be_right_is_refused(ground: Ground, changes: tuple[str, ...], said: str) -> None:
    uuid = ground["waldur"].invite("ana@example.com").uuid

    done = ground.run("update", uuid, *changes, "--dry-run")

    assert (done.code, done.out) == (Code.USAGE, "")
    assert said in done.err
