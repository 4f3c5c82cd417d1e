"""The pytest plugin: its fixtures, its markers, what it fails a test for, and that others do not notice it."""

from __future__ import annotations

import runpy
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from textwrap import dedent

import pytest
from _pytest.fixtures import FixtureFunctionDefinition

import invite_sdk
import pytest_invite_sdk
from invite_sdk import testing
from invite_sdk._model.installed import BUILT_IN
from invite_sdk.services import registry

pytest_plugins = ["pytester"]

Run = Callable[..., pytest.RunResult]

# A run inside this process forgets the modules that it loaded, but our lazy packages keep the names from these.
SERVICES = tuple(BUILT_IN)
clients = [import_module(f"invite_clients.{name}") for name in SERVICES]
for package in (invite_sdk, testing, *clients):
    for each in package.__all__:
        getattr(package, each)
for name in SERVICES:
    registry.adapter_class(name)

# What an unrelated suite would have to pay for, or could be disturbed by.
HEAVY = {"anyio", "asyncio", "httpx", "invite_clients", "invite_sdk", "pydantic", "respx", "uvicorn"}


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    """A directory for a test suite of its own, in which every warning is an error and markers must be declared."""
    pytester.makeini(
        """
        [pytest]
        addopts = --strict-markers --strict-config -p no:cacheprovider -p no:randomly -p no:xdist -p no:schemathesis
        filterwarnings = error
        """
    )
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture
        def ask():
            import httpx

            def ask(fake, method, target, body=b"", kind=None):
                with httpx.Client(transport=fake.transport()) as client:
                    headers = [("Content-Type", kind)] if kind else []
                    return client.request(method, f"{fake.base_url}{target}", content=body, headers=headers)

            return ask
        """
    )
    return pytester


@pytest.fixture
def run(suite: pytest.Pytester) -> Run:
    """Runs a file of tests, which need not import pytest."""

    def run(source: str, *options: str) -> pytest.RunResult:
        suite.makepyfile(f"import pytest\n{dedent(source)}")
        return suite.runpytest(*options)

    return run


def lines_of(result: pytest.RunResult) -> str:
    return "\n".join(result.outlines)


# Fixtures


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_a_fake_and_connected_clients(run: Run, service: str) -> None:
    run(f"""
        def test_fake(invite_{service}):
            assert invite_{service}.service == "{service}"
            assert not invite_{service}.requests

        def test_client(invite_{service}, invite_{service}_client):
            assert invite_{service}_client.service == "{service}"
            if invite_{service}_client.supports("list"):
                invite_{service}_client.list().all()
                assert "list" in invite_{service}.requests[-1].operation

        @pytest.mark.anyio
        async def test_async_client(invite_{service}, invite_{service}_async_client):
            assert invite_{service}_async_client.service == "{service}"
            if invite_{service}_async_client.supports("list"):
                await invite_{service}_async_client.list().all()
                assert "list" in invite_{service}.requests[-1].operation
        """).assert_outcomes(passed=4)


def test_an_async_client_needs_no_plugin_and_no_closing(run: Run) -> None:
    run(
        """
        import asyncio

        def test_it(invite_zenml_async_client):
            async def listing():
                return await invite_zenml_async_client.list().all()

            assert len(asyncio.run(listing())) == 2
        """,
        "-p",
        "no:anyio",
    ).assert_outcomes(passed=1)


def test_every_fake_is_served_where_its_url_fixture_says(run: Run) -> None:
    run("""
        import urllib.error, urllib.request

        @pytest.mark.parametrize(
            ("service", "path"),
            [("waldur", "/api/user-invitations/"), ("cloudtruth", "/api/v1/invitations/"), ("zenml", "/invitations")],
        )
        def test_it(request, service, path):
            url = request.getfixturevalue(f"invite_{service}_url")
            fake = request.getfixturevalue(f"invite_{service}")
            assert url == fake.base_url
            with pytest.raises(urllib.error.HTTPError, match="401") as caught:
                urllib.request.urlopen(f"{url}{path}")
            caught.value.close()
            assert len(fake.requests) == 1

        def test_enhance(invite_enhance, invite_enhance_url):
            key = invite_enhance.invite("nina@example.com").id
            url = f"{invite_enhance_url}/api/invites/{key}/validate"
            with urllib.request.urlopen(urllib.request.Request(url, method="POST")) as answer:
                assert b'"isValid":true' in answer.read()
        """).assert_outcomes(passed=4)


def test_a_client_is_of_the_served_fake_whichever_fixture_came_first(run: Run) -> None:
    run("""
        def test_it(invite_cloudtruth_client, invite_cloudtruth, invite_cloudtruth_url):
            for number in range(11):
                invite_cloudtruth.invite(f"user{number}@example.com")
            # The link to the next page carries the served URL, and credentials go to no other.
            assert len(invite_cloudtruth_client.list(page_size=10).all()) == 11
        """).assert_outcomes(passed=1)


def test_the_fixtures_of_a_test_share_a_clock_and_nothing_outlives_it(run: Run) -> None:
    run("""
        def test_one(invite_clock, invite_waldur, invite_zenml):
            invite_clock.advance(days=8)
            assert invite_waldur.clock is invite_zenml.clock is invite_clock
            invite_waldur.invite("nina@example.com")

        def test_two(invite_clock, invite_waldur):
            assert invite_clock.now().isoformat() == "2026-01-05T09:00:00+00:00"
            assert invite_waldur.invitations == []
        """).assert_outcomes(passed=2)


def test_without_uvicorn_the_url_fixtures_say_what_to_install(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite.makeconftest(
        """
        import sys

        sys.modules["uvicorn"] = None
        sys.modules.pop("invite_sdk.testing.ways.server", None)
        """
    )
    suite.makepyfile("def test_it(invite_waldur_url): ...\ndef test_other(invite_waldur_client): ...")

    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    result = suite.runpytest_subprocess("-p", "invite_sdk")

    result.assert_outcomes(errors=1, passed=1)
    assert "the fixture invite_waldur_url serves over HTTP and needs uvicorn: pip install 'invite-sdk[testing]'" in (
        lines_of(result)
    )


# Markers


def test_markers_say_the_version_the_era_and_the_options(run: Run) -> None:
    run("""
        @pytest.mark.invite_waldur(version="7.0.7", only_staff_can_invite=True)
        def test_waldur(invite_waldur):
            assert invite_waldur.version == "7.0.7"
            assert invite_waldur.settings.only_staff_can_invite

        @pytest.mark.invite_waldur("2025")
        def test_positional(invite_waldur):
            assert invite_waldur.version == "2025"

        @pytest.mark.invite_cloudtruth(era="2021")
        @pytest.mark.invite_enhance(answer="key")
        @pytest.mark.invite_zenml(token_lifetime=5)
        def test_others(invite_cloudtruth, invite_enhance, invite_zenml):
            assert (invite_cloudtruth.era, invite_enhance.answer, invite_zenml.token_lifetime) == ("2021", "key", 5)
        """).assert_outcomes(passed=3)


def test_the_marker_nearest_to_the_test_goes_first(run: Run) -> None:
    run("""
        pytestmark = pytest.mark.invite_waldur(version="7.0.7", seed=1)

        @pytest.mark.invite_waldur(user="staff")
        class TestIt:
            @pytest.mark.invite_waldur(version="2025")
            def test_it(self, invite_waldur):
                twin = type(invite_waldur)("2025", seed=1)
                assert invite_waldur.version == "2025"
                assert invite_waldur.users["staff"] == twin.users["staff"]
        """).assert_outcomes(passed=1)


def test_a_marker_says_whom_the_clients_act_for(run: Run) -> None:
    run("""
        import asyncio


        @pytest.mark.invite_zenml(user="ben")
        def test_it(invite_zenml_client, invite_zenml_async_client):
            async def listing():
                return await invite_zenml_async_client.list().all()

            # Ana has two, Ben has one.
            assert len(invite_zenml_client.list().all()) == len(asyncio.run(listing())) == 1
        """).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "fixture", "said"),
    [
        ("invite_waldur(version='1')", "invite_waldur", "@pytest.mark.invite_waldur(version='1'): "),
        ("invite_waldur(versoin='2025')", "invite_waldur", "@pytest.mark.invite_waldur(versoin='2025'): "),
        ("invite_zenml(user='zoe')", "invite_zenml_client", "there is no user 'zoe'; there are ana, ben, olivia, ci"),
        ("invite_zenml(empty=True)", "invite_zenml_client", "FakeZenML of this test has no users to connect as"),
        ("invite_fault('drop_rply')", "invite_zenml", "@pytest.mark.invite_fault('drop_rply'): no fault of the kind"),
        ("invite_fault('status')", "invite_zenml", "@pytest.mark.invite_fault('status'): "),
        ("invite_fault(service='zenml')", "invite_zenml", "@pytest.mark.invite_fault(service='zenml'): "),
        (
            "invite_fault('drop_reply', service='zenml', on='get_invitations')",
            "invite_zenml",
            "zenml has no operation 'get_invitations'; did you mean get_invitation?",
        ),
        ("invite_fault(Fault.html(), keep=1)", "invite_zenml", "a Fault is made already, it takes no keep"),
    ],
)
def test_a_wrong_marker_is_told_in_one_line(run: Run, marker: str, fixture: str, said: str) -> None:
    result = run(f"""
        from invite_sdk.testing import Fault

        @pytest.mark.{marker}
        def test_it({fixture}): ...
        """)

    result.assert_outcomes(errors=1)
    assert said in lines_of(result)
    assert "During handling" not in lines_of(result)
    assert "pytest_invite_sdk.py" not in lines_of(result)


@pytest.mark.parametrize(
    "marker",
    [
        "invite_fault(service='zenml', on='list_invitations', nth=2, fault='status', status=520)",
        "invite_fault('status', on='list_invitations', nth=2, status=520)",
        "invite_fault(Fault.status(520), on=['list_invitations', 'get_invitation'], nth=2)",
    ],
)
def test_a_marker_plans_a_fault(run: Run, marker: str) -> None:
    run(f"""
        import httpx
        from invite_sdk.testing import Fault

        @pytest.mark.{marker}
        def test_it(invite_zenml, invite_waldur):
            with httpx.Client(transport=invite_zenml.transport()) as client:
                statuses = [client.get("https://zenml.example/invitations").status_code for _ in range(3)]
            assert statuses == [401, 520, 401]
            assert [injected.fault.kind for injected in invite_zenml.faults.injected] == ["status"]
        """).assert_outcomes(passed=1)


# What a test is failed for


def test_a_request_for_no_operation_fails_the_test_and_is_explained(run: Run) -> None:
    result = run("""
        def test_it(invite_waldur, ask):
            ask(invite_waldur, "POST", "/api/user-invitation/?x=1", b'{"email":"nina@example.com"}', "application/json")
        """)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "FakeWaldur got a request for no operation of the service:",
            "  POST /api/user-invitation/?x=1",
            '    sent application/json: {"email":"nina@example.com"}',
            "    answered 404; the nearest known operation is user_invitations_create: POST /api/user-invitations/",
            "If the test means it: @pytest.mark.invite_allow(unexpected=True), or invite_allow_unexpected = true in *",
        ],
        consecutive=True,
    )
    assert "pytest_invite_sdk.py" not in lines_of(result)


def test_long_bodies_and_many_requests_are_cut_short(run: Run) -> None:
    result = run("""
        def test_it(invite_zenml, ask):
            for number in range(7):
                ask(invite_zenml, "PUT", f"/thing/{number}", b"x" * 1000)
        """)

    result.stdout.fnmatch_lines(
        [
            "FakeZenML got 7 requests for no operation of the service:",
            "    sent without a content type: " + "x" * 500 + "*",
        ]
    )
    result.stdout.fnmatch_lines(["*x... (1000 bytes)", "  PUT /thing/4", "  and 2 more"])
    assert "/thing/5" not in lines_of(result)


@pytest.mark.parametrize(
    ("fixture", "method", "path", "meant"),
    [
        ("invite_waldur", "POST", "/user-invitations/", "user_invitations_create: POST /api/user-invitations/"),
        ("invite_waldur", "GET", "/api/user-invitations", "user_invitations_list: GET /api/user-invitations/"),
        ("invite_waldur", "POST", "/api/user-invitations/0ab/accept", "user_invitations_accept: POST"),
        ("invite_waldur", "POST", "/api/user-invitations/0ab/resend/", "user_invitations_send: POST"),
        ("invite_cloudtruth", "POST", "/v1/invitations/", "invitations_create: POST /api/v1/invitations/"),
        (
            "invite_cloudtruth",
            "DELETE",
            "/api/v1/invitation/0ab/",
            "invitations_destroy: DELETE /api/v1/invitations/*/",
        ),
        ("invite_zenml", "GET", "/invitations/", "list_invitations: GET /invitations"),
        ("invite_zenml", "POST", "/auth/logn", "auth_login: POST /auth/login"),
        ("invite_enhance", "POST", "/orgs/0ab/invites", "create_invite: POST /api/orgs/*/invites"),
        ("invite_enhance", "GET", "/api/invites/0ab/validate", "validate_invite: POST /api/invites/*/validate"),
    ],
)
def test_the_nearest_operation_is_named(run: Run, fixture: str, method: str, path: str, meant: str) -> None:
    result = run(f"def test_it({fixture}, ask):\n    ask({fixture}, {method!r}, {path!r})")

    result.assert_outcomes(failed=1)
    assert f"the nearest known operation is {meant}" in lines_of(result)


def test_a_fake_of_another_service_has_no_nearest_operation(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        from invite_sdk.testing import FakeZenML

        def test_it(invite_zenml, monkeypatch, ask):
            monkeypatch.setattr(FakeZenML, "routes", ())
            ask(invite_zenml, "GET", "/invitation")
        """
    )

    assert "answered 404; no operation of it is known" in lines_of(suite.runpytest())


def test_an_operation_that_an_old_server_lacks_is_not_unexpected(run: Run) -> None:
    run("""
        @pytest.mark.invite_waldur(version="7.0.7")
        def test_it(invite_waldur, ask):
            ask(invite_waldur, "PATCH", "/api/user-invitations/00000000000000000000000000000000/")
            assert invite_waldur.requests[0].operation is None
        """).assert_outcomes(passed=1)


def test_a_request_for_no_operation_that_meets_a_fault_was_meant(run: Run) -> None:
    run("""
        @pytest.mark.invite_fault("status", status=503)
        def test_it(invite_waldur, ask):
            ask(invite_waldur, "GET", "/health")
        """).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ("invite_fault('drop_reply', service='waldur')", "FakeWaldur: drop_reply() on any operation"),
        (
            "invite_fault('status', on='user_invitations_create', nth=3, status=520)",
            "FakeWaldur: status(status=520) on user_invitations_create, request 3",
        ),
        (
            "invite_fault('html', service='zenml')",
            "@pytest.mark.invite_fault('html', service='zenml'): no fake of this",
        ),
        ("invite_fault('html', on='get_invitation')", "on='get_invitation'): no fake of this test has it"),
    ],
)
def test_a_planned_fault_that_never_came_fails_the_test(run: Run, marker: str, said: str) -> None:
    result = run(f"""
        @pytest.mark.{marker}
        def test_it(invite_waldur): ...
        """)

    result.assert_outcomes(failed=1)
    assert "Faults were planned that no request met:" in lines_of(result)
    assert said in lines_of(result)
    assert "@pytest.mark.invite_allow(unused_faults=True)" in lines_of(result)


def test_a_fault_that_met_fewer_requests_than_planned_says_how_many(run: Run) -> None:
    result = run("""
        @pytest.mark.invite_fault('status', on='user_invitations_list', times=3, status=403)
        def test_it(invite_waldur_client):
            with pytest.raises(Exception, match="403"):
                invite_waldur_client.list().all()
        """)

    result.assert_outcomes(failed=1)
    assert "status(status=403) on user_invitations_list, 3 times, of which 1 met it" in lines_of(result)


def test_a_fault_for_a_test_without_any_fake_fails_it(run: Run) -> None:
    run("""
        @pytest.mark.invite_fault("html", service="waldur")
        def test_it(): ...
        """).assert_outcomes(failed=1)


def doing_both(marker: str, module: str = "") -> str:
    """A test that is failed for each of the two reasons."""
    return f"""
    {module}

    {marker}
    def test_it(invite_waldur, ask):
        from invite_sdk.testing import Fault

        ask(invite_waldur, "GET", "/health")
        invite_waldur.faults.plan(Fault.html(), on="user_invitations_list")
    """


@pytest.mark.parametrize(
    ("module", "marker", "options", "outcome"),
    [
        ("", "", [], "failed"),
        ("", "@pytest.mark.invite_allow(unexpected=True)", [], "failed"),
        ("", "@pytest.mark.invite_allow(unused_faults=True)", [], "failed"),
        ("", "@pytest.mark.invite_allow(unexpected=True, unused_faults=True)", [], "passed"),
        ("pytestmark = pytest.mark.invite_allow(unexpected=True, unused_faults=True)", "", [], "passed"),
        (
            "pytestmark = pytest.mark.invite_allow(unexpected=True, unused_faults=True)",
            "@pytest.mark.invite_allow(unexpected=False)",
            [],
            "failed",
        ),
        ("", "", ["-o", "invite_allow_unexpected=true", "-o", "invite_allow_unused_faults=true"], "passed"),
        ("", "", ["-o", "invite_allow_unexpected=true"], "failed"),
        (
            "",
            "@pytest.mark.invite_allow(unexpected=False)",
            ["-o", "invite_allow_unexpected=true", "-o", "invite_allow_unused_faults=true"],
            "failed",
        ),
    ],
)
def test_a_test_is_let_off_by_its_marker_or_the_configuration(
    run: Run, module: str, marker: str, options: list[str], outcome: str
) -> None:
    run(doing_both(marker, module), *options).assert_outcomes(**{outcome: 1})


@pytest.mark.parametrize("arguments", ["'unexpected'", "unexpcted=True", ""])
def test_a_misspelled_allowance_is_told(run: Run, arguments: str) -> None:
    result = run(doing_both(f"@pytest.mark.invite_allow({arguments})"))

    result.assert_outcomes(errors=1)
    said = f"@pytest.mark.invite_allow({arguments}): it takes unexpected=True and unused_faults=True, or one of them"
    assert said in lines_of(result)


def test_a_test_that_fails_by_itself_shows_both_reasons(run: Run) -> None:
    result = run("""
        def test_it(invite_waldur, ask):
            ask(invite_waldur, "GET", "/api/user-invitation/")
            assert invite_waldur.effects["created"] == 1, "not invited"
        """)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*AssertionError: not invited", "*invite_sdk*", "FakeWaldur got a request for no *"])


def test_skipped_and_expected_failures_stay_what_they_are(run: Run) -> None:
    run("""
        def test_skip(invite_waldur, ask):
            ask(invite_waldur, "GET", "/health")
            pytest.skip("later")

        @pytest.mark.xfail(strict=True)
        def test_xfail(invite_waldur, ask):
            ask(invite_waldur, "GET", "/health")
        """).assert_outcomes(skipped=1, xfailed=1)


def test_the_async_test_that_asks_for_no_operation_fails_as_well(run: Run) -> None:
    run(
        """
        @pytest.mark.anyio
        async def test_it(invite_waldur, ask):
            ask(invite_waldur, "GET", "/health")
        """,
        "-k",
        "asyncio",
    ).assert_outcomes(failed=1)


# Other people's suites

UNRELATED = """
    import sys
    import unittest

    import pytest

    def test_plain(tmp_path): ...

    @pytest.mark.parametrize("number", [1, 2])
    def test_parametrized(number): ...

    class TestCase(unittest.TestCase):
        def test_method(self): ...

    @pytest.fixture
    def invite():
        return "mine"

    def test_own_fixture(invite):
        assert invite == "mine"
"""


def test_an_unrelated_suite_is_collected_and_passes_as_without_the_plugin(suite: pytest.Pytester) -> None:
    suite.makepyfile(UNRELATED)
    with_it = suite.runpytest("--collect-only", "-q").outlines
    without_it = suite.runpytest("--collect-only", "-q", "-p", "no:invite_sdk").outlines

    # The last line tells the time.
    assert with_it[:-1] == without_it[:-1] != []
    for options in ([], ["-p", "no:invite_sdk"]):
        suite.runpytest(*options).assert_outcomes(passed=5, warnings=0)


def test_the_plugin_can_be_switched_off(run: Run) -> None:
    result = run("def test_it(invite_waldur): ...", "-p", "no:invite_sdk")

    result.assert_outcomes(errors=1)
    assert "fixture 'invite_waldur' not found" in lines_of(result)


def test_the_plugin_loads_pytest_and_the_standard_library_only(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(
        f"""
        import sys

        def test_it():
            assert "pytest_invite_sdk" in sys.modules
            assert sorted({HEAVY!r} & {{name.split(".")[0] for name in sys.modules}}) == []
        """
    )
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    # By the name of its entry point, and without the other plugins of this environment, some of which load a lot.
    pytester.runpytest_subprocess("-p", "invite_sdk").assert_outcomes(passed=1)


def test_all_that_the_plugin_offers_is_prefixed() -> None:
    # A copy of its own: pytest loaded the plugin before anything could watch.
    module = runpy.run_path(str(pytest_invite_sdk.__file__))
    fixtures = [name for name, value in module.items() if isinstance(value, FixtureFunctionDefinition)]

    assert fixtures == [
        "invite_clock",
        *(f"invite_{service}{kind}" for service in SERVICES for kind in ("", "_client", "_async_client", "_url")),
    ]
    own = [name for name, value in module.items() if getattr(value, "__module__", "") == module["__name__"]]
    assert [name for name in own if not name.startswith(("_", "invite_", "pytest_"))] == []


def test_what_the_plugin_adds_to_the_loading_of_pytest_is_little() -> None:
    program = (
        "import sys, pytest\n"
        "before = set(sys.modules)\n"
        "import pytest_invite_sdk\n"
        "print(sorted(set(sys.modules) - before))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert done.stdout == "['pytest_invite_sdk']\n"


def test_the_markers_and_fixtures_tell_what_they_are(suite: pytest.Pytester) -> None:
    marked = lines_of(suite.runpytest("--markers"))
    for name in (*SERVICES, "fault", "allow"):
        assert f"@pytest.mark.invite_{name}(" in marked

    fixtures = lines_of(suite.runpytest("--fixtures", "-q"))
    for service in SERVICES:
        for name in (f"invite_{service}", *(f"invite_{service}_{kind}" for kind in ("client", "async_client", "url"))):
            assert f"\n{name} -- " in fixtures
    assert "no docstring available" not in fixtures.partition("invite_clock")[2].partition("\n\n\n")[0]
