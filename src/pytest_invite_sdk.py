"""The way in through pytest: fixtures and markers, all of them prefixed `invite_`.

The entry point makes this plugin active in every test run of its environment. So this module imports pytest and the
standard library only, lies outside the package, which would be loaded with it, and does nothing for a test that has no
fixture and no marker of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Final, NoReturn, cast

import pytest

if TYPE_CHECKING:
    import pluggy

    from invite_sdk import AsyncInviteClient, InviteClient
    from invite_sdk.services.connection import Connection
    from invite_sdk.testing import FakeClock, FakeService, Plan

_KINDS: Final = {
    "waldur": "FakeWaldur",
    "cloudtruth": "FakeCloudTruth",
    "zenml": "FakeZenML",
    "enhance": "FakeEnhance",
}
_ALLOWANCES: Final = {
    "unexpected": "may send fakes requests for no operation of their service",
    "unused_faults": "may leave planned faults unused",
}
_MARKERS: Final = (
    *(
        f"invite_{service}(user=..., **options): whom the clients act for, and the arguments of {kind}"
        for service, kind in _KINDS.items()
    ),
    (
        "invite_fault(fault, service=..., on=..., nth=..., when=..., times=..., **arguments): "
        "a Fault, or a kind and its arguments"
    ),
    f"invite_allow(unexpected=..., unused_faults=...): whether the test {' and '.join(_ALLOWANCES.values())}",
)

_FAKES: Final = pytest.StashKey["list[FakeService]"]()
"""The fakes that a test has from here."""


# Set-up and verdict


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the two settings of the configuration file."""
    for name, what in _ALLOWANCES.items():
        parser.addini(
            f"invite_allow_{name}", f"whether {what}; the marker invite_allow goes first", "bool", default=False
        )


def pytest_configure(config: pytest.Config) -> None:
    """Declares the markers, also for `--strict-markers`."""
    for line in _MARKERS:
        config.addinivalue_line("markers", line)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuses a misspelled allowance, which would allow nothing."""
    for mark in item.iter_markers("invite_allow"):
        if mark.args or not mark.kwargs or not set(mark.kwargs) <= set(_ALLOWANCES):
            _fail(f"{_show(mark)}: it takes {' and '.join(f'{name}=True' for name in _ALLOWANCES)}, or one of them")


@pytest.hookimpl(trylast=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Comes after the test itself, if it passed: what it did besides may still fail it."""
    complaint = _complaint(item)
    if complaint:
        _fail(complaint)


# The older kind of wrapper, which every pytest knows.
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pluggy.Result[pytest.TestReport]]:
    """Adds to a failed test's report what else was wrong, which may be the reason."""
    result = yield
    if call.when != "call" or call.excinfo is None or _FAKES not in item.stash:
        return
    report = result.get_result()
    complaint = _complaint(item) if report.failed else ""
    if complaint and complaint not in str(call.excinfo.value):
        report.sections.append(("invite_sdk", complaint))


def _complaint(item: pytest.Item) -> str:
    """What the test did and should not have done, or an empty text."""
    fakes = item.stash.get(_FAKES, list["FakeService"]())
    faults = list(item.iter_markers("invite_fault"))
    found: list[str] = []
    if fakes and not _is_allowed(item, "unexpected"):
        from invite_sdk.testing.base.expectations import describe, unexpected

        texts = [describe(fake, exchanges) for fake in fakes if (exchanges := unexpected(fake))]
        if texts:
            found += [*texts, _way_out("unexpected")]
    if (fakes or faults) and not _is_allowed(item, "unused_faults"):
        lines = [f"  {type(fake).__name__}: {plan}{_met(plan)}" for fake in fakes for plan in fake.faults.unused]
        lines += [
            f"  {_show(mark)}: no fake of this test has it"
            for mark in faults
            if not any(_meets(mark, fake) for fake in fakes)
        ]
        if lines:
            found += ["Faults were planned that no request met:", *lines, _way_out("unused_faults")]
    return "\n".join(found)


def _met(plan: Plan) -> str:
    return f", of which {plan.met} met it" if plan.met else ""


def _is_allowed(item: pytest.Item, what: str) -> bool:
    for mark in item.iter_markers("invite_allow"):
        if what in mark.kwargs:
            return bool(mark.kwargs[what])
    return bool(item.config.getini(f"invite_allow_{what}"))


def _way_out(what: str) -> str:
    return (
        f"If the test means it: @pytest.mark.invite_allow({what}=True), "
        f"or invite_allow_{what} = true in the configuration of pytest."
    )


# Fakes


@pytest.fixture
def invite_clock() -> FakeClock:
    """The clock of all fakes of the test; `invite_clock.advance(days=8)` moves it."""
    from invite_sdk.testing import FakeClock

    return FakeClock()


def _fake_fixture(service: str) -> object:
    def fake(request: pytest.FixtureRequest, invite_clock: FakeClock) -> Generator[FakeService]:
        item = cast("pytest.Item", request.node)
        made = _build(item, service, invite_clock)
        _plan_faults(item, made)
        fakes = item.stash.setdefault(_FAKES, [])
        fakes.append(made)
        yield made
        # Plugins that run a failed test once more do so with the same item.
        fakes.remove(made)

    return _fixture(fake, f"invite_{service}", f"A new {_KINDS[service]}, as the marker invite_{service} says.")


def _client_fixture(service: str) -> object:
    def client(request: pytest.FixtureRequest) -> Generator[InviteClient]:
        from invite_sdk import InviteClient

        fake, connection = _connect(request, service)
        with InviteClient(connection, transport=fake.transport()) as made:
            yield made

    return _fixture(client, f"invite_{service}_client", f"An InviteClient of the fixture invite_{service}.")


def _async_client_fixture(service: str) -> object:
    # Neither a coroutine nor closed: it has no sockets, so it works under whatever plugin runs the async tests.
    def client(request: pytest.FixtureRequest) -> AsyncInviteClient:
        from invite_sdk import AsyncInviteClient

        fake, connection = _connect(request, service)
        return AsyncInviteClient(connection, transport=fake.transport())

    return _fixture(client, f"invite_{service}_async_client", f"An AsyncInviteClient of the fixture invite_{service}.")


def _url_fixture(service: str) -> object:
    name = f"invite_{service}_url"

    def url(request: pytest.FixtureRequest) -> Generator[str]:
        fake = cast("FakeService", request.getfixturevalue(f"invite_{service}"))
        try:
            serving = fake.serve()
        except ImportError:
            _fail(f"the fixture {name} serves over HTTP and needs uvicorn: pip install 'invite-sdk[testing]'")
        with serving as base_url:
            yield base_url

    return _fixture(url, name, f"Where the fixture invite_{service} is served over HTTP, on loopback.")


def _fixture(function: Callable[..., object], name: str, text: str) -> object:
    function.__doc__ = text
    return pytest.fixture(name=name)(function)


invite_waldur = _fake_fixture("waldur")
invite_waldur_client = _client_fixture("waldur")
invite_waldur_async_client = _async_client_fixture("waldur")
invite_waldur_url = _url_fixture("waldur")

invite_cloudtruth = _fake_fixture("cloudtruth")
invite_cloudtruth_client = _client_fixture("cloudtruth")
invite_cloudtruth_async_client = _async_client_fixture("cloudtruth")
invite_cloudtruth_url = _url_fixture("cloudtruth")

invite_zenml = _fake_fixture("zenml")
invite_zenml_client = _client_fixture("zenml")
invite_zenml_async_client = _async_client_fixture("zenml")
invite_zenml_url = _url_fixture("zenml")

invite_enhance = _fake_fixture("enhance")
invite_enhance_client = _client_fixture("enhance")
invite_enhance_async_client = _async_client_fixture("enhance")
invite_enhance_url = _url_fixture("enhance")


def _build(item: pytest.Item, service: str, clock: FakeClock) -> FakeService:
    from invite_sdk import testing

    marks = list(item.iter_markers(f"invite_{service}"))
    arguments = next((mark.args for mark in marks if mark.args), ())
    options = {"clock": clock, **_options(item, service)}
    options.pop("user", None)
    kind = cast("Callable[..., FakeService]", getattr(testing, _KINDS[service]))
    try:
        return kind(*arguments, **options)
    except (TypeError, ValueError) as error:
        _fail(f"{', '.join(map(_show, marks))}: {error}")


def _options(item: pytest.Item, service: str) -> dict[str, object]:
    # A marker of a test goes before that of its class, and this one before that of the module.
    merged: dict[str, object] = {}
    for mark in reversed(list(item.iter_markers(f"invite_{service}"))):
        merged.update(mark.kwargs)
    return merged


def _connect(request: pytest.FixtureRequest, service: str) -> tuple[FakeService, Connection]:
    url = f"invite_{service}_url"
    if url in request.fixturenames:
        # Serving changes the fake's base URL; the connection must be of the one that holds during the test.
        request.getfixturevalue(url)
    fake = cast("FakeService", request.getfixturevalue(f"invite_{service}"))
    user = _options(cast("pytest.Item", request.node), service).get("user")
    if user is None and not fake.credentials:
        _fail(
            f"the {type(fake).__name__} of this test has no users to connect as: add one, and connect with "
            f"InviteClient(invite_{service}.connection(name), transport=invite_{service}.transport())"
        )
    if user is not None and user not in fake.credentials:
        _fail(f"invite_{service}: there is no user {user!r}; there are {', '.join(fake.credentials)}")
    return fake, fake.connection(cast("str | None", user))


# Faults


def _plan_faults(item: pytest.Item, fake: FakeService) -> None:
    for mark in item.iter_markers("invite_fault"):
        if not _meets(mark, fake):
            continue
        try:
            _plan_fault(fake, *mark.args, **mark.kwargs)
        except (TypeError, ValueError) as error:
            _fail(f"{_show(mark)}: {error}")


def _plan_fault(fake: FakeService, fault: object, *, service: object = None, **options: object) -> None:
    from invite_sdk.testing import Fault

    del service
    planning = {name: options.pop(name) for name in ("on", "nth", "when", "times") if name in options}
    if not isinstance(fault, Fault):
        fault = Fault.from_dict({"kind": fault, **options})
    elif options:
        msg = f"a Fault is made already, it takes no {', '.join(options)}"
        raise TypeError(msg)
    cast("Callable[..., object]", fake.faults.plan)(fault, **planning)


def _meets(mark: pytest.Mark, fake: FakeService) -> bool:
    """Whether a planned fault is for a fake. One that names no service is for each that has the operation."""
    service, on = mark.kwargs.get("service"), mark.kwargs.get("on")
    if service is not None or on is None:
        return service in {None, fake.service}
    return not fake.operations or not set([on] if isinstance(on, str) else on).isdisjoint(fake.operations)


def _show(mark: pytest.Mark) -> str:
    options = cast("Mapping[str, object]", mark.kwargs)
    arguments = [*map(repr, mark.args), *(f"{name}={value!r}" for name, value in options.items())]
    return f"@pytest.mark.{mark.name}({', '.join(arguments)})"


def _fail(text: str) -> NoReturn:
    raise pytest.fail.Exception(text, pytrace=False) from None
