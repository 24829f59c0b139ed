"""Checks access to a mailbox by the requests of a sync, internet headers included."""

from connectors.base import GiveUpError
from connectors.microsoft365.api import GraphAnswerError, GraphApi
from connectors.microsoft365.errors import NOT_AUTHORISED, GraphErrorKind
from connectors.microsoft365.folders import folders
from connectors.microsoft365.parse import selected_fields


def check_access(api: GraphApi, *, subjects: bool) -> bool:
    """Request the folders and the newest message of the inbox as a sync does; return whether headers may be read.

    Args:
        api: Graph's API for the mailbox.
        subjects: whether a sync requests subjects.

    Raises:
        ConnectorError: the mailbox can't be read, even without headers.
        GraphAnswerError: the answer is unexpected, even without headers.
    """
    folders(api)
    try:
        _newest(api, selected_fields(subjects=subjects, headers=True))
    except (GiveUpError, GraphAnswerError) as refused:
        if not may_concern_headers(refused):
            raise
        _newest(api, selected_fields(subjects=subjects, headers=False))
        return False
    return True


def may_concern_headers(refused: Exception) -> bool:
    """Return whether a refusal may be about the headers of messages, and not about the mailbox."""
    if isinstance(refused, GraphAnswerError):
        return refused.verdict.kind is GraphErrorKind.NO_HEADERS
    return isinstance(refused, GiveUpError) and refused.state == NOT_AUTHORISED


def _newest(api: GraphApi, fields: str) -> None:
    url = api.url("mailFolders/inbox/messages/delta", select=fields, orderby="receivedDateTime desc")
    api.get(url, page_size=1)
