"""Masking of what must not be read over a shoulder: invite keys and links keep their last four characters."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_KEY_IN_PATH = re.compile(r"(?<=/invites/)[^/?#\s\"'<>]+|(?<=/invitation_approve/)[^/?#\s\"'<>]+")


def mask_key(key: str) -> str:
    """`key` as `…` and its last four characters; one of eight characters or fewer is hidden whole."""
    return "…" + (key[-4:] if len(key) > 8 else "")


def mask_link(text: str) -> str:
    """A link, a path or any text with the invite keys in it masked; one that is a bare key is masked as a key."""
    masked = _KEY_IN_PATH.sub(lambda found: mask_key(found.group()), text)
    if masked == text and "/" not in urlsplit(text).path:
        return mask_key(text)
    return masked


def mask_in_text(text: str) -> str:
    """Any text with the invite keys of links in it masked."""
    return _KEY_IN_PATH.sub(lambda found: mask_key(found.group()), text)
