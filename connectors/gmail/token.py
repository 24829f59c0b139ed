"""A token for one scope, for requests to Google without the client library."""

import google.auth.exceptions
import google_auth_httplib2

from connectors.base import ConnectorError, RetryLaterError, SignInError
from connectors.gmail.access import USUAL, Timeouts
from connectors.gmail.api import gmail_refusal
from connectors.gmail.auth import GmailBearerToken, ServiceAccount
from connectors.gmail.connection import NETWORK, connection
from connectors.gmail.sign_in_errors import gmail_sign_in_error


def access_token(
    sign_in: ServiceAccount | GmailBearerToken, mailbox: str, *, scope: str, timeouts: Timeouts = USUAL
) -> str:
    """Return a token in the name of a user, for exactly one scope.

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
            raise _busy(mailbox) from error
        code, description = gmail_refusal(error)
        raise gmail_sign_in_error(
            code, description, mailbox=mailbox, client=sign_in.client, scope=scope
        ) from error
    except NETWORK as error:
        raise _busy(mailbox) from error
    finally:
        http.close()
    token = credentials.token
    if not isinstance(token, str):
        raise SignInError(
            mailbox, "Google did not return a token.", "Try again later.", state="unexpected answer"
        )
    return token


def _busy(mailbox: str) -> ConnectorError:
    return RetryLaterError(
        mailbox, "Google's sign-in service does not answer.", "The next run tries again.", everywhere=True
    )
