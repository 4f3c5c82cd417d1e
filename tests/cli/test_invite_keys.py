"""Services whose ids are invite keys: what is masked, what can be had again, and what comes on stdin."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Ground

NEW = ("create", "ana@example.com", "--role", "Owner", "--name", "Ana")
PASSWORD = "s3cret-Pass"

enhance = pytest.mark.parametrize("ground", [("enhance",)], indirect=True)


@enhance
@pytest.mark.parametrize(
    ("more", "is_told"),
    [((), True), (("--json",), True), (("--show-keys",), False), (("--fields", "email"), False), (("-q",), False)],
    ids=["", "json", "shown", "email", "quiet"],
)
def test_a_new_key_that_was_masked_is_told_with_the_option_that_shows_it(
    ground: Ground, more: tuple[str, ...], is_told: bool
) -> None:
    done = ground.run(*NEW, *more)

    assert done.code == 0
    assert ("--show-keys" in done.err) is is_told


@enhance
def test_the_new_keys_of_a_list_that_is_applied_are_told_of_too(ground: Ground) -> None:
    people = ground.home / "people.csv"
    people.write_text("email,role,name\nana@example.com,Owner,Ana\n")

    first = ground.run("apply", str(people), "--yes")
    second = ground.run("apply", str(people), "--yes")

    assert (first.code, "--show-keys" in first.err) == (0, True)
    assert (second.code, "--show-keys" in second.err) == (0, False)


def test_ids_that_are_no_keys_need_no_such_word(ground: Ground) -> None:
    done = ground.run(
        "create", "ana@example.com", "--role", "PROJECT.ADMIN", "--scope", "Apollo", "--scope-type=project"
    )

    assert (done.code, done.err) == (0, "")


@enhance
@pytest.mark.parametrize("more", [(), ("--dry-run",), ("another-key",), ("another-key", "--dry-run")], ids=" ".join)
def test_what_cannot_be_mailed_again_from_its_id_is_told_what_can(ground: Ground, more: tuple[str, ...]) -> None:
    invitation = ground["enhance"].invite("ana@example.com")

    done = ground.run("resend", invitation.id, *more)

    assert done.code != 0
    assert "for the same address" in done.out + done.err
    assert "pending already" not in done.out
    assert invitation.id not in done.out + done.err


@enhance
def test_an_id_and_a_password_are_taken_from_stdin_line_by_line(ground: Ground) -> None:
    invitation = ground["enhance"].invite("ana@example.com")

    done = ground.process(
        "accept", "-", "--email", "ana@example.com", "--ask-password", "--json", stdin=f"{invitation.id}\n{PASSWORD}\n"
    )

    assert done.code == 0, done.err
    assert [row["outcome"] for row in json.loads(done.out)] == ["accepted"]
    assert PASSWORD not in done.out + done.err


@enhance
@pytest.mark.parametrize("stdin", ["", "\n", "a-key\n", "a-key\n\n"])
def test_what_is_missing_on_stdin_is_told(ground: Ground, stdin: str) -> None:
    done = ground.run("accept", "-", "--email", "ana@example.com", "--ask-password", stdin=stdin)

    assert (done.code, done.out) == (2, "")
    assert ("one id" if "a-key" not in stdin else "the password is missing") in done.err
