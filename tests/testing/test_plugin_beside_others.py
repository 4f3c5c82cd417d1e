"""The pytest plugin in an environment whose tests freeze time, also those that have nothing to do with us."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

WAYS = {"alone": [], "with xdist": ["-p", "xdist", "-n", "1"]}


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A directory for a test suite whose environment has nothing but this plugin and what a test names."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini(
        """
        [pytest]
        addopts = --strict-markers --strict-config -p no:cacheprovider -p invite_sdk
        filterwarnings = error
        """
    )
    return pytester


UNRELATED = """
    import datetime, sys

    import pydantic
    from freezegun import freeze_time

    class Event(pydantic.BaseModel):
        at: datetime.datetime

    @freeze_time("2020-01-01")
    def test_frozen():
        assert datetime.date.today().year == 2020
        assert Event(at=datetime.datetime.now()).at.year == 2020

    def test_thawed():
        assert datetime.date.today().year > 2020
        class Later(pydantic.BaseModel):
            at: datetime.datetime
        assert Later(at="2020-01-01").at.year == 2020
"""


@pytest.mark.parametrize("options", WAYS.values(), ids=WAYS)
def test_tests_that_do_not_use_us_notice_nothing_and_load_nothing(suite: pytest.Pytester, options: list[str]) -> None:
    suite.makepyfile(
        UNRELATED
        + """
    def test_nothing_is_loaded():
        assert "pytest_invite_sdk" in sys.modules
        assert [name for name in sys.modules if name.split(".")[0] in ("invite_sdk", "invite_clients")] == []
"""
    )

    suite.runpytest_subprocess(*options).assert_outcomes(passed=3)


USING = """
    def test_plain(invite_waldur, invite_waldur_client):
        invite_waldur.invite("nina@example.com")
        assert [one.email for one in invite_waldur_client.list()] == ["nina@example.com"]

    @freeze_time("2020-01-01")
    def test_frozen_with_fixtures(invite_zenml_client, invite_zenml_async_client, invite_clock):
        import asyncio
        async def listing():
            return await invite_zenml_async_client.list().all()
        assert len(invite_zenml_client.list().all()) == len(asyncio.run(listing())) == 2
        assert invite_clock.now().year > 2020

    @freeze_time("2020-01-01")
    def test_frozen_and_served(invite_cloudtruth, invite_cloudtruth_client, invite_cloudtruth_url):
        import urllib.error, urllib.request
        try:
            urllib.request.urlopen(f"{invite_cloudtruth_url}/api/v1/invitations/")
        except urllib.error.HTTPError as error:
            with error:
                assert error.code == 401

    @pytest.mark.invite_fault("retry_after", service="waldur", on="user_invitations_list", after=0)
    @freeze_time("2020-01-01")
    def test_frozen_with_a_marker(invite_waldur_client):
        assert invite_waldur_client.list().all() == []

    def test_frozen_fixtures(request):
        with freeze_time("2020-01-01"):
            fake = request.getfixturevalue("invite_enhance")
            client = request.getfixturevalue("invite_enhance_client")
            made = client.create("nina@example.com", role="SiteAccess", name="Nina")
            assert fake.clock.now() == datetime.datetime.now(datetime.UTC)
            assert made.email == "nina@example.com"
"""


@pytest.mark.parametrize("options", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("using_first", [False, True])
def test_tests_that_use_us_and_those_that_do_not_go_together(
    suite: pytest.Pytester, options: list[str], using_first: bool
) -> None:
    head = "import datetime\nimport pytest\nfrom freezegun import freeze_time\n"
    using = head + "\n".join(line.removeprefix("    ") for line in USING.splitlines())
    suite.makepyfile(**{"test_1_using" if using_first else "test_9_using": using, "test_5_unrelated": UNRELATED})

    suite.runpytest_subprocess(*options).assert_outcomes(passed=7)


def test_a_model_of_their_own_can_be_made_after_our_first_use_within_frozen_time(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        from freezegun import freeze_time

        @freeze_time("2020-01-01")
        def test_frozen(invite_waldur_client):
            assert invite_waldur_client.list().all() == []

        def test_thawed():
            import datetime
            from pydantic import BaseModel

            class Event(BaseModel):
                at: datetime.datetime

            assert Event(at="2020-01-01").at.year == 2020
        """
    )

    suite.runpytest_subprocess().assert_outcomes(passed=2)
