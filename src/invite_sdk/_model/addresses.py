"""E-mail addresses in one form, to be compared, and what in one nobody can see."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile(
    "[\u0085\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f"
    "\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
"""Spaces beyond that of the keyboard, and what Unicode calls default ignorable, such as joiners and soft hyphens."""
_PUNYCODE = "xn--"


def address_form(email: str) -> str:
    """An address in the form that all its spellings share: two are one person's where these are equal.

    Capitals, the two ways to write an accent (NFC and NFD), invisible characters, and a host in Unicode or in punycode
    make no other person. Folding the case would make one of straße and strasse, which are two mailboxes.
    """
    text = email.strip().lower()
    if text.isascii() and _PUNYCODE not in text:  # nearly always, and much faster
        return text
    text = _composed(_INVISIBLE.sub("", email).strip())
    local, at, host = text.rpartition("@")
    return local + at + ".".join(map(_unicode_label, host.split(".")))


def common_part(email: str) -> str:
    """The longest part of an address that stands in all its spellings: for a service that looks for it as text.

    It is the whole address where that has no other spelling than by capitals.
    """
    text = email.strip()
    if text.isascii() and _PUNYCODE not in text.lower():
        return text
    local, at, host = _composed(text).rpartition("@")
    labels = [label if label.isascii() and not label.startswith(_PUNYCODE) else "\x80" for label in host.split(".")]
    return max(re.findall(r"[\x00-\x7f]+", local + at + ".".join(labels)), key=len, default="")


def invisible_in(text: str) -> tuple[int, str] | None:
    """The place, from 1, and the name of the first character that nobody can see."""
    found = _INVISIBLE.search(text)
    if found is None:
        return None
    char = found.group()
    return found.start() + 1, f"{unicodedata.name(char, 'an invisible character')} (U+{ord(char):04X})"


def _composed(text: str) -> str:
    # Once more afterwards: small letters may be taken apart where the capital was not.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())


def _unicode_label(label: str) -> str:
    """A label of a host as people read it; one that is no punycode of such a label as it is."""
    if not label.startswith(_PUNYCODE):
        return label
    try:
        read = label.removeprefix(_PUNYCODE).encode("ascii").decode("punycode")
        return read if not read.isascii() and read == _composed(read) else label
    except UnicodeError:
        return label
