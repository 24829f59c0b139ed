"""Requests to Microsoft's sign-in server through msal, with its errors turned into ours."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import msal

from connectors.base import SignInError
from connectors.microsoft365.sign_in_errors import graph_sign_in_error, sign_in_unavailable
from connectors.microsoft365.tenant import Tenant, Way
from connectors.transport.http import TransportError
from connectors.transport.token_endpoint import UnwellEndpointError
from connectors.transport.waits import retry_after


def msal_app(make: Callable[[], Any], way: Way) -> Any:  # noqa: ANN401  # msal has no types
    """Return the app's object of msal; creating it requests the endpoints from the sign-in server.

    Raises:
        ConnectorError: the sign-in server is unwell, the tenant doesn't exist, or the certificate can't be read.
    """
    tenant = way.tenant
    try:
        return make()
    except (ValueError, TypeError) as error:
        text = f"{error} {error.__context__ or ''}"
        if "OIDC Discovery failed" in text or "AADSTS" in text:
            raise graph_sign_in_error(
                {"error_description": f"{text} AADSTS90002"}, whose=tenant.tenant
            ) from error
        if "authority" in text.lower() or isinstance(error, json.JSONDecodeError):
            raise sign_in_unavailable(tenant.tenant) from error
        raise SignInError(
            tenant.tenant,
            "the private key or the certificate can't be read.",
            "Use a PEM file with the private key followed by the certificate; an encrypted key requires "
            "microsoft365.passphrase_env.",
            state="certificate rejected",
            everywhere=True,
        ) from error
    except UnwellEndpointError as error:
        raise sign_in_unavailable(
            tenant.tenant, after=retry_after(error.headers, "", now=way.now())
        ) from error
    except (OSError, RuntimeError, TransportError, msal.exceptions.MsalError) as error:
        raise sign_in_unavailable(tenant.tenant) from error


def msal_answer(ask: Callable[[], Any], way: Way) -> Mapping[str, Any]:
    """Return the sign-in server's answer to a request of msal; empty if msal has no answer.

    Raises:
        RetryLaterError: the sign-in server is unwell.
    """
    tenant = way.tenant
    try:
        answer = ask()
    except UnwellEndpointError as error:
        raise sign_in_unavailable(
            tenant.tenant, after=retry_after(error.headers, "", now=way.now())
        ) from error
    except (OSError, TransportError, msal.exceptions.MsalError, ValueError) as error:
        raise sign_in_unavailable(tenant.tenant) from error
    return answer if isinstance(answer, dict) else {}


def issued_token(answer: Mapping[str, Any], tenant: Tenant, *, refused: str | None) -> str:
    """Return the access token in an answer.

    Args:
        answer: the answer of the sign-in server.
        tenant: the tenant and the app in it.
        refused: the token that Graph has just rejected; None if it rejected none.

    Raises:
        ConnectorError: the answer has no token, or the rejected one.
    """
    token = answer.get("access_token")
    if not isinstance(token, str) and "error" not in answer:
        raise sign_in_unavailable(tenant.tenant)
    if not isinstance(token, str):
        raise graph_sign_in_error(answer, whose=tenant.tenant)
    if token == refused:
        raise SignInError(
            tenant.tenant,
            "Graph does not accept the tokens that Microsoft issues for it.",
            "Compare microsoft365.graph_root with microsoft365.authority: both must belong to the same cloud.",
            state="token rejected",
            everywhere=True,
        )
    return token
