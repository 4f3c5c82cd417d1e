"""What is to be done about a row: by the state of the person's invitations, the policy, and what the service can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from invite_sdk import InvalidArgumentError, Status
from invite_sdk.roster import Action, Policy, Row
from invite_sdk.roster.deciding import Can, Case, Decision, Known, decide
from tests.roster.people import NOW

ROW = Row("ann@example.org", "member", line=2)
ALL = Can(resend=True, update=True, cancel=True)
DAY = timedelta(days=1)


def known(status: str, *, role: str | None = "member", key: str = "1", age: int = 3, **fields: Any) -> Known:
    """An invitation that is so many days old and lasts a month."""
    made = NOW - age * DAY
    fields = {"created_at": made, "expires_at": made + 30 * DAY, **fields}
    return Known(key, Status(status), "ann@example.org", role, **fields)


OPEN = known("pending")
OVERDUE = known("pending", age=40)
EXPIRED = known("expired", age=40)
ADMIN = known("pending", role="admin", key="2")


def decided(found: Sequence[Known], policy: Policy | None = None, can: Can = ALL, **more: Any) -> Decision:
    return decide(Case(ROW, found, policy or Policy(), can, "svc", NOW, **more))


@pytest.mark.parametrize(
    ("found", "policy", "action"),
    [
        ([], Policy(), "create"),
        ([OPEN], Policy(), "nothing"),
        ([known("requested")], Policy(), "nothing"),
        ([known("accepted")], Policy(), "nothing"),
        (
            [known("accepted")],
            Policy(expired="replace", other_role="replace", again=frozenset({Status.CANCELED})),
            "nothing",
        ),
        ([known("unknown")], Policy(), "cannot"),
        # What has expired, or is open beyond its time.
        ([EXPIRED], Policy(), "resend"),
        ([EXPIRED], Policy(expired="replace"), "create"),
        ([EXPIRED], Policy(expired="leave"), "skip"),
        ([replace(EXPIRED, is_resendable=False)], Policy(), "create"),
        ([OVERDUE], Policy(), "resend"),
        ([OVERDUE], Policy(expired="replace"), "replace"),
        ([OVERDUE], Policy(expired="leave"), "nothing"),
        ([replace(OVERDUE, is_resendable=False)], Policy(), "replace"),
        # What was mailed long ago.
        ([OPEN], Policy(chase_after=4 * DAY), "nothing"),
        ([OPEN], Policy(chase_after=3 * DAY), "resend"),
        ([replace(OPEN, is_resendable=False)], Policy(chase_after=3 * DAY), "nothing"),
        ([replace(OPEN, created_at=None)], Policy(chase_after=DAY), "nothing"),
        # Another role.
        ([ADMIN], Policy(), "update"),
        ([ADMIN], Policy(other_role="replace"), "replace"),
        ([ADMIN], Policy(other_role="leave"), "nothing"),
        ([known("accepted", role="admin")], Policy(), "cannot"),
        # What has ended.
        ([known("declined")], Policy(), "skip"),
        ([known("rejected")], Policy(), "skip"),
        ([known("canceled")], Policy(), "skip"),
        ([known("canceled", role="admin")], Policy(), "skip"),
        ([known("declined")], Policy(again=frozenset({Status.DECLINED})), "create"),
        ([known("declined")], Policy(again=frozenset({Status.CANCELED})), "skip"),
        ([known("expired", role="admin")], Policy(), "create"),
    ],
)
def test_one_invitation_and_a_policy_say_what_is_done(found: list[Known], policy: Policy, action: Action) -> None:
    assert decided(found, policy).action == action


@pytest.mark.parametrize(
    ("found", "action", "about"),
    [
        # What is open counts first, whatever has ended before or since.
        ([known("canceled", key="3", age=1), OPEN], "nothing", "1"),
        ([known("declined", key="3", age=9), OPEN], "nothing", "1"),
        # Then what was accepted, then the newest that has ended.
        ([known("canceled", key="3", age=1), known("accepted")], "nothing", "1"),
        ([known("canceled", key="3", age=9), EXPIRED], "skip", "3"),
        ([known("canceled", key="3", age=50), EXPIRED], "resend", "1"),
        # The list's role before another one.
        ([ADMIN, OPEN], "nothing", "1"),
        ([ADMIN, EXPIRED], "update", "2"),
        ([known("accepted", role="admin", key="2"), EXPIRED], "cannot", "2"),
        ([known("expired", role="admin", key="2", age=35), EXPIRED], "resend", "1"),
        # Two open ones of other roles: whichever is changed, one is too many.
        ([ADMIN, known("pending", role="viewer", key="3")], "cannot", "2"),
    ],
)
def test_of_several_invitations_the_one_that_counts_is_found(found: list[Known], action: Action, about: str) -> None:
    for order in (found, found[::-1]):
        decision = decided(order)
        assert decision.action == action
        assert decision.about is not None
        if action != "cannot":
            assert decision.about.id == about


@pytest.mark.parametrize(
    ("found", "policy", "can", "action"),
    [
        ([OVERDUE], Policy(), ALL._replace(resend=False), "replace"),
        ([OVERDUE], Policy(), ALL._replace(resend=False, cancel=False), "cannot"),
        ([EXPIRED], Policy(), ALL._replace(resend=False), "create"),
        ([OPEN], Policy(chase_after=DAY), ALL._replace(resend=False), "cannot"),
        ([ADMIN], Policy(), ALL._replace(update=False), "cannot"),
        ([ADMIN], Policy(other_role="replace"), ALL._replace(cancel=False), "cannot"),
    ],
)
def test_what_the_service_has_no_operation_for_is_done_otherwise_or_cannot_be(
    found: list[Known], policy: Policy, can: Can, action: Action
) -> None:
    decision = decided(found, policy, can)
    assert decision.action == action
    assert action != "cannot" or "svc has no" in decision.reason


def test_whoever_was_mailed_again_is_left_alone_until_the_time_has_passed_anew() -> None:
    policy = Policy(chase_after=2 * DAY)
    assert decided([OPEN], policy, mailed_at=NOW - DAY).action == "nothing"
    assert decided([OPEN], policy, mailed_at=NOW - 2 * DAY).action == "resend"
    # An invitation that was made since counts, not the mail for the one before.
    assert decided([known("pending", age=1)], policy, mailed_at=NOW - 9 * DAY).action == "nothing"


def test_an_overdue_one_that_was_mailed_again_since_is_not_mailed_a_third_time() -> None:
    assert decided([OVERDUE], mailed_at=NOW - DAY).action == "nothing"
    assert decided([OVERDUE], mailed_at=NOW - 20 * DAY).action == "resend"


def test_an_invitation_ends_at_the_very_moment_that_it_says() -> None:
    assert decided([replace(OPEN, expires_at=NOW)]).action == "resend"
    assert decided([replace(OPEN, expires_at=NOW + timedelta(microseconds=1))]).action == "nothing"


@pytest.mark.parametrize(
    ("has", "wanted", "same"),
    [
        ({"role": "Member"}, "member", True),
        ({"role": "member"}, "viewer", False),
        ({"role": None}, "member", False),
        ({"role_id": "3FA85F64-5717-4562-B3FC-2C963F66AFA6"}, "3fa85f6457174562b3fc2c963f66afa6", True),
        ({"role_id": "3fa85f64-5717-4562-b3fc-2c963f66afa6", "role": "Member"}, "member", True),
        ({"roles": ("Support", "Billing")}, ("billing", "support"), True),
        ({"roles": ("Support",)}, ("support", "billing"), False),
    ],
)
def test_a_role_is_the_same_by_its_name_in_any_capitals_or_by_its_id(
    has: dict[str, Any], wanted: str | tuple[str, ...], same: bool
) -> None:
    assert replace(known("pending"), **has).has_role(wanted) is same


def test_several_roles_are_not_updated_but_replaced() -> None:
    case = Case(replace(ROW, role=("a", "b")), [known("pending", role="a", roles=("a",))], Policy(), ALL, "svc", NOW)
    assert decide(case).action == "replace"


@pytest.mark.parametrize(
    "wrong",
    [
        {"expired": "renew"},
        {"other_role": "change"},
        {"chase_after": timedelta()},
        {"chase_after": timedelta(days=4000)},
        {"chase_after": 7},
        {"again": "declined"},
        {"again": {"accepted"}},
        {"again": {"expired"}},
    ],
)
def test_a_policy_refuses_what_cannot_be_meant(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError):
        Policy(**wrong)


@pytest.mark.parametrize("again", [["declined"], {"declined"}, (Status.DECLINED,), {Status.DECLINED: 1}])
def test_a_policy_takes_its_words_in_any_collection(again: Any) -> None:
    assert Policy(again=again) == Policy(again=frozenset({Status.DECLINED}))


def test_an_invitation_that_is_kept_shows_no_id() -> None:
    assert "inv-secret" not in repr(known("pending", key="inv-secret"))


def test_who_was_mailed_nobody_knows_when_is_not_chased_and_the_reason_says_so() -> None:
    found = [replace(OPEN, created_at=None, expires_at=None)]
    chase = Policy(chase_after=DAY)

    assert decided(found, chase).reason == "pending already; nobody knows when it was mailed, so it is not chased"
    assert decided(found).reason == "pending already"
    assert decided(found, chase, mailed_at=NOW - 2 * DAY).action == "resend"
