"""Masking of what must not be read over a shoulder: invite keys and links keep their last four characters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

HIDDEN = "..."
"""What stands for a secret. In ASCII, as is everything of ours that is printed: not every terminal takes more."""

_KEY_IN_PATH = re.compile(
    r"(?:(?<=/invites/)|(?<=/invitation_approve/)|(?<=/invites\\/)|(?<=/invitation_approve\\/))[^/?#\s\"'<>\\]+"
)
"""A key in a link, also where JSON has escaped the slashes."""

_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#@\s]*(?=[/?#]|$)")


class Hidden:
    """A credential that shows nowhere. As pydantic's `SecretStr`, but pydantic takes its time to load."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def get_secret_value(self) -> str:
        """The credential."""
        return self._text

    def __repr__(self) -> str:
        return "Hidden('**********')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hidden) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a credential does not pickle")


def shown_by(value: object) -> object:
    """The text in a `Hidden` or in a `SecretStr` of pydantic's; anything else as it is."""
    get = None if isinstance(value, type) else getattr(value, "get_secret_value", None)
    if not callable(get):
        return value
    try:
        return cast("object", get())
    except Exception:  # noqa: BLE001 - what it says may hold the credential
        return value


def mask_key(key: str) -> str:
    """`key` as `...` and its last four characters; one of eight characters or fewer is hidden whole."""
    return HIDDEN + (key[-4:] if len(key) > 8 else "")


def mask_link(text: str) -> str:
    """A link with its invite key masked. A bare key is one whole, and so is what another link has behind its host."""
    masked = mask_in_text(text)
    if masked != text:
        return masked
    found = _ORIGIN.match(text)
    origin = found.group() if found else ""
    rest = text[len(origin) :]
    return f"{origin}/{mask_key(rest)}" if origin and rest else origin or mask_key(text)


def keys_in_path(url: str) -> list[str]:
    """The invite keys in a URL, as they stand there."""
    return _KEY_IN_PATH.findall(url)


def mask_in_text(text: str) -> str:
    """Any text with the invite keys of links in it masked; what was masked before stays as it is."""
    return _KEY_IN_PATH.sub(lambda found: found.group() if _is_masked(found.group()) else mask_key(found.group()), text)


def mask_in_row(row: Mapping[str, object]) -> dict[str, object]:
    """A row with the invite keys of links in its texts masked."""
    return {name: mask_in_text(cell) if type(cell) is str else cell for name, cell in row.items()}


def _is_masked(key: str) -> bool:
    return key.startswith(HIDDEN) and len(key) <= len(HIDDEN) + 4
