"""What the endpoint functions and the models are made of: that of invite_clients."""

from invite_clients._runtime import (
    Call,
    OpenEnum,
    QueryValue,
    Repeat,
    Request,
    Response,
    T_co,
    comma,
    form_request,
    json_body,
    json_request,
    query,
    read_count,
    read_required_text,
    read_text,
    segment,
)

__all__ = [
    "Call",
    "OpenEnum",
    "QueryValue",
    "Repeat",
    "Request",
    "Response",
    "T_co",
    "comma",
    "form_request",
    "json_body",
    "json_request",
    "query",
    "read_count",
    "read_required_text",
    "read_text",
    "segment",
]
