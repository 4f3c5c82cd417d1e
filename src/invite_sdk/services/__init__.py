"""The services, and all that an author of another one needs: docs/adding-a-service.md shows how it goes together.

A service is an `Adapter` with its `Capabilities` and a `Connection`; its operations are flows, generators that do no
I/O and yield what is to be done. The names of this module are stable; those of the modules below it are not. Whatever
the files of our own services use is here. They may import `_flows` and what is below it, and no HTTP library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from invite_sdk._lazy import lazy

if TYPE_CHECKING:
    from invite_clients._runtime import Call, Response
    from invite_sdk._errors.bodies import ErrorBody, read_error_body, retry_after
    from invite_sdk._errors.classify import ErrorRule, rule
    from invite_sdk._flows.auth import LoginAuth, NewToken, StaticAuth
    from invite_sdk._flows.context import Context
    from invite_sdk._flows.effects import Flow
    from invite_sdk._flows.exchange import exchange, perform
    from invite_sdk._flows.filters import (
        Check,
        Filters,
        check_email,
        check_organization,
        check_role,
        check_scope,
        check_status,
    )
    from invite_sdk._flows.lookups import Lookup, known, lookup
    from invite_sdk._flows.outcomes import parse_error, read
    from invite_sdk._flows.paging import Pages, decoded, listing, next_link, page_in, read_rows
    from invite_sdk._flows.rows import Rows
    from invite_sdk._flows.walk import Reading
    from invite_sdk._model.addresses import address_form, common_part
    from invite_sdk._model.ids import IdKind, canonical_id, is_id, is_uuid, same_id
    from invite_sdk._model.installed import service_names
    from invite_sdk._model.records import InvitationFields, unset
    from invite_sdk._privacy.texts import shown
    from invite_sdk.services.adapter import AcceptWith, Adapter, Moment, NewInvitation
    from invite_sdk.services.capabilities import (
        OPERATIONS,
        Capabilities,
        FilterSupport,
        OperationSupport,
        Support,
        emulated,
        local_filter,
        native,
        server_filter,
        unsupported,
    )
    from invite_sdk.services.common import (
        ArrayPages,
        absolute,
        accepted,
        answered,
        aware,
        ensured,
        extra_fields,
        invitation,
        partial,
        read_back,
        request_body,
        rows_of,
        texts_in,
        with_answer,
    )
    from invite_sdk.services.connection import Connection, Secret, base_url, host_names, one_of, secret
    from invite_sdk.services.ids import require_integer, require_segment, require_uuid
    from invite_sdk.services.registry import connection_class
    from invite_sdk.services.settling import cannot_look, settled

_HOMES = {
    "invite_clients._runtime": "Call Response",
    "invite_sdk._errors.bodies": "ErrorBody read_error_body retry_after",
    "invite_sdk._errors.classify": "ErrorRule rule",
    "invite_sdk._flows.auth": "LoginAuth NewToken StaticAuth",
    "invite_sdk._flows.context": "Context",
    "invite_sdk._flows.effects": "Flow",
    "invite_sdk._flows.exchange": "exchange perform",
    "invite_sdk._flows.filters": "Check Filters check_email check_organization check_role check_scope check_status",
    "invite_sdk._flows.lookups": "Lookup known lookup",
    "invite_sdk._flows.outcomes": "parse_error read",
    "invite_sdk._flows.paging": "Pages decoded listing next_link page_in read_rows",
    "invite_sdk._flows.rows": "Rows",
    "invite_sdk._flows.walk": "Reading",
    "invite_sdk._model.addresses": "address_form common_part",
    "invite_sdk._model.ids": "IdKind canonical_id is_id is_uuid same_id",
    "invite_sdk._model.installed": "service_names",
    "invite_sdk._model.records": "InvitationFields unset",
    "invite_sdk._privacy.texts": "shown",
    "invite_sdk.services.adapter": "AcceptWith Adapter Moment NewInvitation",
    "invite_sdk.services.capabilities": (
        "OPERATIONS Capabilities FilterSupport OperationSupport Support emulated local_filter native "
        "server_filter unsupported"
    ),
    "invite_sdk.services.common": (
        "ArrayPages absolute accepted answered aware ensured extra_fields invitation partial "
        "read_back request_body rows_of texts_in with_answer"
    ),
    "invite_sdk.services.connection": "Connection Secret base_url host_names one_of secret",
    "invite_sdk.services.ids": "require_integer require_segment require_uuid",
    "invite_sdk.services.registry": "connection_class",
    "invite_sdk.services.settling": "cannot_look settled",
}

__all__ = [
    "OPERATIONS",
    "AcceptWith",
    "Adapter",
    "ArrayPages",
    "Call",
    "Capabilities",
    "Check",
    "Connection",
    "Context",
    "ErrorBody",
    "ErrorRule",
    "FilterSupport",
    "Filters",
    "Flow",
    "IdKind",
    "InvitationFields",
    "LoginAuth",
    "Lookup",
    "Moment",
    "NewInvitation",
    "NewToken",
    "OperationSupport",
    "Pages",
    "Reading",
    "Response",
    "Rows",
    "Secret",
    "StaticAuth",
    "Support",
    "absolute",
    "accepted",
    "address_form",
    "answered",
    "aware",
    "base_url",
    "cannot_look",
    "canonical_id",
    "check_email",
    "check_organization",
    "check_role",
    "check_scope",
    "check_status",
    "common_part",
    "connection_class",
    "decoded",
    "emulated",
    "ensured",
    "exchange",
    "extra_fields",
    "host_names",
    "invitation",
    "is_id",
    "is_uuid",
    "known",
    "listing",
    "local_filter",
    "lookup",
    "native",
    "next_link",
    "one_of",
    "page_in",
    "parse_error",
    "partial",
    "perform",
    "read",
    "read_back",
    "read_error_body",
    "read_rows",
    "request_body",
    "require_integer",
    "require_segment",
    "require_uuid",
    "retry_after",
    "rows_of",
    "rule",
    "same_id",
    "secret",
    "server_filter",
    "service_names",
    "settled",
    "shown",
    "texts_in",
    "unset",
    "unsupported",
    "with_answer",
]

__getattr__, __dir__ = lazy(__name__, _HOMES)
