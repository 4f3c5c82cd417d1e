"""Bodies that something has gone wrong with: nulls, gaps, strange values, broken bytes, strange headers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from random import Random
from typing import Any

from tests.reliability.bodies import dumped

Headers = tuple[tuple[str, str], ...]

STRANGE: tuple[object, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    2**63,
    10**30,
    "",
    " ",
    "brand_new",
    "null",
    "\x00",
    "\ud800",
    "é" * 5000,
    "http://[",
    "//",
    "urn:example:thing",
    "not-a-date",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-13-45T99:99:99Z",
    "../../../etc",
    [],
    {},
    [None],
    [[]],
    {"": None},
    {"id": {"id": {"id": []}}},
    ["a"] * 50,
)
RAW: tuple[bytes, ...] = (
    b"",
    b" \n",
    b"null",
    b"true",
    b"0",
    b"-",
    b"1e400",
    b"9" * 5000,
    b'"text"',
    b'"',
    b"[]",
    b"{}",
    b"[",
    b"{",
    b"[" * 100_000,
    b"[" * 3_000 + b"]" * 3_000,
    b'{"a":' * 50_000,
    b"NaN",
    b"[NaN, Infinity]",
    b"\xff\xfe\x00",
    b"\xef\xbb\xbf[]",
    b"<!doctype html><title>Sign in</title>",
    b"[null]",
    b"[[[]]]",
    b"[1, 2, 3]",
    b'[{"id": 1}, "x", null, {}]',
    b'{"results": null}',
    b'{"results": {}}',
    b'{"results": [null, 1, {}], "count": "many"}',
    b'{"count": -1, "next": 7, "results": []}',
    b'{"count": 1e400, "next": "http://[", "results": []}',
    b'{"detail": "done"}',
)
HEADERS: tuple[Headers, ...] = (
    (("X-Result-Count", "many"),),
    (("X-Result-Count", "-1"),),
    (("X-Result-Count", "9" * 5000),),
    (("X-Result-Count", "\u0661\u0662"),),
    (("X-Result-Count", ""),),
    (("Link", '<http://[>; rel="next"'),),
    (("Link", '<?page=99999999999999999999>; rel="next"'),),
    (("Link", '<?page=0>; rel="next"'),),
    (("Link", "<?page=-3>; rel=next"),),
    (("Link", "<" * 2000),),
    (("Content-Type", "text/plain"),),
    (("Content-Type", "application/json; charset=klingon"),),
    (("Set-Cookie", "id0=\x01; \x02"),),
    (("Set-Cookie", "a b c=;;;==,,"),),
    (("Set-Cookie", "id0="),),
    (("X-Request-ID", "x" * 9000),),
)


NAMES = ("native", "model_config", "__class__", "self", "", "a\x00b", "id ", "ID")
"""Keys that a model may stumble over."""


def broken(value: object, luck: Random) -> tuple[str, bytes, Headers]:
    """A body that something has gone wrong with: what, its bytes, and its headers."""
    kind = luck.choices(list(_BREAKERS), [weight for weight, _ in _BREAKERS.values()])[0]
    body = _BREAKERS[kind][1](value, luck)
    return kind, body, luck.choice(HEADERS) if kind == "strange header" else ()


def _places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _places(inner, (*path, index))


def _at(value: object, luck: Random, change: Callable[[Any, Any], None], count: int = 1) -> bytes:
    copied: Any = json.loads(json.dumps(value))
    for _ in range(count):
        paths = [path for path in _places(copied) if path]
        if not paths:
            break
        path = luck.choice(paths)
        place = copied
        for step in path[:-1]:
            place = place[step]
        change(place, path[-1])
    return dumped(copied)


def _strange(luck: Random) -> Any:
    return deepcopy(luck.choice(STRANGE))


def _set(place: Any, key: Any, new: object) -> None:
    place[key] = new


def _drop(place: Any, key: Any) -> None:
    del place[key]


def _more(value: object, luck: Random) -> bytes:
    def add(place: Any, key: Any) -> None:
        if isinstance(place, dict):
            strange = _strange(luck)
            place[luck.choice(NAMES)] = strange

    return _at(value, luck, add)


def _deep(value: object, luck: Random) -> bytes:
    depth = luck.choice((50, 300, 900))
    nest: object = _strange(luck)
    for _ in range(depth):
        nest = [nest] if luck.random() < 0.5 else {"a": nest}
    return _at(value, luck, lambda place, key: _set(place, key, nest))


def _twice(value: object, luck: Random) -> bytes:
    """A key that comes twice."""
    text = dumped(value)
    keys = [path[-1] for path in _places(value) if path and isinstance(path[-1], str)]
    if not keys:
        return text
    key = json.dumps(luck.choice(keys))
    again = f"{{{key}: {json.dumps(_strange(luck))}, ".encode()
    return (
        text.replace(b"{", again, 1)
        if luck.random() < 0.5
        else text.replace(f"{key}:".encode(), again[1:] + f"{key}:".encode(), 1)
    )


def _cut(value: object, luck: Random) -> bytes:
    text = dumped(value)
    return text[: luck.randrange(len(text))]


def _flipped(value: object, luck: Random) -> bytes:
    text = bytearray(dumped(value))
    for _ in range(luck.choice((1, 2, 5))):
        text[luck.randrange(len(text))] = luck.randrange(256)
    return bytes(text)


def _changed(new: object) -> Callable[[object, Random], bytes]:
    return lambda value, luck: _at(value, luck, lambda place, key: _set(place, key, new))


def _strangely(count: int) -> Callable[[object, Random], bytes]:
    return lambda value, luck: _at(value, luck, lambda place, key: _set(place, key, _strange(luck)), count)


_BREAKERS: dict[str, tuple[int, Callable[[object, Random], bytes]]] = {
    "null": (4, _changed(None)),
    "missing key": (4, lambda value, luck: _at(value, luck, _drop)),
    "strange value": (8, _strangely(1)),
    "several strange values": (4, _strangely(4)),
    "unknown word": (2, _changed("brand_new")),
    "extra key": (2, _more),
    "deep nesting": (1, _deep),
    "key twice": (2, _twice),
    "cut": (2, _cut),
    "flipped bytes": (2, _flipped),
    "something else": (4, lambda value, luck: luck.choice(RAW)),
    "wrapped": (1, lambda value, luck: dumped(luck.choice(([value], {"data": value}, {"results": value})))),
    "strange header": (2, lambda value, luck: dumped(value)),
}
