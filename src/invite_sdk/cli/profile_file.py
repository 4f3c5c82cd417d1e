"""The file of profiles as it is written: whole or not at all, for its owner only, its comments kept."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

import tomlkit

from invite_sdk import ConfigurationError, Profiles

_KEYRING = "invite-sdk"
_FORGETFUL = "it does not keep what it is given"
_OTHER_WAYS = "name where the secret is instead, with --from-env, --from-command or --from-file"


class Draft:
    """The file with changes that are not written yet.

    Raises:
        ConfigurationError: what is there cannot be read, or is no file of profiles.
    """

    def __init__(self) -> None:
        # A link stays one: people keep such files elsewhere.
        self.path = Profiles.path_of().resolve()
        self._document: Any = tomlkit.document()
        self._exposure = ""
        self._put: set[str] = set()
        if self.path.exists():
            self._exposure = Profiles.read(self.path).exposure
            self._document = tomlkit.parse(self.path.read_text(encoding="utf-8-sig"))

    def has(self, name: str) -> bool:
        """Whether there is a profile of that name."""
        return name in self._profiles()

    def others(self, name: str) -> bool:
        """Whether there are others."""
        return any(other != name for other in self._profiles())

    def put(self, name: str, plain: Mapping[str, str], secret: str, place: Mapping[str, object]) -> None:
        """Adds a profile, or puts it in the place of the one that has its name.

        Args:
            name: its name.
            plain: its service, and the settings that are no secrets.
            secret: the setting that is one.
            place: where that is.
        """
        table = tomlkit.table()
        for key, value in plain.items():
            table[key] = value
        where = tomlkit.inline_table()
        for way, found in place.items():
            where[way] = found
        table[secret] = where
        if "profiles" not in self._document:
            self._document["profiles"] = tomlkit.table(is_super_table=True)
        self._document["profiles"][name] = table
        self._put.add(name)

    def in_keyring(self, name: str) -> set[str]:
        """The settings of a profile, if it is there, that are in the keyring."""
        table = cast("dict[str, object]", self._profiles().get(name, {}))
        return {key for key, value in table.items() if isinstance(value, dict) and "keyring" in value}

    def remove(self, name: str) -> None:
        """Removes a profile, and the default if it was that."""
        del self._document["profiles"][name]
        if self._document.get("default") == name:
            del self._document["default"]

    def set_default(self, name: str) -> None:
        """Makes a profile the default."""
        self._document["default"] = name

    def check(self, name: str) -> None:
        """Reads a profile as it would be read from the file.

        Raises:
            ConfigurationError: it could not be used, or the file could not be written by `write`.
        """
        self._refuse_commands_of_others()
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / self.path.name
            file.touch(mode=0o600)
            file.write_text(tomlkit.dumps(self._document), encoding="utf-8")
            try:
                Profiles.read(file).get(name)
            except ConfigurationError as error:
                raise ConfigurationError(error.message.replace(str(file), str(self.path))) from None

    def write(self) -> None:
        """Writes the file beside itself and renames it, so that nobody ever finds half of it.

        Raises:
            ConfigurationError: it cannot be written, or has commands that others may have written.
        """
        self._refuse_commands_of_others()
        beside = ""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # mkstemp's files are their owner's only.
            number, beside = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)
            with os.fdopen(number, "w", encoding="utf-8", newline="\n") as file:
                file.write(tomlkit.dumps(self._document))
                file.flush()
                os.fsync(file.fileno())
            Path(beside).replace(self.path)
        except OSError as error:
            raise ConfigurationError(f"{self.path} cannot be written: {error.strerror}") from None
        finally:
            if beside:
                Path(beside).unlink(missing_ok=True)

    def _refuse_commands_of_others(self) -> None:
        """Refuses to make the file its owner's with commands in it that nobody has looked at."""
        for name, table in self._profiles().items():
            values = cast("dict[str, object]", table).values()
            if self._exposure and name not in self._put and any("command" in v for v in values if isinstance(v, dict)):
                raise ConfigurationError(f"{self.path}: profile {name!r} has a command {self._exposure}")

    def _profiles(self) -> Mapping[str, object]:
        return cast("Mapping[str, object]", self._document.get("profiles", {}))


def is_kept(name: str, setting: str) -> bool:
    """Whether the system's keyring has such a secret: of this file's profile, or of one in another file.

    Raises:
        ConfigurationError: there is none that can be used, as far as that can be told without writing.
    """
    from keyring import get_keyring
    from keyring.backends.null import Keyring

    if isinstance(get_keyring(), Keyring):
        raise _unusable(_FORGETFUL)
    return _asked(name, setting) is not None


@contextmanager
def kept(name: str, setting: str, secret: str) -> Generator[None]:
    """Puts a profile's secret into the system's keyring; if what follows fails, what was there before is there again.

    Raises:
        ConfigurationError: there is none that can be used.
    """
    before = _asked(name, setting)
    try:
        _keep(name, setting, secret)
        if _asked(name, setting) != secret:
            raise _unusable(_FORGETFUL)
        yield
    except BaseException:
        if before is None:
            forget(name, setting)
        else:
            with suppress(ConfigurationError):
                _keep(name, setting, before)
        raise


def forget(name: str, setting: str) -> None:
    """Removes a profile's secret from the system's keyring, if it is there."""
    import keyring
    from keyring.errors import KeyringError

    with suppress(KeyringError, OSError):
        keyring.delete_password(_KEYRING, f"{name}:{setting}")


def _keep(name: str, setting: str, secret: str) -> None:
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(_KEYRING, f"{name}:{setting}", secret)
    except (KeyringError, OSError) as error:
        raise _unusable(type(error).__name__) from None


def _asked(name: str, setting: str) -> str | None:
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(_KEYRING, f"{name}:{setting}")
    except (KeyringError, OSError) as error:
        raise _unusable(type(error).__name__) from None


def _unusable(reason: str) -> ConfigurationError:
    return ConfigurationError(f"the system's keyring cannot be used ({reason}): unlock it, or {_OTHER_WAYS}")
