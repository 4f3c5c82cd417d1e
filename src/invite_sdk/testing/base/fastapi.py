"""The answers that a FastAPI server gives by itself: validation, redirects, unknown paths."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from invite_sdk.testing.base.wire import Refused, uuid_of
from invite_sdk.testing.faults.operations import Routes, methods_of
from invite_sdk.testing.messages import FakeRequest, FakeResponse

Shape = Literal["string", "pair", "list"]
Location = tuple[str, str]

_TRUE = {"1", "true", "t", "yes", "y", "on"}
_FALSE = {"0", "false", "f", "no", "n", "off"}


def error(status: int, kind: str, text: str, shape: Shape = "string") -> FakeResponse:
    """An error of the application: `detail` as a sentence, as `[class, sentence]`, or as a list of objects."""
    shapes: dict[Shape, object] = {
        "string": text,
        "pair": [kind, text],
        "list": [{"type": kind, "loc": [], "msg": text}],
    }
    return FakeResponse.json(status, {"detail": shapes[shape]})


def invalid(kind: str, loc: Location, text: str, value: object, shape: Shape) -> FakeResponse:
    """The 422 for one bad parameter."""
    if shape != "list":
        return error(422, "ValidationError", f"{loc[-1]}: {text}", shape)
    return FakeResponse.json(422, {"detail": [{"type": kind, "loc": list(loc), "msg": text, "input": value}]})


def read_uuid(loc: Location, text: str, shape: Shape) -> str:
    """A path value as a dashed UUID."""
    uuid = uuid_of(text)
    if uuid is None:
        raise Refused(invalid("uuid_parsing", loc, "Input should be a valid UUID", text, shape))
    return str(uuid)


def read_bool(loc: Location, text: str | None, shape: Shape) -> bool:
    """A required boolean, in any of the words that pydantic takes."""
    if text is None:
        raise Refused(invalid("missing", loc, "Field required", None, shape))
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        message = "Input should be a valid boolean, unable to interpret input"
        raise Refused(invalid("bool_parsing", loc, message, text, shape))
    return word in _TRUE


def astray(request: FakeRequest, routes: Routes, base_url: str) -> FakeResponse:
    """What no operation answers: 405, 307 from a path with a slash too many (method and body stay), or 404."""
    if methods := methods_of(routes, request.path):
        refusal = error(405, "MethodNotAllowed", "Method Not Allowed")
        return replace(refusal, headers=(*refusal.headers, ("Allow", ", ".join(methods))))
    if methods_of(routes, request.path.removesuffix("/")):
        path, mark, query = request.target.partition("?")
        return FakeResponse(307, (("Location", f"{base_url}{path.rstrip('/')}{mark}{query}"),))
    return error(404, "NotFound", "Not Found")
