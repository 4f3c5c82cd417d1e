"""Profiles: named settings of services in one file, which holds no secrets, only where they are."""

from __future__ import annotations

import os
import shlex
import stat
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import field
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Self, TypeAlias, cast

from invite_clients._values import frozen_class
from invite_sdk._clients.sources import WAYS, Source, read, refuse_open, source_of
from invite_sdk._errors.tree import ConfigurationError
from invite_sdk._privacy.texts import shown
from invite_sdk.services import registry
from invite_sdk.services.connection import connect

if TYPE_CHECKING:
    from invite_sdk.services.connection import Connection

AnyPath: TypeAlias = "str | os.PathLike[str]"

_KEYS = ("default", "profiles")
_WRITABLE_BY_OTHERS = 0o022
_MOST_BYTES = 1_048_576


@frozen_class
class Profile:
    """A service, and its settings by name: each as text, or as where it is read from. It holds no secret."""

    name: str
    service: str
    settings: Mapping[str, str | Source]
    path: Path
    """The file that it is in."""

    def connection(self, *, allow_http: bool = False) -> Connection:
        """The connection, with every setting read anew from where it is.

        Args:
            allow_http: allow plain http to another machine, which shows the credentials to the network.

        Raises:
            ConfigurationError: a setting cannot be read, or is missing or wrong; the message names it.
        """
        given = {
            name: value if isinstance(value, str) else _named(self, name, value)
            for name, value in self.settings.items()
        }
        try:
            return connect(registry.connection_class(self.service), given, allow_http=allow_http)
        except ConfigurationError as error:
            reason = error.message
        raise ConfigurationError(f"{_place(self.name, self.path)}: {reason}")


@frozen_class
class Profiles:
    """The profiles of a file, in its order. What one of them says wrong is refused when that one is asked for."""

    path: Path
    default: str | None
    """The one that is meant where none is named."""
    _tables: Mapping[str, Mapping[str, object]] = field(repr=False)
    """What the file says of each; it may be what it should not say."""
    exposure: str = field(default="", repr=False)
    """How others may write it, and what to do about that; then no command in it is run. Empty where they may not."""

    @staticmethod
    def path_of(path: AnyPath | None = None) -> Path:
        """Where the profiles are: in a file that is named, else in that of `INVITE_CONFIG`, else in the user's own.

        Args:
            path: the file, which need not be there. The user's own is `invite/config.toml` in the folder for settings.

        Raises:
            ConfigurationError: it is no path, or none is named and platformdirs, which knows the folder, is not there.
        """
        named = os.environ.get("INVITE_CONFIG", "").strip() or None if path is None else path
        if named is not None:
            try:
                return Path(named).expanduser().absolute()
            except (TypeError, RuntimeError):
                raise ConfigurationError(f"the file of profiles cannot be {shown(named)}") from None
        try:
            from platformdirs import user_config_path
        except ImportError:
            raise ConfigurationError(
                "where profiles are is not known: set INVITE_CONFIG to the path of their file, "
                "or pip install 'invite-sdk[cli]'"
            ) from None
        return user_config_path("invite", appauthor=False) / "config.toml"

    @classmethod
    def read(cls, path: AnyPath | None = None) -> Self:
        """The profiles of a file.

        Args:
            path: a TOML file; else that of `path_of()`.

        Raises:
            ConfigurationError: it is not there, cannot be read, or is no file of profiles; the message says where.
        """
        file = cls.path_of(path)
        said, exposure = _toml(file)
        default, tables = said.get("default"), cast("dict[str, dict[str, object]]", said.get("profiles", {}))
        if unknown := [key for key in said if key not in _KEYS]:
            raise ConfigurationError(f"{file}: there is no {shown(unknown[0])}; {_nearest(unknown[0], _KEYS)}")
        if default is not None and not _is_name(default):
            raise ConfigurationError(f'{file}: default must name a profile, as in default = "acme"')
        if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
            raise ConfigurationError(f"{file}: each profile must be a table of its own, as in [profiles.acme]")
        if wrong := [name for name in tables if not _is_name(name)]:
            raise ConfigurationError(f"{file}: a profile must have a printable name; not {shown(wrong[0])}")
        return cls(file, cast("str | None", default), MappingProxyType(tables), exposure)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all profiles."""
        return tuple(self._tables)

    def chosen(self, name: str | None = None) -> str:
        """The name of the profile that is meant.

        Args:
            name: its name; else that in `INVITE_PROFILE`, else the file's `default`, else the only one that there is.

        Raises:
            ConfigurationError: there is none of that name, or it is not clear which is meant; the message lists them.
        """
        wanted = name if name is not None else os.environ.get("INVITE_PROFILE", "").strip() or self.default
        if not self._tables:
            raise ConfigurationError(f"{self.path} has no profile: add one, as [profiles.acme]")
        if wanted is None and len(self._tables) == 1:
            return self.names[0]
        listed = ", ".join(self.names)
        if wanted is None:
            raise ConfigurationError(
                f"{self.path} has several profiles, of which none is the default: name one of {listed}, "
                "for example with INVITE_PROFILE"
            )
        if not isinstance(wanted, str) or wanted not in self._tables:
            raise ConfigurationError(f"{self.path} has no profile {shown(wanted)}; {_nearest(wanted, self.names)}")
        return wanted

    def get(self, name: str | None = None) -> Profile:
        """A profile. Nothing that it names is read yet.

        Args:
            name: as `chosen` takes it.

        Raises:
            ConfigurationError: there is none of that name, or it cannot be right; the message names the setting.
        """
        chosen = self.chosen(name)
        place, table = _place(chosen, self.path), dict(self._tables[chosen])
        service = table.pop("service", None)
        if service is None:
            raise ConfigurationError(f'{place}: it does not say its service, as in service = "waldur"')
        try:
            kind = registry.connection_class(service)
        except ConfigurationError as error:
            raise ConfigurationError(f"{place}: {error.message}") from None
        settings: dict[str, str | Source] = {}
        for key, value in table.items():
            if key not in kind.settings:
                raise ConfigurationError(f"{place}: there is no {shown(key)}; {_nearest(key, kind.settings)}")
            try:
                settings[key] = _setting(key, value, kind, f"{chosen}:{key}", self.path.parent)
                _refuse_command_of_others(settings[key], self.exposure)
                _refuse_open_file(settings[key])
            except ConfigurationError as error:
                raise ConfigurationError(f"{place}: {key} {error.message}") from None
        return Profile(chosen, cast("str", service), MappingProxyType(settings), self.path)


def _toml(file: Path) -> tuple[dict[str, object], str]:
    """What a file says, and how others may write it at that time."""
    try:
        if file.exists() and not file.is_file() and not file.is_dir():
            # A device may never end, and nobody writes into a pipe that nobody knows of.
            raise ConfigurationError(f"{file}: it is no file")
        with file.open("rb") as opened:
            exposure = _exposure(file.resolve(), os.fstat(opened.fileno()).st_mode)
            said = opened.read(_MOST_BYTES + 1)
        if len(said) > _MOST_BYTES:
            raise ConfigurationError(f"{file}: it is longer than {_MOST_BYTES // 1024} KiB")
        return tomllib.loads(said.decode("utf-8-sig")), exposure
    except FileNotFoundError:
        reason = "there is no such file of profiles: 'invite profile add' makes it, or set INVITE_CONFIG to where it is"
    except OSError as error:
        reason = f"it cannot be read: {error.strerror}"
    except UnicodeDecodeError:
        reason = "it is no text in UTF-8"
    except RecursionError:
        reason = "it is nested too deeply"
    except tomllib.TOMLDecodeError as error:
        reason = f"it is no TOML: {error}"
    except ValueError:
        reason = "no file can have this name"
    raise ConfigurationError(f"{file}: {reason}")


def _setting(name: str, value: object, kind: type[Connection], entry: str, folder: Path) -> str | Source:
    if isinstance(value, dict):
        return source_of(cast("dict[str, object]", value), entry, folder)
    if name in kind.secrets:
        raise ConfigurationError(f"is a secret and must not stand in the file: name where it is, with {WAYS}")
    if not _is_name(value):
        raise ConfigurationError(f"must be text without control characters and not empty, or say where it is: {WAYS}")
    return cast("str", value)


def _exposure(file: Path, mode: int) -> str:
    if os.name != "posix":
        return ""
    seen = "see that it says what you want, then chmod"
    if mode & _WRITABLE_BY_OTHERS:
        return f"in a file that others may write ({stat.S_IMODE(mode):04o}): {seen} 600 {shlex.quote(str(file))}"
    folder = file.parent.stat().st_mode
    # In a sticky folder nobody can put another file in its place.
    if folder & _WRITABLE_BY_OTHERS and not folder & stat.S_ISVTX:
        place = shlex.quote(str(file.parent))
        return f"in a file of a folder that others may write ({stat.S_IMODE(folder):04o}): {seen} go-w {place}"
    return ""


def _refuse_command_of_others(value: str | Source, exposure: str) -> None:
    """Refuses to run what others may have written, as ssh does."""
    if isinstance(value, Source) and value.kind == "command" and exposure:
        raise ConfigurationError(f"is a command {exposure}")


def _refuse_open_file(value: str | Source) -> None:
    """Refuses a file that others may use before it is needed, where it is there by now."""
    if isinstance(value, Source) and value.kind == "file":
        with suppress(OSError):
            refuse_open(Path(value.place), Path(value.place).stat())


def _named(profile: Profile, name: str, source: Source) -> str:
    try:
        return read(source)
    except ConfigurationError as error:
        reason = error.message
    raise ConfigurationError(f"{_place(profile.name, profile.path)}: {name} {reason}")


def _place(name: str, path: Path) -> str:
    return f"profile {shown(name)} in {path}"


def _is_name(name: object) -> bool:
    return isinstance(name, str) and bool(name.strip()) and name.isprintable()


def _nearest(name: object, known: Iterable[str]) -> str:
    names = list(known)
    near = get_close_matches(str(name)[:60], names, 1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
