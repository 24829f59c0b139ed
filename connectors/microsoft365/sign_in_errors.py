"""Decides what an error of Entra's token endpoint means."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from connectors.base import ConnectorError, RetryLaterError, SignInError

SECRETS = "Entra portal > App registrations > your app > Certificates & secrets"

# learn.microsoft.com/entra/identity-platform/reference-error-codes: problem, remedy, state.
_BY_CODE = {
    "7000222": ("the client secret has expired.", f"{SECRETS}: create a new one.", "secret expired"),
    "7000215": (
        "the client secret is wrong.",
        f"{SECRETS}: configure the secret's Value, not its Secret ID.",
        "secret rejected",
    ),
    "700027": (
        "the certificate does not belong to the app, or has expired.",
        f"{SECRETS}: upload the certificate whose private key is configured.",
        "certificate rejected",
    ),
    "700016": (
        "the app is not in the tenant.",
        "Compare microsoft365.client_id and microsoft365.tenant with the app's overview in the Entra portal.",
        "unknown app",
    ),
    "90002": (
        "the tenant does not exist.",
        "Compare microsoft365.tenant with the app's overview in the Entra portal.",
        "unknown tenant",
    ),
    "7000112": ("the app is disabled.", "Entra portal > Enterprise applications: enable it.", "app disabled"),
    "65001": (
        "nobody has consented to the app's permissions.",
        "Entra portal > App registrations > your app > API permissions: grant admin consent.",
        "no consent",
    ),
    "50076": (
        "the sign-in requires a second factor, which this way of signing in can't request.",
        'Use a certificate (auth = "certificate").',
        "second factor",
    ),
    "530003": (
        "a conditional access policy forbids this sign-in.",
        'Use a certificate (auth = "certificate"), or exempt the app from the policy.',
        "blocked by policy",
    ),
    "50173": ("the permission was revoked.", "Sign in again with `mailsignals check`.", "signed out"),
    "700082": (
        "the permission expired, because it was not used for too long.",
        "Sign in again with `mailsignals check`.",
        "signed out",
    ),
}
_BY_ERROR = {
    "authorization_declined": ("the sign-in was declined.", "Run `mailsignals check` again.", "declined"),
    "access_denied": ("the sign-in was declined.", "Run `mailsignals check` again.", "declined"),
    "expired_token": ("the code was not used in time.", "Run `mailsignals check` again.", "code expired"),
    "code_expired": ("the code was not used in time.", "Run `mailsignals check` again.", "code expired"),
}
_BUSY = {"temporarily_unavailable", "server_error", "slow_down", "authorization_pending"}
_ALIKE = {"7000229": "7000112", "90013": "90002", "900023": "90002", "700030": "700027", "700024": "700027"}


def graph_sign_in_error(answer: Mapping[str, Any], *, whose: str) -> ConnectorError:
    """Return the error for an error answer of msal, a dictionary."""
    error, description = str(answer.get("error", "")), str(answer.get("error_description", ""))
    codes: list[str] = [str(code) for code in answer.get("error_codes") or []]
    codes += re.findall(r"AADSTS(\d+)", description)
    for code in codes:
        found = _BY_CODE.get(_ALIKE.get(code, code))
        if found:
            problem, remedy, state = found
            return SignInError(whose, problem, remedy, state=state, everywhere=True)
    if error in _BY_ERROR:
        problem, remedy, state = _BY_ERROR[error]
        return SignInError(whose, problem, remedy, state=state, everywhere=True)
    if error in _BUSY:
        return sign_in_unavailable(whose)
    named = f"AADSTS{codes[0]}" if codes else error or "no reason given"
    return SignInError(
        whose,
        f"Microsoft rejected the sign-in ({named}).",
        "Compare the app with docs/operate/microsoft-365.md; the Entra portal's sign-in logs have the details.",
        state="sign-in rejected",
        everywhere=True,
    )


def sign_in_unavailable(whose: str, *, after: float | None = None) -> RetryLaterError:
    """Return the error for a token endpoint that is unwell.

    Args:
        whose: the tenant.
        after: the seconds that Microsoft requests us to wait; None if it names none.
    """
    return RetryLaterError(
        whose,
        "Microsoft's sign-in service does not answer, or its answers are incomplete.",
        "The next run tries again. If this recurs, check microsoft365.authority, and the proxy and firewall of this "
        "machine.",
        after=None if after is None else dt.timedelta(seconds=after),
        state="unreachable",
        everywhere=True,
    )
