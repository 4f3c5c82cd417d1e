"""No id can address another endpoint than the one that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from inspect import signature
from typing import Any, cast

import pytest

from invite_clients import enhance, waldur
from invite_clients._runtime import Call
from tests.generated import BUILDERS



def taking_an_id() -> Iterator[Any]:
    """What builds the calls that take an id, with nothing for whatever else they need: ids are looked at first."""
    for (service, name), build in BUILDERS.items():
        needed = [one for one in signature(build).parameters.values() if one.default is one.empty]
        others = {one.name: None for one in needed if one.kind is one.KEYWORD_ONLY}
        if len(others) < len(needed):
            yield pytest.param(partial(build, **others), id=f"{service}-{name}")


@pytest.mark.parametrize("id_", ["", ".", "..", "a/b", "/", "../x", "a\\b", "a\nb", "a\x00", "\x7f"], ids=repr)
@pytest.mark.parametrize("build", list(taking_an_id()))
def test_an_id_that_quoting_cannot_save_is_refused(build: Callable[[str], Call[Any]], id_: str) -> None:
    with pytest.raises(ValueError, match="must be one non-empty path segment"):
        build(id_)


@pytest.mark.parametrize("id_", [7, None, b"key", ["key"]], ids=repr)
def test_an_id_that_is_not_text_is_refused(id_: object) -> None:
    with pytest.raises(ValueError, match="uuid must be a string"):
        waldur.user_invitations_destroy(cast("str", id_))


@pytest.mark.parametrize(
    ("id_", "quoted"),
    [
        ("a b", "a%20b"),
        ("%2e%2e", "%252e%252e"),
        ("..%2f", "..%252f"),
        ("k?x=1#y", "k%3Fx%3D1%23y"),
        ("...", "..."),
        ("é", "%C3%A9"),
        ("a;b", "a%3Bb"),
    ],
)
def test_any_other_id_is_quoted_as_one_segment(id_: str, quoted: str) -> None:
    assert enhance.validate_invite(id_).request.path == f"/invites/{quoted}/validate"


def test_an_id_keeps_its_spelling() -> None:
    dashed = "01234567-89AB-cdef-0123-456789abcdef"
    assert waldur.user_invitations_retrieve(dashed).request.path == f"/api/user-invitations/{dashed}/"
