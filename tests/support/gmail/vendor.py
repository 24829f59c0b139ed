"""The vendor's client, unmodified, pointed at a server on this machine."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import google.oauth2.credentials
import google_auth_httplib2
import httplib2
from googleapiclient.discovery import build_from_document

from tests.support.gmail import discovery
from tests.support.gmail.server import GmailServer

FIELDS = "id,threadId,labelIds,internalDate,historyId,sizeEstimate,payload/headers"
HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "References"]


class VendorClient:
    """What ``googleapiclient`` builds, with the few calls that tests make all the time."""

    def __init__(self, service: Any) -> None:  # it is made of the description at run time
        self.service = service
        self.users = service.users()

    def profile(self) -> dict[str, Any]:
        """``users.getProfile``."""
        return dict(self.users.getProfile(userId="me").execute())

    def ids(self, **how: object) -> list[str]:
        """The ids of all pages of ``users.messages.list``."""
        return [entry["id"] for page in self.pages("messages", **how) for entry in page.get("messages", [])]

    def history(self, start: str | int, **how: object) -> list[dict[str, Any]]:
        """The records of all pages of ``users.history.list``."""
        pages = self.pages("history", startHistoryId=str(start), **how)
        return [record for page in pages for record in page.get("history", [])]

    def pages(self, kind: str, **how: object) -> list[dict[str, Any]]:
        """All pages of a list: ``messages``, ``threads`` or ``history``."""
        resource = getattr(self.users, kind)()
        request = resource.list(userId="me", **how)
        pages = []
        while request is not None:
            pages.append(request.execute())
            request = resource.list_next(request, pages[-1])
        return pages

    def getting(self, message_id: str, **how: object) -> Any:  # as above
        """A request for the metadata of a message, which is not sent yet."""
        asked = {"format": "metadata", "metadataHeaders": HEADERS, "fields": FIELDS, **how}
        return self.users.messages().get(userId="me", id=message_id, **asked)

    def get(self, message_id: str, **how: object) -> dict[str, Any]:
        """The metadata of a message."""
        return dict(self.getting(message_id, **how).execute())

    def batch(self, requests: Mapping[str, Any]) -> dict[str, Any]:
        """The answers to requests sent as one batch, by the same keys; errors stand in their place."""
        answers: dict[str, Any] = {}

        def collect(key: str, answer: object, error: Exception | None) -> None:
            answers[key] = answer if error is None else error

        whole = self.service.new_batch_http_request(callback=collect)
        for key, request in requests.items():
            whole.add(request, request_id=key)
        whole.execute()
        return answers


@contextmanager
def vendor_client(
    server: GmailServer, address: str, *, credentials: object = None, timeout: float = 10
) -> Iterator[VendorClient]:
    """A client; without ``credentials`` it has a bearer token for this mailbox."""
    if credentials is None:
        token = server.issuer.token(address)
        credentials = google.oauth2.credentials.Credentials(token)  # type: ignore[no-untyped-call]
    http = google_auth_httplib2.AuthorizedHttp(credentials, http=httplib2.Http(timeout=timeout))
    document = {**discovery.document(), "rootUrl": server.root}
    with build_from_document(document, http=http) as service:
        yield VendorClient(service)
