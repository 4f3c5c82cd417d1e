"""The commands for profiles: what they write, what they keep, and what they never show."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.backends.null import Keyring as Forgetful

from tests.cli.conftest import Done, Ground
from tests.support.rings import BACKEND, FileRing

SECRET = "a-very-secret-token"
URL = "https://waldur.example"
ADD = ("profile", "add", "acme", "--service", "waldur", "--url", URL)

Invite = Callable[..., Done]


@pytest.fixture(autouse=True)
def ring() -> Iterator[Callable[[KeyringBackend], None]]:
    before = keyring.get_keyring()
    keyring.set_keyring(FileRing())
    yield keyring.set_keyring
    keyring.set_keyring(before)


class Home:
    """A user without variables, whose file and keyring are looked into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "config.toml"
        self._ring = folder / "ring.json"
        self.variables = {"INVITE_CONFIG": str(self.file), "RING": str(self._ring), **BACKEND}
        self._ground = Ground(folder, {}, {})

    def invite(self, *arguments: str, stdin: str = "", variables: Mapping[str, str] | None = None) -> Done:
        done = self._ground.run(*arguments, stdin=stdin, variables={**self.variables, **(variables or {})})
        assert SECRET not in f"{done}{arguments}"
        assert not self.file.exists() or SECRET not in self.file.read_text(encoding="utf-8")
        return done

    def terminal(self, *arguments: str, typed: str) -> Done:
        return self._ground.terminal(*arguments, typed=typed, variables=self.variables)

    @property
    def said(self) -> dict[str, Any]:
        return tomllib.loads(self.file.read_text(encoding="utf-8"))

    @property
    def keyring(self) -> dict[str, str]:
        return json.loads(self._ring.read_text()) if self._ring.exists() else {}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def rows(done: Done) -> list[dict[str, str]]:
    head, *lines = [line.split("\t") for line in done.out.splitlines()]
    return [dict(zip(head, line, strict=True)) for line in lines]


# Adding


@pytest.mark.parametrize("way", [(), ("--from-env", "ACME"), ("--from-command", "echo x"), ("--from-file", "x")])
@pytest.mark.parametrize(
    ("service", "said"),
    [("waldur", "waldur needs its url: give --url"), ("enhance", "enhance needs its url: give --url")],
)
def test_a_forgotten_setting_is_named_before_anything_is_kept(
    service: str, said: str, way: tuple[str, ...], home: Home
) -> None:
    done = home.invite("profile", "add", "x", "--service", service, *way, stdin=SECRET)

    assert (done.code, done.out, said in done.err) == (2, "", True)
    assert (home.file.exists(), home.keyring) == (False, {})


@pytest.mark.parametrize("before", [None, "the-one-before"])
def test_what_cannot_be_written_leaves_the_keyring_as_it_was(before: str | None, home: Home) -> None:
    if before is not None:
        assert home.invite(*ADD, stdin=before).code == 0
    kept = home.keyring
    home.folder.joinpath("config.toml").unlink(missing_ok=True)
    home.variables["INVITE_CONFIG"] = str(home.folder / "ring.json" / "config.toml" if before else "/proc/config.toml")

    assert home.invite(*ADD, "--replace", stdin=SECRET).code == 3
    assert home.keyring == kept


@pytest.mark.parametrize(
    ("way", "said"),
    [
        (("--from-env", "NOT_SET"), "the variable NOT_SET is not set here"),
        (("--from-file", "/no/file"), "there is no file /no/file yet"),
    ],
)
def test_a_secret_that_is_not_there_yet_is_told_of(way: tuple[str, str], said: str, home: Home) -> None:
    done = home.invite(*ADD, *way)

    assert (done.code, said in done.err) == (0, True)


@pytest.mark.parametrize("url", ["https://u:hunter2@waldur.example", "https://u:hunt/er2@waldur.example"])
def test_a_password_in_a_url_is_a_problem_and_not_shown(url: str, home: Home) -> None:
    home.file.write_text(f'[profiles.acme]\nservice = "waldur"\nurl = "{url}"\ntoken = {{ env = "ACME" }}\n')

    shown, listed, checked = (
        home.invite("profile", word, variables={"ACME": "x"}) for word in ("show", "list", "check")
    )

    assert {"setting": "url", "value": "https://***@waldur.example", "source": "file"} in rows(shown)
    assert "must not hold credentials" in rows(listed)[0]["problem"]
    assert (checked.code, rows(checked)[0]["outcome"]) == (3, "failed")
    assert "er2" not in f"{shown}{listed}{checked}"


def test_a_secret_on_stdin_goes_into_the_keyring_and_the_file_says_so(home: Home) -> None:
    done = home.invite(*ADD, stdin=f"{SECRET}\n")

    assert (done.code, rows(done)) == (0, [{"outcome": "added", "name": "acme", "path": str(home.file)}])
    assert home.keyring == {"invite-sdk acme:token": SECRET}
    assert home.said == {
        "default": "acme",
        "profiles": {"acme": {"service": "waldur", "url": URL, "token": {"keyring": True}}},
    }


def test_a_secret_is_typed_without_being_shown(home: Home) -> None:
    done = home.terminal(*ADD, typed=f"{SECRET}\n")

    assert done.code == 0
    assert "token: " in done.out
    assert SECRET not in done.out
    assert home.keyring == {"invite-sdk acme:token": SECRET}


def test_a_secret_in_the_services_variable_is_taken_over(home: Home) -> None:
    assert home.invite(*ADD, "--credential", "bearer", variables={"INVITE_WALDUR_BEARER": SECRET}).code == 0
    assert home.keyring == {"invite-sdk acme:bearer": SECRET}


@pytest.mark.parametrize(
    ("option", "place", "expected"),
    [
        ("--from-env", "ACME", {"env": "ACME"}),
        ("--from-command", "pass show 'acme one'", {"command": "pass show 'acme one'"}),
        ("--from-file", "/run/acme", {"file": "/run/acme"}),
        ("--from-file", "~/acme", {"file": "~/acme"}),
        ("--from-file", "acme", {"file": str(Path("acme").absolute())}),
    ],
)
def test_a_secret_elsewhere_is_named_and_not_read(
    option: str, place: str, expected: dict[str, str], home: Home
) -> None:
    assert home.invite(*ADD, option, place).code == 0
    assert home.said["profiles"]["acme"]["token"] == expected
    assert home.keyring == {}


def test_a_file_that_others_may_use_is_refused_at_once(home: Home, tmp_path: Path) -> None:
    token = tmp_path / "token.txt"
    token.write_text(SECRET)
    token.chmod(0o644)

    done = home.invite(*ADD, "--from-file", str(token))

    assert done.code == 3
    assert f"token is in a file that others may use (0644): chmod 600 {token}" in done.err
    assert not home.file.exists()
    token.chmod(0o600)
    assert home.invite(*ADD, "--from-file", str(token)).code == 0


def test_further_settings_are_set_by_their_names(home: Home) -> None:
    machine = ("--set", "client_id=ci", "--set", "audience=cloud", "--credential", "client_secret")

    assert home.invite("profile", "add", "ci", "--service", "zenml", *machine, stdin=SECRET).code == 0
    assert home.said["profiles"]["ci"] == {
        "service": "zenml",
        "client_id": "ci",
        "audience": "cloud",
        "client_secret": {"keyring": True},
    }


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--set", "url=https://other.example"), 2, "give the address once"),
        (("--set", "token=x"), 2, "token is a secret and no argument"),
        (("--set", "organization=x"), 2, "waldur has no setting 'organization'; there are url, token, bearer"),
        (("--credential", "api_key"), 2, "waldur has no setting 'api_key'"),
        (("--set", "x"), 2, "must be KEY=VALUE"),
        (("--from-env", "A", "--from-file", "B"), 2, "give only one of"),
        (("--url", "waldur.example"), 3, "url must be an absolute URL"),
        (("--url", "http://waldur.example"), 3, "plain http"),
        (("--service", "waldurr"), 2, "there is no service 'waldurr'"),
        (("--from-env", ""), 2, "must be the name of a variable"),
        ((), 2, "the token is missing"),
    ],
)
def test_what_cannot_be_right_is_refused_and_nothing_is_written(
    arguments: tuple[str, ...], code: int, said: str, home: Home
) -> None:
    done = home.invite(*ADD, *arguments, stdin="")

    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert not home.file.exists()
    assert home.keyring == {}


@pytest.mark.parametrize("secret", ["two words", "Token abcdef", "\x07"])
def test_a_secret_that_cannot_be_sent_is_refused_before_it_is_kept(secret: str, home: Home) -> None:
    done = home.invite(*ADD, stdin=secret)

    assert done.code == 3
    assert secret not in done.err
    assert home.keyring == {}


@pytest.mark.parametrize(("backend", "why"), [(NoKeyring, "NoKeyringError"), (Forgetful, "does not keep")])
def test_without_a_keyring_the_other_ways_are_named(
    backend: type[KeyringBackend], why: str, home: Home, ring: Callable[[KeyringBackend], None]
) -> None:
    ring(backend())

    done = home.invite(*ADD, stdin="")  # nobody types a secret first

    assert done.code == 3
    assert why in done.err
    assert "--from-env, --from-command or --from-file" in done.err
    assert not home.file.exists()


def test_a_keyring_that_forgets_is_found_out_before_the_file_says_so(
    home: Home, ring: Callable[[KeyringBackend], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ring(FileRing())
    monkeypatch.setattr(FileRing, "set_password", lambda *_: None)

    done = home.invite(*ADD, stdin=SECRET)

    assert (done.code, "does not keep" in done.err) == (3, True)
    assert not home.file.exists()


def test_the_secret_of_another_files_profile_is_not_written_over_unasked(home: Home) -> None:
    other = {"INVITE_CONFIG": str(home.folder / "other.toml")}
    home.invite(*ADD, stdin=SECRET)

    refused = home.invite(*ADD, stdin="another-token", variables=other)
    assert (refused.code, "the keyring has a token of a profile 'acme' already" in refused.err) == (2, True)
    assert home.keyring == {"invite-sdk acme:token": SECRET}
    assert home.invite(*ADD, "--replace", stdin="another-token", variables=other).code == 0
    assert home.keyring == {"invite-sdk acme:token": "another-token"}


def test_a_name_that_is_taken_is_replaced_only_when_that_is_meant(home: Home) -> None:
    home.invite(*ADD, stdin=SECRET)
    other = (*ADD[:5], "--url", "https://other.example", "--from-env", "ACME")

    refused = home.invite(*other)
    assert (refused.code, "there is a profile 'acme' already" in refused.err) == (2, True)
    assert home.said["profiles"]["acme"]["url"] == URL
    assert rows(home.invite(*other, "--replace"))[0]["outcome"] == "replaced"
    assert home.said["profiles"]["acme"] == {
        "service": "waldur",
        "url": "https://other.example",
        "token": {"env": "ACME"},
    }
    assert home.keyring == {}


def test_the_first_profile_is_the_default_until_another_is_made_it(home: Home) -> None:
    for name, more in (("one", ()), ("two", ()), ("three", ("--default",))):
        home.invite("profile", "add", name, "--service", "cloudtruth", "--from-env", "KEY", *more)
        assert home.said["default"] == ("three" if name == "three" else "one")

    assert rows(home.invite("profile", "default", "two"))[0]["name"] == "two"
    assert rows(home.invite("profile", "default"))[0]["name"] == "two"
    assert home.said["default"] == "two"
    assert home.invite("profile", "default", "four").code == 3


# The file

BEFORE = """# Mine.
[profiles.old]  # the old one
service = "cloudtruth"
api_key = { env = "OLD" }  # from the shell
"""


def test_what_others_wrote_into_the_file_stays(home: Home) -> None:
    home.file.write_text(BEFORE)

    home.invite(*ADD, "--from-env", "ACME")
    home.invite("profile", "default", "old")

    text = home.file.read_text()
    assert text.startswith("# Mine.\n")
    assert "[profiles.old]  # the old one\n" in text
    assert 'api_key = { env = "OLD" }  # from the shell\n' in text
    assert home.said["default"] == "old"
    assert list(home.said["profiles"]) == ["old", "acme"]
    home.invite("profile", "remove", "acme", "--yes")
    home.invite("profile", "remove", "old", "--yes")
    assert home.said.get("profiles", {}) == {}
    assert "default" not in home.said


def test_a_file_that_is_broken_is_not_written_over(home: Home) -> None:
    home.file.write_text("[profiles")

    done = home.invite(*ADD, "--from-env", "ACME")

    assert (done.code, "is no TOML" in done.err) == (3, True)
    assert home.file.read_text() == "[profiles"


@pytest.mark.skipif(os.name != "posix", reason="only there files have such modes")
def test_the_file_is_its_owners_only_and_a_link_to_it_stays(home: Home) -> None:
    elsewhere = home.folder / "dotfiles" / "invite.toml"
    elsewhere.parent.mkdir()
    elsewhere.write_text(BEFORE)
    elsewhere.chmod(0o644)
    home.file.symlink_to(elsewhere)

    home.invite(*ADD, "--from-env", "ACME")

    assert home.file.is_symlink()
    assert "[profiles.acme]" in elsewhere.read_text()
    assert elsewhere.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in elsewhere.parent.iterdir()] == ["invite.toml"]


@pytest.mark.skipif(os.name != "posix", reason="only there files have such modes")
def test_a_command_in_a_file_that_others_may_write_is_no_setting_until_that_is_mended(home: Home) -> None:
    assert home.invite(*ADD, "--from-command", "echo one").code == 0
    home.file.chmod(0o666)

    done = home.invite("list", "--profile", "acme")
    assert (done.code, f"chmod 600 {home.file}" in done.err) == (3, True)
    assert "others may write" in home.invite("profile", "list").out
    assert home.invite(*ADD, "--from-command", "echo two", "--replace").code == 0
    assert home.invite("profile", "show").code == 0


@pytest.mark.skipif(os.name != "posix", reason="only there files have such modes")
@pytest.mark.parametrize("mode", [0o666, 0o777], ids=["file", "folder"])
@pytest.mark.parametrize(
    "arguments",
    [("default", "panel"), ("add", "other", *ADD[3:], "--from-env", "ACME"), ("remove", "panel", "--yes")],
    ids=lambda arguments: arguments[0],
)
def test_a_command_that_others_may_have_written_is_not_made_the_owners(
    arguments: tuple[str, ...], mode: int, home: Home
) -> None:
    assert home.invite(*ADD, "--from-command", "echo one").code == 0
    assert home.invite("profile", "add", "panel", *ADD[3:], "--from-env", "ACME").code == 0
    changed = home.file if mode == 0o666 else home.folder
    changed.chmod(mode)
    before = home.file.read_text()

    done = home.invite("profile", *arguments)

    assert (done.code, f"{changed}" in done.err, "others may write" in done.err) == (3, True, True)
    assert home.file.read_text() == before
    assert changed.stat().st_mode & 0o777 == mode
    assert home.invite("list", "--profile", "acme").code == 3


@pytest.mark.skipif(os.name != "posix", reason="only there files have such modes")
def test_a_mask_that_lets_a_group_write_does_not_matter(home: Home) -> None:
    before = os.umask(0)
    try:
        assert home.invite(*ADD, "--from-command", "echo one").code == 0
    finally:
        os.umask(before)
    assert home.file.stat().st_mode & 0o777 == 0o600


def test_the_folder_of_the_file_is_made(home: Home) -> None:
    file = home.folder / "a" / "b" / "config.toml"

    assert home.invite(*ADD, "--from-env", "ACME", variables={"INVITE_CONFIG": str(file)}).code == 0
    assert file.parent.stat().st_mode & 0o077 == 0 or os.name != "posix"


def test_a_file_that_cannot_be_written_is_said(home: Home) -> None:
    (home.folder / "a").write_text("")

    done = home.invite(*ADD, "--from-env", "ACME", variables={"INVITE_CONFIG": str(home.folder / "a" / "config.toml")})

    assert (done.code, "cannot be written: " in done.err) == (3, True)


# Looking and removing


def test_profiles_are_listed_with_what_is_wrong_with_them(home: Home) -> None:
    home.file.write_text(BEFORE + '[profiles.wrong]\nservice = "waldur"\ntoken = "plain"\n')

    done = home.invite("profile", "list", "--json")

    listed = json.loads(done.out)
    assert [(row["name"], row["service"], row["default"]) for row in listed] == [
        ("old", "cloudtruth", False),
        ("wrong", None, False),
    ]
    assert "token is a secret and must not stand in the file" in listed[1]["problem"]
    assert done.err == f"{home.file}\n"


def test_a_profile_is_shown_with_the_places_of_its_secrets(home: Home) -> None:
    home.invite(*ADD, "--from-command", f"echo {SECRET[:6]}")

    done = home.invite("profile", "show", "--csv", "--quiet")

    assert done.out.splitlines() == [
        "setting,value,source",
        "service,waldur,file",
        f"url,{URL},file",
        "token,,command echo",
    ]
    assert done.err == ""


def test_a_profile_is_removed_with_its_secret_when_that_is_meant(home: Home) -> None:
    home.invite(*ADD, stdin=SECRET)

    asked = home.invite("profile", "remove", "acme")
    assert (asked.code, "give --yes" in asked.err) == (2, True)
    assert home.terminal("profile", "remove", "acme", typed="n\n").code == 1
    assert home.keyring == {"invite-sdk acme:token": SECRET}

    assert rows(home.invite("profile", "remove", "acme", "--yes"))[0]["outcome"] == "removed"
    assert (home.keyring, home.said.get("profiles", {})) == ({}, {})
    assert home.invite("profile", "remove", "acme", "--yes").code == 3


@pytest.mark.parametrize("command", ["list", "show", "check", "remove", "default"])
def test_without_a_file_it_is_said_how_to_make_one(command: str, home: Home) -> None:
    done = home.invite("profile", command, *(["acme"] if command == "remove" else []))

    assert (done.code, done.out.count("\n") <= 1) == (3, True)
    assert "'invite profile add' makes it" in done.err


# Asking the services


@pytest.fixture
def here(ground: Ground) -> Ground:
    """A ground whose user has profiles in the place of variables."""
    variables = {"INVITE_CONFIG": str(ground.home / "config.toml"), "RING": str(ground.home / "ring.json"), **BACKEND}
    settings, ground.variables = ground.variables, variables
    for service in ground.fakes:
        prefix = f"INVITE_{service.upper()}_"
        given = {
            name.removeprefix(prefix).lower(): value for name, value in settings.items() if name.startswith(prefix)
        }
        url = given.pop("url")
        secret = next(name for name in ("token", "api_key") if name in given)
        done = ground.run(
            *("profile", "add", service, "--service", service, "--url", url, "--credential", secret),
            *(word for name, value in given.items() if name != secret for word in ("--set", f"{name}={value}")),
            stdin=given[secret],
        )
        assert done.code == 0, done.err
    return ground


@pytest.mark.parametrize("ground", [("waldur", "cloudtruth", "zenml", "enhance")], indirect=True)
def test_each_profile_is_checked_by_asking_its_service(here: Ground) -> None:
    done = here.run("profile", "check")

    assert done.code == 0
    assert [(row["name"], row["outcome"]) for row in rows(done)] == [
        ("waldur", "ok"),
        ("cloudtruth", "ok"),
        ("zenml", "ok"),
        ("enhance", "unknown"),
    ]
    assert "nothing there can be read with the credential" in done.out
    assert {exchange.request.method for fake in here.fakes.values() for exchange in fake.requests} <= {"GET", "POST"}


def test_a_profile_that_does_not_work_is_told_with_its_code(here: Ground) -> None:
    here.run("profile", "add", "bad", "--service", "waldur", "--url", "http://127.0.0.1:9", "--from-env", "BAD")

    missing = here.run("profile", "check", "bad")
    assert (missing.code, "needs the variable 'BAD'" in missing.out) == (3, True)
    several = here.run("profile", "check", "waldur", "bad", "--deadline", "1", variables={"BAD": "x"})
    assert (several.code, [row["outcome"] for row in rows(several)]) == (1, ["ok", "failed"])
    assert here.run("profile", "check", "bad", "bad", "--deadline", "1", variables={"BAD": "x"}).code == 7
    assert here.run("profile", "check", "nowhere").code == 3


def test_a_profile_is_used_by_its_name_by_the_variable_and_by_default(here: Ground) -> None:
    here.run("profile", "add", "other", "--service", "cloudtruth", "--from-env", "OTHER")

    for arguments, variables in ((("--profile", "waldur"), {}), ((), {"INVITE_PROFILE": "waldur"}), ((), {})):
        done = here.run("count", *arguments, variables=variables)
        assert (done.code, done.out) == (0, "0\n")
