"""What find, list and count bring: one result for each client, whatever became of the others."""

from __future__ import annotations

from typing import Any

import pytest

from invite_sdk import (
    AuthenticationError,
    ConnectError,
    InvalidArgumentError,
    InviteError,
    PermissionDeniedError,
    ResponseParseError,
    TimeoutError,  # noqa: A004 - ours
    TransportError,
    UnsupportedOperationError,
    UnsupportedParameterError,
    Waldur,
)
from invite_sdk.hub import HubResult
from invite_sdk.testing import (
    FakeCloudTruth,
    FakeEnhance,
    FakeRequest,
    FakeResponse,
    FakeService,
    FakeWaldur,
    FakeZenML,
    Fault,
)
from invite_sdk.testing.suite.meddler import After, Meddler
from tests.hub.conftest import Ground

ANA = "ana@example.com"


def outcomes(result: HubResult) -> dict[str, str]:
    return {each.client: each.outcome for each in result}


def spoiling(old: str, new: str) -> After:
    """Changes what an answer says."""

    def after(request: FakeRequest, answer: FakeResponse) -> FakeResponse:
        body = answer.body.replace(old.encode(), new.encode())
        headers = tuple(pair for pair in answer.headers if pair[0].lower() != "content-length")
        return FakeResponse(answer.status, headers, body)

    return after


def test_one_address_is_found_in_every_service_whatever_its_status(ground: Ground) -> None:
    waldur, cloudtruth = FakeWaldur(), FakeCloudTruth()
    waldur.invite(ANA, state="accepted")
    waldur.invite(ANA)
    waldur.invite("not-ana@example.com")
    cloudtruth.invite("ANA@example.com")

    result = ground.hub_of(portal=waldur, secrets=cloudtruth).find(ANA)

    assert [(each.client, each.service, each.outcome, each.count) for each in result] == [
        ("portal", "waldur", "found", 2),
        ("secrets", "cloudtruth", "found", 1),
    ]
    assert sorted(str(row.status) for row in result["portal"].invitations) == ["accepted", "pending"]
    assert result.ok
    assert result.total == len(result.invitations) == 3


def test_one_service_may_be_there_twice(ground: Ground) -> None:
    cloud, campus = FakeWaldur(), FakeWaldur(seed=1)
    campus.invite(ANA)

    result = ground.hub_of(cloud=cloud, campus=campus).find(ANA)

    assert outcomes(result) == {"cloud": "nothing", "campus": "found"}
    assert [row["client"] for row in result.rows()] == ["campus"]


def test_a_client_that_cannot_find_an_address_says_so_and_is_not_asked(ground: Ground) -> None:
    zenml, enhance, cloudtruth = FakeZenML(), FakeEnhance(), FakeCloudTruth()

    result = ground.hub_of(zenml=zenml, enhance=enhance, cloudtruth=cloudtruth).find(ANA)

    assert outcomes(result) == {"zenml": "unsupported", "enhance": "unsupported", "cloudtruth": "nothing"}
    assert isinstance(result["zenml"].errors[0], UnsupportedParameterError)
    assert isinstance(result["enhance"].errors[0], UnsupportedOperationError)
    assert zenml.requests == enhance.requests == []
    assert not result.ok


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.refuse_connection(), ConnectError),
        (Fault.slow_headers(seconds=3600), TimeoutError),
        (Fault.status(403), PermissionDeniedError),
        (Fault.truncated_body(), TransportError),
        (Fault.invalid_json(), ResponseParseError),
    ],
    ids=str,
)
@pytest.mark.parametrize("operation", ["find", "list", "count"])
def test_a_client_that_fails_hides_no_other_and_is_not_taken_for_empty(
    ground: Ground, fault: Fault, error: type[InviteError], operation: str
) -> None:
    broken, sound = FakeWaldur(), FakeWaldur(seed=1)
    sound.invite(ANA)
    broken.faults.plan(fault, times=None)
    hub = ground.hub_of(broken=broken, sound=sound)

    result = hub.find(ANA) if operation == "find" else getattr(hub, operation)(email=ANA)

    assert outcomes(result) == {"broken": "failed", "sound": "found"}
    assert [type(each) for each in result["broken"].errors] == [error]
    assert result["broken"].count is None
    assert result.total == 1


def test_a_client_whose_credentials_are_refused_fails_alone(ground: Ground) -> None:
    waldur, cloudtruth = FakeWaldur(), FakeCloudTruth()
    stranger = ground.client(waldur, connection=Waldur(waldur.base_url, token="not-the-token"))

    result = ground.hub({"waldur": stranger, "cloudtruth": ground.client(cloudtruth)}).find(ANA)

    assert outcomes(result) == {"waldur": "failed", "cloudtruth": "nothing"}
    assert isinstance(result["waldur"].errors[0], AuthenticationError)


def test_what_was_read_before_a_listing_failed_is_kept(ground: Ground) -> None:
    fake = FakeCloudTruth()
    for number in range(3):
        fake.invite(f"{number}@example.com")
    fake.faults.plan(Fault.status(500), on="invitations_list", nth=2)

    result = ground.hub_of(secrets=fake).list(page_size=1)

    assert outcomes(result) == {"secrets": "failed"}
    assert (len(result.invitations), result["secrets"].count) == (1, None)


def test_a_row_that_cannot_be_read_and_may_be_the_one_is_no_nothing(ground: Ground) -> None:
    fake = FakeCloudTruth()
    row = fake.invite(ANA)
    client = ground.client(fake, transport=Meddler(fake, None, spoiling(f'"{row.id}"', "[]")))

    result = ground.hub({"secrets": client}).find(ANA)

    assert outcomes(result) == {"secrets": "unknown"}
    assert isinstance(result["secrets"].errors[0], ResponseParseError)
    assert len(result["secrets"].problems) == 1
    assert result["secrets"].count is None


def test_a_row_that_does_not_say_whose_it_is_may_be_the_one(ground: Ground) -> None:
    fake = FakeWaldur()
    fake.invite(ANA)
    client = ground.client(fake, transport=Meddler(fake, None, spoiling(f'"{ANA}"', "null")))

    assert outcomes(ground.hub({"portal": client}).find(ANA)) == {"portal": "unknown"}


def test_somebody_elses_row_that_cannot_be_read_makes_no_doubt(ground: Ground) -> None:
    fake = FakeCloudTruth()
    row = fake.invite("ben@example.com")
    client = ground.client(fake, transport=Meddler(fake, None, spoiling(f'"{row.id}"', "[]")))
    hub = ground.hub({"secrets": client})

    assert outcomes(hub.find(ANA)) == {"secrets": "nothing"}
    assert outcomes(hub.list()) == {"secrets": "unknown"}


def test_a_listing_takes_the_filters_of_clients_and_a_limit_for_each(ground: Ground) -> None:
    waldur, cloudtruth = FakeWaldur(), FakeCloudTruth()
    for fake in (waldur, cloudtruth):
        for number in range(3):
            fake.invite(f"{number}@example.com")

    result = ground.hub_of(waldur=waldur, cloudtruth=cloudtruth).list(status="pending", limit=2)

    assert [each.count for each in result] == [2, 2]


def test_a_count_is_the_sum_and_each_clients_own(ground: Ground) -> None:
    waldur, cloudtruth, enhance = FakeWaldur(), FakeCloudTruth(), FakeEnhance()
    waldur.invite(ANA)
    waldur.invite("ben@example.com", state="canceled")

    result = ground.hub_of(waldur=waldur, cloudtruth=cloudtruth, enhance=enhance).count(status="pending")

    assert [(each.outcome, each.count) for each in result] == [("found", 1), ("nothing", 0), ("unsupported", None)]
    assert result.total == 1


@pytest.mark.parametrize("email", ["", "ana", "ana@example.com, ben@example.com", "a b@example.com", None, ["a@b.c"]])
@pytest.mark.parametrize("operation", ["find", "offboard"])
def test_what_is_no_address_is_refused_once_and_before_anything_is_sent(
    ground: Ground, email: Any, operation: str
) -> None:
    fakes: dict[str, FakeService] = {"waldur": FakeWaldur(), "cloudtruth": FakeCloudTruth(), "enhance": FakeEnhance()}

    with pytest.raises(InvalidArgumentError, match="email must be one"):
        getattr(ground.hub_of(**fakes), operation)(email)

    assert all(fake.requests == [] for fake in fakes.values())


@pytest.mark.parametrize("operation", ["list", "count"])
@pytest.mark.parametrize("wrong", [{"status": "opened"}, {"timeout": -1}, {"emial": ANA}])
def test_arguments_that_no_client_takes_are_refused_at_once(
    ground: Ground, operation: str, wrong: dict[str, Any]
) -> None:
    waldur, enhance = FakeWaldur(), FakeEnhance()

    with pytest.raises(InvalidArgumentError):
        getattr(ground.hub_of(waldur=waldur, enhance=enhance), operation)(**wrong)

    assert waldur.requests == enhance.requests == []


def test_a_filter_that_one_client_refuses_is_its_own_failure(ground: Ground) -> None:
    strict, sound = FakeWaldur(), FakeWaldur(seed=1)
    sound.invite(ANA)
    clients = {"strict": ground.client(strict, resolve=False), "sound": ground.client(sound)}

    result = ground.hub(clients).list(email=ANA, organization="Acme Org")

    assert outcomes(result) == {"strict": "failed", "sound": "found"}
    assert isinstance(result["strict"].errors[0], InvalidArgumentError)
    assert strict.requests == []
