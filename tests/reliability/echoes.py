"""A server that repeats what it was sent, secrets and all, in every place that an answer has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from urllib.parse import quote

from tests.reliability.leaks import Secret
from tests.reliability.subjects import ANSWERED_SESSION, LOGIN_TOKEN
from tests.support.wire import Heard, Line, Script, response

Made = Callable[[str, "Heard"], bytes]
"""An answer, from what is to be repeated."""


def _plain(text: str) -> str:
    """As it fits into a header."""
    return "".join(char if 32 <= ord(char) < 127 else quote(char) for char in text)


def _json(status: int, shape: Callable[[str], object], **headers: str) -> Made:
    def made(said: str, _: Heard) -> bytes:
        return response(status, json.dumps(shape(said)).encode(), Content_Type="application/json", **headers)

    return made


def _in_headers(status: int) -> Made:
    def made(said: str, _: Heard) -> bytes:
        text = _plain(said)
        return response(
            status,
            b'{"detail": "no"}',
            Content_Type=f"application/json; x={text}",
            Server=text,
            Via=text,
            Allow=text,
            X_Request_Id=text,
            WWW_Authenticate=f"Bearer error={text}",
            Location=f"https://elsewhere.example/?{quote(said)}",
            Retry_After=text,
            Set_Cookie=f"id0={ANSWERED_SESSION}; Path=/",
        )

    return made


def _cut(said: str, _: Heard) -> bytes:
    whole = response(200, json.dumps({"detail": said}).encode(), Content_Type="application/json")
    return whole[:-5]


ECHOES: dict[str, Made] = {
    "nothing": _json(500, lambda _: {"detail": "no"}),
    "one sentence": _json(400, lambda said: {"detail": said}),
    "many sentences": _json(400, lambda said: [said, [said]]),
    "fields": _json(422, lambda said: {"email": [said], said: [said], "deep": {said: said}}),
    "objects": _json(422, lambda said: {"detail": [{"loc": ["body", said], "msg": said, "input": said}]}),
    "a class and words": _json(409, lambda said: {"detail": ["Conflict", said]}),
    "a code": _json(403, lambda said: {"code": said, "message": said}),
    "a page": lambda said, _: response(404, f"<html><title>{said}</title>{said}".encode(), Content_Type="text/html"),
    "text": lambda said, _: response(404, said.encode(), Content_Type="text/plain"),
    "a failure": _json(500, lambda said: {"detail": said}),
    "no entry": _json(401, lambda said: {"detail": said}),
    "headers": _in_headers(400),
    "headers of a failure": _in_headers(503),
    "a redirect": _in_headers(307),
    "headers of a success": _in_headers(200),
    "what nobody can read": _json(200, lambda said: {"unexpected": said, "id": [said], "uuid": [said]}),
    "rows that nobody can read": _json(200, lambda said: [{"id": said, "uuid": said, "email": said, "state": [said]}]),
    "words in place of a result": _json(201, lambda said: f"https://elsewhere.example/{said}"),
    "a page in place of a result": lambda said, _: response(200, f"<p>{said}".encode(), Content_Type="text/html"),
    "half an answer": _cut,
    "a broken status line": lambda said, _: f"HTTP/1.1 200 {_plain(said)}\r\nContent-Length: x\r\n\r\n".encode(),
    "no HTTP": lambda said, _: f"{_plain(said)}\r\n\r\n".encode(),
}
"""Where the server repeats it."""


def echoing(made: Made, secrets: Iterable[Secret], *, lets_in: bool = True) -> Script:
    """A server that repeats each request, and every secret in it in all the forms that it may be written in.

    Args:
        made: how it answers.
        secrets: what to look for in a request.
        lets_in: whether it answers a login with a token, or as it answers everything.
    """
    known = tuple(secrets)

    def script(line: Line, heard: Heard) -> None:
        if lets_in and heard.target == "/auth/login":
            said = {"access_token": LOGIN_TOKEN, "token_type": "bearer", "expires_in": 3600}
            line.send(response(200, json.dumps(said).encode(), Content_Type="application/json"))
            return
        text = f"{heard.method} {heard.target} {' '.join(heard.lines)} {heard.body.decode('utf-8', 'replace')}"
        sent = (secret for secret in known if any(form in text for form in secret.forms))
        line.send(made(" ".join([text, *(form for secret in sent for form in secret.forms)]), heard))
        line.close()

    return script
