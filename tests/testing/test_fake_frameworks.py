"""Waldur and CloudTruth stand on Django REST framework. Here its own code says what the fakes have to answer."""

from __future__ import annotations

import json
from functools import cache
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invite_sdk.testing import FakeCloudTruth, FakeRequest, FakeWaldur, Refused
from invite_sdk.testing.base import drf
from invite_sdk.testing.cloudtruth.world import ROLES
from tests.testing.asking import sign_in

PATH = "/api/v1/invitations/"
ROWS = 25
MOST_ROWS = 12


@cache
def load() -> SimpleNamespace:
    """The framework, set up without an application or a database, and a view like CloudTruth's."""
    import django.conf

    if not django.conf.settings.configured:
        rest = {"UNAUTHENTICATED_USER": None}
        django.conf.settings.configure(ALLOWED_HOSTS=["*"], USE_I18N=False, LOGGING_CONFIG=None, REST_FRAMEWORK=rest)

    from django import forms
    from django.core.exceptions import ValidationError
    from django.http import Http404
    from rest_framework import (
        exceptions,
        negotiation,
        pagination,
        renderers,
        request,
        response,
        serializers,
        test,
        views,
    )

    class Create(serializers.Serializer):  # type: ignore[misc]
        email = serializers.EmailField(max_length=254)
        role = serializers.ChoiceField(choices=ROLES)

    class Pages(pagination.PageNumberPagination):  # type: ignore[misc]
        page_size = 10
        page_size_query_param = "page_size"
        max_page_size = MOST_ROWS

    class View(views.APIView):  # type: ignore[misc]
        authentication_classes = ()
        permission_classes = ()
        renderer_classes = (renderers.JSONRenderer,)

        def get(self, asked: Any) -> Any:
            pages = Pages()
            return pages.get_paginated_response(pages.paginate_queryset(list(range(ROWS)), asked, self))

        def post(self, asked: Any) -> Any:
            form = Create(data=asked.data)
            form.is_valid(raise_exception=True)
            return response.Response(form.validated_data, 201)

    return SimpleNamespace(
        view=View.as_view(),
        factory=test.APIRequestFactory(),
        email=serializers.EmailField(max_length=254),
        text=serializers.CharField(max_length=100, allow_blank=True),
        choice=serializers.ChoiceField(choices=ROLES),
        invalid=exceptions.ValidationError,
        form_uuid=forms.UUIDField(required=False),
        form_choice=forms.ChoiceField(required=False, choices=[(role, role) for role in ROLES]),
        form_invalid=ValidationError,
        negotiate=negotiation.DefaultContentNegotiation().select_renderer,
        renderers=[renderers.JSONRenderer(), renderers.BrowsableAPIRenderer()],
        request=request.Request,
        refusals=(exceptions.APIException, Http404),
    )


@pytest.fixture(scope="module")
def real() -> SimpleNamespace:
    return load()


def words(field: Any, value: object, invalid: type[Exception]) -> object:
    """What a field of the framework makes of a value, or what it says against it."""
    try:
        return field.run_validation(value) if hasattr(field, "run_validation") else field.clean(value)
    except invalid as error:
        return [str(text) for text in getattr(error, "detail", None) or error.messages]  # type: ignore[attr-defined]


def ours(errors: list[str], value: object) -> object:
    return errors or drf.text_of(value)


LONG = "a" * 64
ADDRESSES: list[object] = [
    "ana@example.com",
    "Ana.B+c_d-e@Example.COM",
    "a!#$%&'*+/=?^_`{|}~z@example.com",
    "ana@localhost",
    "ana@LOCALHOST",
    "ana@internal",
    "ana@exämple.com",
    "ana@例え.jp",
    "ana@example.例え",
    "ana@xn--r8jz45g.jp",
    "ana@example.xn--zckzah",
    "ana@example.xn--",
    "ana@example.c",
    "ana@example.c0m",
    "ana@example.1",
    "ana@192.0.2.1",
    "ana@[192.0.2.1]",
    "ana@[192.0.2.256]",
    "ana@[192.0.02.1]",
    "ana@[2001:db8::1]",
    "ana@[IPv6:2001:db8::1]",
    "ana@[::ffff:192.0.2.1]",
    "ana@[0000:0000:0000:0000:0000:ffff:192.168.100.228]",
    "ana@[]",
    "ana@[example.com]",
    ".ana@example.com",
    "ana.@example.com",
    "a..na@example.com",
    "ana@.example.com",
    "ana@example..com",
    "ana@example.com.",
    "ana@-example.com",
    "ana@example-.com",
    "ana@exa--mple.com",
    "ana@example.-com",
    "ana@example.com-",
    "ana@exa_mple.com",
    "ana@b.-.com",
    f"ana@{'b' * 63}.com",
    f"ana@{'b' * 64}.com",
    f"ana@b.{'c' * 63}.com",
    f"ana@b.{'c' * 64}.com",
    f"ana@b.{'c' * 63}",
    f"ana@b.{'c' * 64}",
    f"{LONG}@example.com",
    f"{'a' * 242}@example.com",
    f"{'a' * 243}@example.com",
    f"{'a' * 308}@example.com",
    f"{'a' * 309}@example.com",
    "ána@example.com",
    "ſſ@example.com",
    "ana@ſſ.ſſ",
    "\u212a@example.com",
    "ana\u200b@example.com",
    "\u200bana@example.com",
    "ana@exa\u200bmple.com",
    "ana@example.com\u200b",
    "ana@exa\u00a0mple.com",
    "ana@example.com\u00a0",
    "\ufeffana@example.com",
    "ana@😀.com",
    "ana@example.com\n",
    "\tana@example.com \r\n",
    "ana@example.com\nbcc:ben@example.com",
    "ana\n@example.com",
    "ana @example.com",
    "ana@ example.com",
    "ana@example .com",
    '"ana b"@example.com',
    '"ana\\ b"@example.com',
    '"ana"@example.com',
    '""@example.com',
    '"a@b"@example.com',
    '"a\\"b"@example.com',
    '"a"b"@example.com',
    '"ana@example.com',
    '"a"."b"@example.com',
    "ana(comment)@example.com",
    "Ana <ana@example.com>",
    "ana@example.com,ben@example.com",
    "a@b@example.com",
    "@example.com",
    "ana@",
    "@",
    "ana",
    "example.com",
    "ana\x00@example.com",
    "ana@example.com\x00",
    "\x1fana@example.com\x1f",
    "\ud800@example.com",
    "ana@\udfff.com",
    "",
    " ",
    "\n\u3000",
    None,
    True,
    False,
    0,
    -5,
    1.5,
    float("inf"),
    10**30,
    [],
    ["ana@example.com"],
    {},
    {"email": "ana@example.com"},
]


def test_an_address_is_judged_as_the_framework_does(real: SimpleNamespace) -> None:
    expected = {repr(value): words(real.email, value, real.invalid) for value in ADDRESSES}

    assert {repr(value): ours(drf.text_errors(value, 254, email=True), value) for value in ADDRESSES} == expected


PIECES = st.sampled_from(
    [*'aZ0-_.@@"\\[]:+ \t\n\x00\x7fß', "ſ", "例", "\u200b", "\ud800", ".com", "xn--", "@localhost", "1.1"]
)


@settings(deadline=None, derandomize=True, database=None, max_examples=400)
@given(st.lists(PIECES, max_size=9).map("".join) | st.lists(PIECES, max_size=5).map("".join).map("ana@{}.com".format))
def test_any_text_is_judged_as_the_framework_does(text: str) -> None:
    real = load()

    assert ours(drf.text_errors(text, 254, email=True), text) == words(real.email, text, real.invalid)
    assert ours(drf.text_errors(text, 100), text) == words(real.text, text, real.invalid)


@pytest.mark.parametrize(
    "value", ["", " \n", None, True, 5, 1.5, [], {}, "x" * 100, "x" * 101, " x ", "\x00", "a\udc00\ud800"]
)
def test_texts_and_choices_are_judged_as_the_framework_does(real: SimpleNamespace, value: object) -> None:
    assert ours(drf.text_errors(value, 100), value) == words(real.text, value, real.invalid)
    assert drf.choice_errors(value, ROLES) == words(real.choice, value, real.invalid)


@pytest.mark.parametrize("value", ["", "OWNER", "owner", " OWNER", "\x00"])
def test_a_filter_of_choices_is_judged_as_the_framework_does(real: SimpleNamespace, value: str) -> None:
    try:
        found: object = drf.filter_choice(FakeRequest("GET", f"/?role={quote(value)}"), "role", ROLES) or ""
    except Refused as refused:
        found = json.loads(refused.response.body)["role"]

    assert found == words(real.form_choice, value, real.form_invalid)


UUID = "ac026eec-2454-403c-81ab-c84a998f6d44"


@pytest.mark.parametrize(
    "text",
    [
        UUID,
        UUID.upper(),
        UUID.replace("-", ""),
        f"{{{UUID}}}",
        f"urn:uuid:{UUID}",
        f" {UUID}\n",
        " ",
        UUID[:-1],
        "x",
        "\x00",
    ],
)
def test_a_filter_of_ids_is_judged_as_the_framework_does(real: SimpleNamespace, text: str) -> None:
    fake = FakeWaldur()
    target = f"/api/user-invitations/?role_uuid={quote(text)}"
    answer = fake.handle(FakeRequest("GET", target, (sign_in(fake),)))
    expected = words(real.form_uuid, text, real.form_invalid)

    assert answer.status == (400 if isinstance(expected, list) else 200)
    if isinstance(expected, list):
        assert json.loads(answer.body) == {"role_uuid": expected}


# Requests as a whole, to a view with CloudTruth's fields and pages.

FORM = "application/x-www-form-urlencoded"
GOOD = b'{"email": " ana@example.com\\n", "role": "VIEWER"}'
NUMBERS = ("", "0", "-1", "1.0", "x", "%202", "0_2", "%2B2", "%D9%A2", "9" * 30)
REQUESTS: list[tuple[str, str, dict[str, str], bytes]] = [
    *(
        ("POST", PATH, {"Content-Type": "application/json"}, body)
        for body in (
            GOOD,
            b'{"email": "ana", "role": "viewer"}',
            b'{"email": null, "role": null}',
            b'{"email": {}, "role": []}',
            b'{"email": true, "role": true}',
            b'{"email": 5, "role": 5}',
            b'{"email": 1e999, "role": 1e999}',
            b'{"email": "\\ud800@example.com", "role": "\\u0000"}',
            b'{"role": "\\ud800"}',
            b"{}",
            b"[]",
            b"null",
            b"5",
            b'"x"',
            b"{",
            b"{'email': 1}",
            b'{"email": 1,}',
            b'{"email": NaN}',
            b'{"email": -Infinity}',
            b'{"email": "\xff"}',
            b'{"email": "\n"}',
            b"\xef\xbb\xbf{}",
            b" ",
            b"",
        )
    ),
    *(
        ("POST", PATH, {"Content-Type": kind}, GOOD)
        for kind in (
            "Application/JSON; charset=utf-8",
            "text/plain",
            "text/JSON; Version=1",
            "application/vnd.api+json",
            "application/*",
            "*/*",
            "json",
            "",
        )
    ),
    ("POST", PATH, {"Content-Type": FORM}, b"email=old%40example.com&email=ana%40example.com&role=ADMIN"),
    ("POST", PATH, {"Content-Type": FORM}, b"email=&role="),
    ("POST", PATH, {"Content-Type": FORM}, b""),
    ("POST", PATH, {"Content-Type": "multipart/form-data"}, b"--x--"),
    ("POST", PATH, {"Content-Type": "multipart/form-data; boundary=x"}, b"--x--\r\n"),
    ("POST", PATH, {"Content-Type": "application/json", "Accept": "text/html"}, b"{"),
    *(("GET", PATH, {"Accept": accept}, b"") for accept in ("", "text/html", "application/*", "text/html, */*;q=0.1")),
    *(("GET", f"{PATH}?format={name}", {}, b"") for name in ("json", "api", "xml")),
    *(
        ("GET", f"{PATH}?{query}", {}, b"")
        for query in (
            *(f"page={page}" for page in (*NUMBERS, "1", "3", "4", "last", "LAST")),
            *(f"page_size={size}" for size in (*NUMBERS, "5", "25", "1000")),
            "page=2&page_size=5",
            "page=1&page=2&z=2&z=1&a=%20%C3%A9",
        )
    ),
    *((method, PATH, {}, b"") for method in ("PUT", "PATCH", "DELETE", "TRACE", "BREW", "HEAD")),
]  # fmt: skip


@pytest.mark.parametrize(("method", "target", "headers", "body"), REQUESTS, ids=range(len(REQUESTS)))
def test_a_request_is_answered_as_the_framework_does(
    real: SimpleNamespace, method: str, target: str, headers: dict[str, str], body: bytes
) -> None:
    fake = FakeCloudTruth(max_page_size=MOST_ROWS)
    for number in range(ROWS if method == "GET" else 0):
        fake.invite(f"p{number}@example.com")
    given_headers = (sign_in(fake), ("Host", "cloudtruth.example"), *headers.items())
    answer = fake.handle(FakeRequest(method, target, given_headers, body))

    environment = {f"HTTP_{name.upper()}": value for name, value in headers.items() if name != "Content-Type"}
    asked = real.factory.generic(
        method,
        target,
        body,
        content_type=headers.get("Content-Type", ""),
        secure=True,
        **environment,
        HTTP_HOST="cloudtruth.example",
    )
    try:
        expected = real.view(asked).render()
    except UnicodeEncodeError:
        assert (answer.status, dict(answer.headers)["Content-Type"]) == (500, "text/html; charset=utf-8")
        return
    assert answer.status == expected.status_code
    if method == "HEAD":
        return
    said, wanted = json.loads(answer.body), json.loads(expected.content)
    if answer.status == 200:
        said["results"] = len(said["results"])
        wanted["results"] = len(wanted["results"])
    elif answer.status == 201:
        said = {name: said[name] for name in wanted}
    assert said == wanted
    assert dict(answer.headers)["Allow"].replace(", HEAD", "") == expected["Allow"].replace(", HEAD", "")


@pytest.mark.parametrize("name", ["", "json", "api", "xml"])
@pytest.mark.parametrize(
    "accept",
    [
        None,
        "",
        " , ",
        "*/*",
        "*",
        "*/json",
        "*/html",
        "application/*",
        "text/*",
        "text/html",
        "TEXT/HTML",
        "json",
        "application/json; indent=4",
        "application/json;q=0.1, text/html;q=0.9",
        "application/json, text/html;level=1",
        "application/json;q=1;v=2, text/html",
        "application/json;flag, text/html",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "application/xml",
        "application/xml, */*",
        "image/png, text/*, application/*",
    ],
)
def test_a_format_is_chosen_as_the_framework_does(real: SimpleNamespace, name: str, accept: str | None) -> None:
    target = f"/?format={name}" if name else "/"
    asked = real.request(real.factory.get(target, **({} if accept is None else {"HTTP_ACCEPT": accept})))
    try:
        expected: object = real.negotiate(asked, real.renderers)[0].format
    except real.refusals as error:
        expected = getattr(error, "status_code", 404)
    headers = () if accept is None else (("Accept", accept),)
    try:
        found: object = drf.renderer_of(FakeRequest("GET", target, headers), {"json": drf.JSON, "api": "text/html"})
    except Refused as refused:
        found = refused.response.status

    assert found == expected
