"""How many requests a list costs: the pages of its scopes, and one for each write."""

from __future__ import annotations

import pytest

from invite_sdk.testing import FakeCloudTruth
from invite_sdk.testing.suite.ways import Way
from tests.roster.people import People, asked

PAGE = 100


def invited(number: int) -> FakeCloudTruth:
    """A service with so many invitations, on pages of a hundred."""
    fake = FakeCloudTruth(max_page_size=PAGE)
    for place in range(number):
        fake.invite(f"p{place}@example.org")
    return fake


def viewers(number: int) -> list[dict[str, object]]:
    return [{"email": f"p{place}@example.org", "role": "VIEWER"} for place in range(number)]


@pytest.mark.parametrize(("there", "listed"), [(1, 1), (950, 10), (950, 2000)])
def test_a_plan_costs_the_pages_that_are_there_whatever_the_list(way: Way, there: int, listed: int) -> None:
    fake = invited(there)
    plan = People(way, fake, viewers(listed)).plan()

    assert len(plan) == listed
    assert asked(fake) == {"invitations_list": -(-there // PAGE)}


def test_applying_costs_the_pages_once_more_and_one_request_for_each_write(way: Way) -> None:
    fake = invited(250)
    list_ = People(way, fake, viewers(300))
    plan = list_.plan()
    fake.requests.clear()
    list_.apply(plan)

    assert asked(fake) == {"invitations_list": 3, "invitations_create": 50}


def test_a_plan_without_a_write_is_applied_without_a_request(way: Way) -> None:
    fake = invited(250)
    list_ = People(way, fake, viewers(250))
    plan = list_.plan()
    fake.requests.clear()
    list_.apply(plan)

    assert asked(fake) == {}
