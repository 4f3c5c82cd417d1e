"""auth_login: its request, and how its answer is read."""

from ...._runtime import Call, Response, form_request
from ...models.login_request import LoginRequest
from ...models.login_response import LoginResponse


def read(response: Response) -> LoginResponse:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return LoginResponse.model_validate_json(response.body)


def auth_login(*, body: LoginRequest) -> Call[LoginResponse]:
    """Get a token.

    Trade an API key, or the credentials of a machine, for a token that lasts about an hour. Asking again is harmless.

    Args:
        body: the credentials of a login; either the password alone or the other four.

    Returns:
        a call whose result is `LoginResponse`: the token.
    """
    return Call(
        service="zenml",
        operation="auth_login",
        request=form_request("POST", "/auth/login", body=body),
        success=frozenset({200}),
        public=True,
        repeat="safe",
        reader=read,
    )
