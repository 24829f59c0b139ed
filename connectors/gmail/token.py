"""A token for one scope, for requests to Google without the client library."""

import datetime as dt
from collections.abc import Callable

import google.auth.exceptions
import google_auth_httplib2

from connectors.base import SignInError
from connectors.gmail.access import USUAL, Timeouts, connection
from connectors.gmail.auth import NETWORK, GmailBearerToken, ServiceAccount, UnwellGoogleError
from connectors.gmail.sign_in_errors import gmail_refusal, gmail_sign_in_error, google_unavailable
from connectors.transport.waits import retry_after


def access_token(
    sign_in: ServiceAccount | GmailBearerToken,
    mailbox: str,
    *,
    scope: str,
    now: Callable[[], dt.datetime],
    timeouts: Timeouts = USUAL,
) -> str:
    """Return a token in the name of a user, for exactly one scope.

    Args:
        sign_in: the service account, or a token from elsewhere.
        mailbox: the address of the user.
        scope: the scope.
        now: returns the current time, for waits that Google requests as a date.
        timeouts: the time limits of the request.

    Raises:
        ConnectorError: Google did not issue one.
    """
    if isinstance(sign_in, GmailBearerToken):
        return sign_in.token()
    credentials = sign_in.credentials(mailbox, scope=scope)
    http = connection(timeouts)
    try:
        credentials.refresh(google_auth_httplib2.Request(http))  # type: ignore[no-untyped-call]  # google.auth
    except google.auth.exceptions.RefreshError as error:
        if getattr(error, "retryable", False):
            raise google_unavailable(mailbox) from error
        code, description = gmail_refusal(error)
        raise gmail_sign_in_error(
            code, description, mailbox=mailbox, client=sign_in.client, scope=scope
        ) from error
    except UnwellGoogleError as error:
        raise google_unavailable(mailbox, after=retry_after(error.headers, "", now=now())) from error
    except NETWORK as error:
        raise google_unavailable(mailbox) from error
    finally:
        http.close()
    token = credentials.token
    if not isinstance(token, str):
        raise SignInError(
            mailbox, "Google did not return a token.", "Try again later.", state="unexpected answer"
        )
    return token
