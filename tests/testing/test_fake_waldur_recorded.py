from __future__ import annotations

import pytest

from invite_sdk.testing.waldur.model import WaldurVersion
from tests.testing.recorded.replay import EXCEPTIONS, NOT_FAKED, Difference, Replay, read, summary

SINCE_2025 = {
    # Who may not do something to what they may not see is told that it is not there.
    **dict.fromkeys(["013_create_customer_owner_role", "147_send_as_support", "170_cancel_as_support"], 404),
    **dict.fromkeys(["215_DELETE_verb_support", "217_DELETE_verb_staff"], 404),
    # Invitations can be changed, by those who see them, while they are open,
    **dict.fromkeys(["118_put_email", "119_put_email_and_role", "121_patch_email", "122_patch_role"], 200),
    **dict.fromkeys(["123_patch_empty", "126_patch_readonly_fields_ignored", "204_patch_pending_project"], 200),
    **dict.fromkeys(["120_put_missing_email", "124_patch_role_mismatch", "125_patch_role_null"], 400),
    **dict.fromkeys(["127_patch_bad_email", "167_patch_accepted", "178_patch_canceled", "193_patch_expired"], 400),
    **dict.fromkeys(["128_patch_as_bob", "129_patch_as_support", "130_patch_unknown"], 404),
    # and removed by those who may invite.
    **dict.fromkeys(["216_DELETE_verb_owner", "219_DELETE_verb_accepted_staff"], 204),
}
SINCE_2026 = SINCE_2025 | {
    "017_create_duplicate_same_email_role_scope": 400,
    "018_create_duplicate_other_case_email": 400,
    "116_retrieve_as_invitee": 200,
    # There is no civil number any more,
    "141_details_civil_number_mismatch": 200,
    "152_accept_civil_mismatch": 200,
    # and strangers see what is over.
    "177_details_canceled_stranger": 200,
    "191_details_expired_stranger": 200,
    "221_check_duplicates": 200,
}
OTHER_FIELDS = {"2025": set[str](), "2026": {"035_create_null_fields", "044_create_too_long_fields"}}
"""Refusals of fields, of which 2026 has others."""


@pytest.fixture(scope="module")
def found() -> dict[str, list[Difference]]:
    return Replay().run()


def test_only_the_listed_exchanges_differ(found: dict[str, list[Difference]]) -> None:
    assert {name for name, differences in found.items() if differences} == set(EXCEPTIONS)


def test_every_exchange_is_asked(found: dict[str, list[Difference]]) -> None:
    assert len(read()) == 245
    assert len(found) == 245


def test_at_least_95_percent_are_exact(found: dict[str, list[Difference]]) -> None:
    asked = [name for name in found if name not in NOT_FAKED]
    exact = [name for name in asked if not found[name]]

    assert len(asked) == 243
    assert len(exact) == 241


def test_the_exceptions_keep_their_status_and_paging(found: dict[str, list[Difference]]) -> None:
    for name in set(EXCEPTIONS) - set(NOT_FAKED):
        assert {one.what for one in found[name]} <= {"body", "Set-Cookie"}


def test_the_summary_tells_the_count_and_the_reasons(found: dict[str, list[Difference]]) -> None:
    text = summary(found)

    assert text.startswith("241 of 243 exchanges on /api/user-invitations/ are exact (99.2 %).")
    assert "009_roles_list: the roles API is not faked" in text
    assert "NOT EXPECTED" not in text


@pytest.mark.parametrize(("version", "statuses"), [("2025", SINCE_2025), ("2026", SINCE_2026)])
def test_newer_servers_answer_as_the_recorded_one_did_but_for_what_is_new(
    version: WaldurVersion, statuses: dict[str, int]
) -> None:
    recorded = {exchange.name: exchange for exchange in read() if exchange.name not in NOT_FAKED}
    answered = Replay(version).run()
    found = {name: {one.what: one.answered for one in answered[name]} for name in recorded}
    refused_alike = [name for name in recorded if recorded[name].status >= 400 and "status" not in found[name]]

    assert {name: differs["status"] for name, differs in found.items() if "status" in differs} == statuses
    assert {name for name in refused_alike if "body" in found[name]} - set(EXCEPTIONS) == OTHER_FIELDS[version]
    assert len(refused_alike) > 60


def test_pages_of_2025_are_those_recorded_but_for_filters_that_are_new() -> None:
    answered = Replay("2025").run()
    paged = {name for name in answered if {"X-Result-Count", "Link"} & {one.what for one in answered[name]}}

    # The older server took no notice of them.
    new = {"080_list_email_exact", "081_list_email_exact_full"}
    assert paged - set(NOT_FAKED) == new | {"095_list_scope_name_nomatch", "097_list_scope_description_nomatch"}
