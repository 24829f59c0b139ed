"""The members of a Google Workspace group, from the Admin SDK."""

from collections.abc import Iterator
from typing import Any

import google.auth.exceptions
import google_auth_httplib2
from googleapiclient.discovery import build_from_document
from googleapiclient.discovery_cache import get_static_doc
from googleapiclient.errors import HttpError

from connectors.base import ConnectorError, GiveUpError, RetryLaterError, SignInError
from connectors.gmail.access import USUAL, connection
from connectors.gmail.api import description_at
from connectors.gmail.auth import GROUP_SCOPE, NETWORK, Credentials
from connectors.gmail.errors import CONSOLE
from connectors.mail import mailbox_address
from connectors.provider import Mailbox

UNEXPECTED = (AttributeError, TypeError, ValueError)
"""The errors that reading an answer of another shape raises."""


def gmail_group_members(group: str, *, root: str, credentials: Credentials) -> Iterator[Mailbox]:
    """Yield the mailboxes of the active people in the group and in groups within it.

    Raises:
        ConnectorError: the group can't be read.
    """
    http = google_auth_httplib2.AuthorizedHttp(credentials, http=connection(USUAL))
    try:
        directory = build_from_document(
            description_at(get_static_doc("admin", "directory_v1"), root), http=http
        ).members()
        request = directory.list(groupKey=group, includeDerivedMembership=True, maxResults=200)
        while request is not None:
            answer = request.execute(num_retries=4)
            yield from _people(answer.get("members", []))
            request = directory.list_next(request, answer)
    except (HttpError, google.auth.exceptions.GoogleAuthError, *UNEXPECTED, *NETWORK) as error:
        raise _refused(group, error) from error
    finally:
        http.close()


def _people(found: list[dict[str, Any]]) -> Iterator[Mailbox]:
    for member in found:
        address = mailbox_address(str(member.get("email", "")))
        if address and member.get("type", "USER") == "USER" and member.get("status", "ACTIVE") == "ACTIVE":
            yield Mailbox(address=address, identity=member.get("id"))


def _refused(group: str, error: Exception) -> ConnectorError:
    status = int(error.resp.status) if isinstance(error, HttpError) else 0
    if status == 404:
        return GiveUpError(
            group,
            "the group does not exist.",
            "Correct gmail.group; Admin console > Directory > Groups lists all groups.",
            state="not found",
        )
    if isinstance(error, google.auth.exceptions.RefreshError) or status in {401, 403}:
        return SignInError(
            group,
            "the sign-in lacks the permission to read the members of the group.",
            f"{CONSOLE}: add the scope {GROUP_SCOPE}. Set gmail.admin to an administrator who may read groups, and "
            "enable the Admin SDK API in the project.",
            state="not authorised",
        )
    return RetryLaterError(group, "Google did not return the members of the group.", "Try again later.")
