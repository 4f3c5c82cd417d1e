"""Profiles: which one is meant, where the values of its settings come from, and what is refused without being shown."""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from inspect import signature
from pathlib import Path
from typing import Any

import keyring
import platformdirs
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked

from invite_sdk import (
    AsyncHub,
    AsyncInviteClient,
    CloudTruth,
    ConfigurationError,
    Enhance,
    Hub,
    InviteClient,
    Profiles,
    Waldur,
    ZenML,
)
from invite_sdk._clients import sources
from invite_sdk.services import Connection
from invite_sdk.testing import FakeWaldur
from tests.support import programs

SECRET = "a-very-secret-token"
URL = "https://waldur.example"
CLIENTS: list[Any] = [InviteClient, AsyncInviteClient]


class Ring(KeyringBackend):
    """A keyring in memory, as the system's would be."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password


class Locked(Ring):
    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked(SECRET)


@pytest.fixture
def ring() -> Iterator[Callable[[KeyringBackend], None]]:
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Writes the user's file of profiles."""
    file = tmp_path / "config.toml"
    monkeypatch.setenv("INVITE_CONFIG", str(file))
    monkeypatch.delenv("INVITE_PROFILE", raising=False)

    def written(text: str) -> Path:
        file.touch(mode=0o600)
        file.write_text(text, encoding="utf-8")
        return file

    return written


@pytest.fixture
def refused(write: Callable[[str], Path]) -> Callable[[str], str]:
    """What is said of a profile that cannot be used, the secret never."""

    def said(profile: str) -> str:
        write(f"[profiles.acme]\n{profile}")
        with pytest.raises(ConfigurationError) as caught:
            InviteClient.from_profile("acme")
        text = caught.value.message
        assert text.isascii()
        assert SECRET not in f"{text}{caught.value!r}"
        return text

    return said


def token(where: str) -> str:
    return f'service = "waldur"\nurl = "{URL}"\ntoken = {where}\n'


def acme(where: str) -> str:
    """A file with one profile."""
    return f"[profiles.acme]\n{token(where)}"


def sent_by(client: InviteClient | AsyncInviteClient) -> str:
    """The credential that a client sends, as it stands in its header."""
    auth: Any = client._facade.connection.auth
    return str(auth.value.get_secret_value())


# Which profile

THREE = """
{default}
[profiles.acme]
service = "cloudtruth"
api_key = {{ env = "ACME" }}
[profiles."Beta & Co"]
service = "zenml"
api_key = {{ env = "BETA" }}
[profiles.gamma]
service = "waldur"
url = "https://waldur.example"
token = {{ env = "GAMMA" }}
"""


@pytest.mark.parametrize("kind", CLIENTS)
@pytest.mark.parametrize(
    ("name", "variable", "default", "service"),
    [
        ("acme", "gamma", 'default = "gamma"', "cloudtruth"),
        (None, "Beta & Co", 'default = "gamma"', "zenml"),
        (None, " gamma ", "", "waldur"),
        (None, "", 'default = "gamma"', "waldur"),
    ],
)
def test_a_profile_is_named_by_the_caller_else_by_the_variable_else_it_is_the_default(
    kind: Any, name: str | None, variable: str, default: str, service: str, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(THREE.format(default=default))
    for each in ("ACME", "BETA", "GAMMA"):
        monkeypatch.setenv(each, SECRET)
    monkeypatch.setenv("INVITE_PROFILE", variable)

    client = kind.from_profile(name)

    assert (type(client), client.service) == (kind, service)
    assert SECRET not in repr(client)


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        (THREE.format(default=""), None, "of which none is the default: name one of acme, Beta & Co, gamma"),
        (THREE.format(default=""), "acne", "has no profile 'acne'; did you mean acme?"),
        (THREE.format(default=""), "", "has no profile ''; there are acme, Beta & Co, gamma"),
        (THREE.format(default='default = "delta"'), None, "has no profile 'delta'; there are acme"),
        (THREE.format(default=""), ["acme"], "has no profile ['acme']"),
        ("", None, "has no profile: add one, as [profiles.acme]"),
        ("", "acme", "has no profile: add one, as [profiles.acme]"),
        ("[profiles]", None, "has no profile: add one, as [profiles.acme]"),
    ],
)
def test_where_it_is_not_clear_which_is_meant_those_that_are_there_are_listed(
    text: str, name: Any, said: str, write: Any
) -> None:
    file = write(text)

    with pytest.raises(ConfigurationError) as caught:
        InviteClient.from_profile(name)

    assert said in str(caught.value)
    assert str(file) in str(caught.value)


def test_the_only_profile_is_meant(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write(acme('{ env = "ACME" }'))
    monkeypatch.setenv("ACME", SECRET)

    assert InviteClient.from_profile().base_url == URL


# Where the file is


def test_the_file_is_the_one_that_is_named_else_that_of_the_variable_else_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platformdirs, "user_config_path", lambda name, **_: tmp_path / name)
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable, path, expected in (
        ("", None, tmp_path / "invite" / "config.toml"),
        ("~/one.toml", None, tmp_path / "one.toml"),
        ("~/one.toml", "~/two.toml", tmp_path / "two.toml"),
        ("~/one.toml", tmp_path / "three.toml", tmp_path / "three.toml"),
    ):
        monkeypatch.setenv("INVITE_CONFIG", variable)
        assert Profiles.path_of(path) == expected
        with pytest.raises(ConfigurationError, match=r"there is no such file of profiles: .* or set INVITE_CONFIG"):
            InviteClient.from_profile(path=path)


def test_without_platformdirs_the_variable_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INVITE_CONFIG", raising=False)
    monkeypatch.setitem(sys.modules, "platformdirs", None)

    with pytest.raises(ConfigurationError, match=r"set INVITE_CONFIG .* or pip install 'invite-sdk\[cli\]'"):
        InviteClient.from_profile()


@pytest.mark.parametrize("path", [7, b"config.toml", "a\0b", "", "~nobody-of-this-name/config.toml"])
def test_what_can_be_no_file_is_refused(path: Any) -> None:
    with pytest.raises(ConfigurationError):
        InviteClient.from_profile(path=path)


# What the file says


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("default = 'a'\n[profiles.a\n", "it is no TOML: .*line 2"),
        ('[profiles.a]\nservice = "waldur"\n[profiles.a]\n', "it is no TOML: .*line 3"),
        ("a = " + "[" * 5000, "it is (nested too deeply|no TOML)"),
        ("defualt = 'a'", "there is no 'defualt'; did you mean default?"),
        ("default = 7", 'default must name a profile, as in default = "acme"'),
        ("default = ''", "default must name a profile"),
        ("profiles = 7", "each profile must be a table of its own"),
        ("[profiles]\nacme = 7", "each profile must be a table of its own"),
        ("[profiles.'']", "a profile must have a printable name; not ''"),
        ("[profiles.' ']", "a profile must have a printable name; not ' '"),
        ('[profiles."a\\nb"]', r"a profile must have a printable name; not 'a\\nb'"),
    ],
)
def test_a_file_that_is_none_of_profiles_is_refused_with_its_place(text: str, said: str, write: Any) -> None:
    file = write(text)

    with pytest.raises(ConfigurationError, match=f"^{file}: {said}"):
        Profiles.read()


def test_a_file_may_begin_with_the_mark_of_windows_and_must_be_text(write: Any) -> None:
    file = write("\ufeff[profiles.acme]")
    assert Profiles.read().names == ("acme",)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="no text in UTF-8"):
        Profiles.read()
    file.unlink()
    file.mkdir()
    with pytest.raises(ConfigurationError, match="it cannot be read: "):
        Profiles.read()


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ("", 'it does not say its service, as in service = "waldur"'),
        ("service = 'waldurr'", "there is no service 'waldurr'; there are waldur, cloudtruth"),
        ("service = 7", "a service is named by text, not by int"),
        ("service = 'waldur'\nurI = 'https://w.example'", "there is no 'urI'; did you mean url?"),
        ("service = 'waldur'\norganization = 'x'", "there is no 'organization'; there are url, token, bearer"),
        ("service = 'waldur'\nallow_http = true", "there is no 'allow_http'; there are url, token, bearer"),
        ("service = 'waldur'\nurl = 7", "url must be text without control characters and not empty"),
        ("service = 'waldur'\nurl = ''", "url must be text without control characters and not empty"),
        ('service = "waldur"\nurl = "https://w.example\\u0007"', "url must be text without control characters"),
        ("service = 'waldur'\nurl = ['https://w.example']", "url must be text"),
        ("service = 'waldur'\nurl = 'w.example'\ntoken = { env = 'HELD' }", "url must be an absolute URL"),
        ("service = 'waldur'\ntoken = { env = 'HELD' }", "url is not set"),
        (f"service = 'waldur'\nurl = '{URL}'", "Waldur needs a credential: give token or bearer"),
        ("service = 'enhance'\nurl = 'https://p.example'\ntoken = { env = 'HELD' }\norganization = 'a/b'", "organiz"),
    ],
)
def test_a_profile_that_cannot_be_right_is_refused_by_its_name_and_its_setting(
    profile: str, said: str, refused: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELD", SECRET)

    assert refused(profile).startswith(f"profile 'acme' in {tmp_path / 'config.toml'}: {said}")


def test_a_profile_that_is_wrong_keeps_nobody_from_the_others(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write(THREE.format(default="") + "[profiles.wrong]\nservice = 'waldurr'\n")
    monkeypatch.setenv("GAMMA", SECRET)

    assert Profiles.read().names == ("acme", "Beta & Co", "gamma", "wrong")
    assert InviteClient.from_profile("gamma").service == "waldur"


# Secrets


@pytest.mark.parametrize(
    "where",
    [
        f'"{SECRET}"',
        f'["{SECRET}"]',
        f'{{ plain = "{SECRET}" }}',
        f'{{ env = "{SECRET}", command = "x" }}',
        f'{{ keyring = "{SECRET}" }}',
        "{ keyring = false }",
        "{ }",
        "12345",
    ],
)
def test_a_secret_that_is_not_named_by_where_it_is_is_refused_with_the_four_ways(
    where: str, refused: Callable[[str], str]
) -> None:
    said = refused(token(where))

    assert ": token " in said
    for way in ("keyring = true", "env = ", "command = ", "file = "):
        assert way in said


@pytest.mark.parametrize("where", ['{ env = "" }', "{ env = 7 }", '{ command = "a\\nb" }', "{ file = ['x'] }"])
def test_a_place_is_text(where: str, refused: Callable[[str], str]) -> None:
    assert "as text without control characters" in refused(token(where))


@pytest.mark.parametrize(
    ("kind", "secrets"),
    [
        (Waldur, {"token", "bearer"}),
        (CloudTruth, {"api_key", "jwt"}),
        (ZenML, {"api_key", "client_secret", "token"}),
        (Enhance, {"token", "session"}),
    ],
)
def test_a_connection_says_which_of_its_settings_are_secret(kind: type[Connection], secrets: set[str]) -> None:
    assert set(kind.secrets) == secrets
    assert secrets < set(kind.settings)


def test_of_a_service_that_does_not_say_all_settings_are_secret_but_its_address() -> None:
    class Silent(Connection):
        settings = ("url", "organization", "token")

    class Same(Waldur):
        pass

    assert Silent.secrets == ("organization", "token")
    assert Same.secrets == Waldur.secrets


def test_what_is_not_secret_may_be_in_a_variable(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write('[profiles.a]\nservice = "waldur"\nurl = { env = "WHERE" }\ntoken = { env = "HELD" }\n')
    monkeypatch.setenv("HELD", f"{SECRET}\n")
    monkeypatch.setenv("WHERE", "http://waldur.example")

    assert InviteClient.from_profile(allow_http=True).base_url == "http://waldur.example"
    with pytest.raises(ConfigurationError, match="allow_http=True"):
        InviteClient.from_profile()


@pytest.mark.parametrize("value", [None, "", " ", "\n"])
def test_a_variable_that_is_not_set_or_empty_is_named(
    value: str | None, refused: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HELD", raising=False)
    if value is not None:
        monkeypatch.setenv("HELD", value)

    assert refused(token('{ env = "HELD" }')).endswith(
        ": token needs the variable 'HELD', which is not set or empty: set it"
    )


@pytest.mark.parametrize("kind", CLIENTS)
def test_a_secret_is_read_from_the_keyring_anew_for_each_client(kind: Any, write: Any, ring: Any) -> None:
    held = Ring()
    ring(held)
    write(acme("{ keyring = true }"))

    for value in ("first", "second\n"):
        held.set_password("invite-sdk", "acme:token", value)
        assert sent_by(kind.from_profile()) == f"Token {value.strip()}"


def test_a_keyring_without_the_entry_is_told_how_it_is_named(refused: Callable[[str], str], ring: Any) -> None:
    ring(Ring())

    assert ": token is not in the system's keyring" in refused(token("{ keyring = true }"))
    assert "'acme:token' at the service invite-sdk" in refused(token("{ keyring = true }"))


@pytest.mark.parametrize(("backend", "said"), [(Locked, "KeyringLocked"), (NoKeyring, "NoKeyringError")])
def test_a_keyring_that_cannot_be_used_is_said(
    backend: type[KeyringBackend], said: str, refused: Callable[[str], str], ring: Any
) -> None:
    ring(backend())

    assert f"locked or cannot be used ({said})" in refused(token("{ keyring = true }"))


def test_without_the_package_for_keyrings_its_extra_is_named(
    refused: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)

    assert ": token needs the system's keyring: pip install 'invite-sdk[cli]'" in refused(token("{ keyring = true }"))


# Commands


def command(program: str) -> str:
    """A command of a profile that runs a program of Python."""
    return f"{{ command = {json.dumps(shlex.join([sys.executable, '-c', program]))} }}"


def test_a_secret_is_what_a_command_prints(write: Any) -> None:
    write(acme(command(f"print({SECRET!r})")))

    assert sent_by(InviteClient.from_profile()) == f"Token {SECRET}"


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (command(f"print({SECRET!r}); raise SystemExit(3)"), "which ended with 3: run it yourself"),
        (command("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"), "which ended with -9: run it yourself"),
        (command("pass"), "token is empty, read from its command"),
        (command("import os; os.write(1, bytes([255]))"), "token is no text in UTF-8"),
        ('{ command = "no-such-command-here" }', "which cannot be run (No such file or directory)"),
        (f'{{ command = "echo \'{SECRET}" }}', "which cannot be run (it is no command line)"),
    ],
)
def test_a_command_that_brings_nothing_is_said_without_what_it_printed(
    where: str, said: str, refused: Callable[[str], str]
) -> None:
    assert said in refused(token(where))


def test_a_command_may_take_a_minute(refused: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert sources._COMMAND_SECONDS == 60
    monkeypatch.setattr(sources, "_COMMAND_SECONDS", 0.01)

    assert "which was not done within 0.01 s" in refused(token(command("import threading; threading.Event().wait()")))


@pytest.mark.parametrize("where", ['{ command = "yes" }', '{ file = "long" }'])
def test_what_is_no_secret_by_its_length_is_refused(where: str, refused: Callable[[str], str], tmp_path: Path) -> None:
    (tmp_path / "long").touch(mode=0o600)
    (tmp_path / "long").write_text("y" * 65_537)

    assert "token is longer than 64 KiB" in refused(token(where))


def test_a_device_is_no_file_of_profiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVITE_CONFIG", "/dev/full")

    with pytest.raises(ConfigurationError, match="/dev/full: it is no file"):
        InviteClient.from_profile()


def test_a_command_asks_the_user_at_the_terminal_of_the_program(tmp_path: Path) -> None:
    asking = "import sys; sys.stderr.write('passphrase? '); print(sys.stdin.readline())"
    file = tmp_path / "config.toml"
    file.touch(mode=0o600)
    file.write_text(acme(command(asking)))
    program = "from invite_sdk import InviteClient; print(InviteClient.from_profile().base_url)"

    done = subprocess.run(
        [sys.executable, "-c", program],
        input=f"{SECRET}\n",
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "INVITE_CONFIG": str(file)},
    )

    assert (done.stdout, done.stderr) == (f"{URL}\n", "passphrase? ")


@pytest.mark.skipif(os.name != "posix", reason="only there files have such modes")
@pytest.mark.parametrize("mode", [0o620, 0o602, 0o664, 0o666, 0o777])
@pytest.mark.parametrize("is_linked", [False, True])
def test_a_command_that_others_may_have_written_is_refused_and_not_run(
    mode: int, is_linked: bool, write: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(acme(command("open('ran', 'w')")))
    file.chmod(mode)
    if is_linked:
        (tmp_path / "link").symlink_to(file)
        monkeypatch.setenv("INVITE_CONFIG", str(tmp_path / "link"))
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigurationError) as caught:
        InviteClient.from_profile()

    assert f"token is a command in a file that others may write (0{mode:o})" in caught.value.message
    assert caught.value.message.endswith(f"then chmod 600 {file}")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("where", "mode"), [(command(f"print({SECRET!r})"), 0o644), ('{ env = "ACME" }', 0o666)], ids=["command", "env"]
)
def test_a_file_that_others_may_read_is_taken_and_without_commands_any(
    where: str, mode: int, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME", SECRET)
    write(acme(where)).chmod(mode)

    assert sent_by(InviteClient.from_profile()) == f"Token {SECRET}"


# Files


@pytest.fixture
def held(tmp_path: Path) -> Path:
    file = tmp_path / "held"
    file.write_text(f"{SECRET}\r\n\n")
    file.chmod(0o600)
    return file


@pytest.mark.parametrize("place", ["{folder}/held", "held", "~/held"])
def test_a_secret_is_read_from_a_file(place: str, held: Path, write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(held.parent))
    write(acme(f'{{ file = "{place.format(folder=held.parent)}" }}'))

    assert sent_by(InviteClient.from_profile()) == f"Token {SECRET}"


@pytest.mark.skipif(os.name != "posix", reason="only there files have such modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o777])
@pytest.mark.parametrize("is_linked", [False, True])
def test_a_file_that_others_may_use_is_refused_with_what_to_do(
    mode: int, is_linked: bool, held: Path, refused: Callable[[str], str]
) -> None:
    held.chmod(mode)
    if is_linked:
        (held.parent / "link").symlink_to(held)

    said = refused(token(f'{{ file = "{"link" if is_linked else "held"}" }}'))

    assert said.endswith(f"token is in a file that others may use (0{mode:o}): chmod 600 {held}")


@pytest.mark.parametrize("place", ["nowhere", ".", "held/below", "~nobody-of-this-name/x"])
def test_a_file_that_is_not_there_is_named(place: str, held: Path, refused: Callable[[str], str]) -> None:
    said = refused(token(f'{{ file = "{place}" }}'))

    assert "token needs the file" in said or "token names a file in a home folder" in said


def test_a_file_that_cannot_be_read_is_said(
    held: Path, refused: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = io.open

    def closed(file: Any, *args: Any, **named: Any) -> Any:
        if str(file) == str(held):
            raise PermissionError(13, "Permission denied")
        return read(file, *args, **named)

    monkeypatch.setattr(io, "open", closed)

    assert "cannot be read: Permission denied" in refused(token('{ file = "held" }'))


@pytest.mark.parametrize("value", ["", "\n\r\n"])
def test_an_empty_file_is_said(value: str, held: Path, refused: Callable[[str], str]) -> None:
    held.write_text(value)

    assert refused(token('{ file = "held" }')).endswith("token is empty, read from its file")


# Clients, hubs, and what shows


def test_nothing_is_read_before_a_client_is_made_and_nothing_shows(write: Any, ring: Any) -> None:
    ring(Locked())
    write(acme("{ keyring = true }") + "[profiles.other]\n" + token(f'"{SECRET}"'))
    profiles = Profiles.read()
    profile = profiles.get("acme")

    assert (profile.name, profile.service, profile.settings["url"]) == ("acme", "waldur", URL)
    assert str(profile.settings["token"]) == "keyring"
    assert SECRET not in f"{profiles!r}{profile!r}"
    with pytest.raises(ConfigurationError, match="KeyringLocked"):
        profile.connection()


@pytest.mark.parametrize(
    ("where", "shown"),
    [
        ('{ env = "HELD" }', "env HELD"),
        ("{ keyring = true }", "keyring"),
        (f'{{ command = "echo {SECRET}" }}', "command echo"),
        ('{ file = "/held" }', "file /held"),
    ],
)
def test_a_place_is_shown_and_of_a_command_its_name(where: str, shown: str, write: Any) -> None:
    write(acme(where))
    profile = Profiles.read().get()

    assert str(profile.settings["token"]) == shown
    assert SECRET not in repr(profile)


def test_a_client_from_a_profile_takes_every_option_of_one_from_the_environment(
    write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeWaldur()
    monkeypatch.setenv("HELD", fake.users["owner"].token)
    write(f'[profiles.a]\nservice = "waldur"\nurl = "{fake.base_url}"\ntoken = {{ env = "HELD" }}\n')

    with InviteClient.from_profile(headers={"X-Trace": "7"}, max_body=1000, transport=fake.transport()) as client:
        assert client.count() == 0
    assert fake.requests[-1].request.header("x-trace") == "7"
    assert client._facade.options.max_body == 1000
    for kind in CLIENTS:
        given, env = (signature(each).parameters for each in (kind.from_profile, kind.from_env))
        assert [*given][:2] == ["name", "path"]
        assert [one for name, one in given.items() if name not in ("name", "path")] == [*env.values()][1:]


@pytest.mark.parametrize("kind", [Hub, AsyncHub])
@pytest.mark.parametrize(
    ("names", "expected"),
    [((), ["acme", "Beta & Co", "gamma"]), (("gamma", "acme"), ["gamma", "acme"])],
)
def test_a_hub_has_a_client_for_each_profile_that_is_named_else_for_all(
    kind: Any, names: tuple[str, ...], expected: list[str], write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(THREE.format(default='default = "acme"'))
    monkeypatch.setenv("INVITE_CONFIG", "/nowhere")
    for each in ("ACME", "BETA", "GAMMA"):
        monkeypatch.setenv(each, SECRET)

    hub = kind.from_profiles(*names, path=file, max_concurrency=2, deadline=5)

    assert list(hub) == expected
    assert {client._facade.options.deadline for client in hub.clients.values()} == {5}
    assert (hub._is_owner, hub._max_concurrency) == (True, 2)
    assert SECRET not in repr(hub)


@pytest.mark.parametrize("kind", [Hub, AsyncHub])
def test_a_hub_from_profiles_says_what_is_missing(kind: Any, write: Any) -> None:
    write(THREE.format(default=""))
    for names, said in ((("acme", "acme"), "twice"), (("delta",), "no profile 'delta'"), ((), "variable 'ACME'")):
        with pytest.raises(ConfigurationError, match=said):
            kind.from_profiles(*names)
    write("")
    with pytest.raises(ConfigurationError, match="has no profile"):
        kind.from_profiles()


def test_nothing_of_profiles_is_loaded_before_one_is_asked_for() -> None:
    said = programs.run(
        f"""
        import sys
        from invite_sdk import Hub, InviteClient, Waldur
        Hub({{"a": InviteClient(Waldur({URL!r}, token="t"))}})
        late = {{"tomllib", "keyring", "platformdirs", "invite_sdk._clients.profiles", "invite_sdk._clients.sources"}}
        print(*late & {{*sys.modules}})
        try:
            InviteClient.from_profile(path="/nowhere.toml")
        except Exception as error:
            print(error)
        print(*{{"keyring", "platformdirs"}} & {{*sys.modules}})
        """
    )

    assert said.splitlines()[0] == ""
    assert said.splitlines()[1].startswith("/nowhere.toml: there is no such file")
    assert said.splitlines()[2] == ""
