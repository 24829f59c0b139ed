"""The requests to Gmail: repeated while that may help, within the quota, and never for a body."""

import contextlib
import functools
import json
import random
import socket
import threading
from collections.abc import Iterator
from typing import Any

import google.auth.exceptions
import google_auth_httplib2
from googleapiclient.discovery import build_from_document
from googleapiclient.discovery_cache import get_static_doc
from googleapiclient.errors import HttpError
from googleapiclient.http import BatchHttpRequest, HttpRequest

from connectors.base import ConnectorError, RetryLaterError, SignInError
from connectors.gmail.access import GmailAccess, connection
from connectors.gmail.auth import NETWORK, GmailBearerToken, UnwellGoogleError
from connectors.gmail.errors import GmailErrorKind, GmailVerdict, judge_gmail_error
from connectors.gmail.sign_in_errors import gmail_refusal, gmail_sign_in_error, google_unavailable
from connectors.mail.headers import ALLOWED, CALENDAR_HEADERS
from connectors.transport.waits import backoff, retry_after

TRIES = 8
"""Largest number of attempts of one request before the mailbox is postponed: about three minutes."""

PAGE = 500

TOKEN_ENDPOINT = "token endpoint"  # noqa: S105  # the place of an error
"""The text of the verdict on a token endpoint that is unwell."""

_NOT_ASKED = frozenset({"Received", "X-GM-THRID", "X-Gmail-Labels"})
"""Headers that Gmail reports in other fields: when an email arrived, its thread and its labels."""

_MESSAGE = "id,threadId,labelIds,internalDate,payload/headers"


class GmailAnswerError(Exception):
    """An error answer from Gmail; ``verdict`` is its meaning."""

    def __init__(self, verdict: GmailVerdict, *, wait: float | None = None) -> None:
        super().__init__(verdict.kind)
        self.verdict = verdict
        self.wait = wait


class GmailApi:
    """Gmail's API for one mailbox; not safe to use from several threads at once."""

    def __init__(self, access: GmailAccess) -> None:
        self.mailbox = access.mailbox
        self.quota = access.quota
        self.limiter = access.limiter
        self.pause = access.pause
        self.clock = access.clock
        self._now = access.now
        self._timeouts = access.timeouts
        self._sign_in = access.sign_in
        self._user = access.user_id
        self.http = google_auth_httplib2.AuthorizedHttp(
            access.credentials, http=connection(access.timeouts, access.dates)
        )
        # The bundled description needs no network request; changing its root also moves batches.
        self._gmail = build_from_document(_description(access.root), http=self.http)
        users = self._gmail.users()
        self._users, self._messages, self._threads = users, users.messages(), users.threads()
        self._history, self._labels = users.history(), users.labels()
        self._headers = [
            name
            for name in (*ALLOWED, *CALENDAR_HEADERS)
            if name not in _NOT_ASKED and (access.subjects or name != "Subject")
        ]
        self._patterns: dict[str, HttpRequest] = {}

    def close(self) -> None:
        """Close the connection."""
        self.http.close()

    def granted_scopes(self) -> tuple[str, ...]:
        """Return the OAuth scopes that the sign-in allows, valid after a request; empty if Google lists none."""
        credentials = self.http.credentials
        granted = getattr(credentials, "granted_scopes", None) or getattr(credentials, "scopes", None)
        return tuple(granted or ())

    def profile(self) -> dict[str, Any]:
        """Return the profile of the mailbox: its newest history id and its number of messages."""
        request = self._users.getProfile(userId=self._user, fields="emailAddress,messagesTotal,historyId")
        return self.call(request, units=self.quota.profile)

    def messages(self, *, token: str | None, label: str | None = None) -> dict[str, Any]:
        """Return a page of message ids, newest first, including spam and trash."""
        request = self._messages.list(
            userId=self._user,
            maxResults=PAGE,
            includeSpamTrash=True,
            pageToken=token,
            labelIds=[label] if label else None,
            fields="messages(id,threadId),nextPageToken",
        )
        return self.call(request, units=self.quota.messages)

    def labels(self) -> dict[str, Any]:
        """Return the ids of the mailbox's labels; their names are not requested."""
        return self.call(self._labels.list(userId=self._user, fields="labels(id)"), units=self.quota.labels)

    def history(self, *, start: str, token: str | None) -> dict[str, Any]:
        """Return a page of the changes after a history id."""
        request = self._history.list(
            userId=self._user,
            startHistoryId=start,
            maxResults=PAGE,
            pageToken=token,
            historyTypes=["messageAdded", "messageDeleted", "labelAdded", "labelRemoved"],
        )
        return self.call(request, units=self.quota.history)

    def get(self, message_id: str) -> HttpRequest:
        """Return the request for one message's headers, for ``call`` or a batch."""
        return self._request("get", message_id)

    def thread(self, thread_id: str) -> HttpRequest:
        """Return the request for the headers of all messages of a thread."""
        return self._request("thread", thread_id)

    def batch(self) -> BatchHttpRequest:
        """Return an empty batch of the client library."""
        return self._gmail.new_batch_http_request()

    def _request(self, kind: str, name: str) -> HttpRequest:
        """A request made from a template, because the library takes long to build one."""
        pattern = self._patterns.get(kind)
        if pattern is None:
            common = {
                "userId": self._user,
                "id": "PLACE",
                "format": "metadata",
                "metadataHeaders": self._headers,
            }
            if kind == "get":
                pattern = self._messages.get(**common, fields=_MESSAGE)
            else:
                pattern = self._threads.get(**common, fields=f"messages({_MESSAGE})")
            self._patterns[kind] = pattern
        uri = pattern.uri.replace("/PLACE?", f"/{_quoted(name)}?", 1)
        return HttpRequest(self.http, pattern.postproc, uri, method="GET", headers=dict(pattern.headers))

    def call(self, request: HttpRequest, *, units: int) -> dict[str, Any]:
        """Send one request, repeat it while that may help, and return the answer.

        Raises:
            GmailAnswerError: the error concerns this request only: its item is missing, rejected or invalid.
            ConnectorError: the mailbox can't be read, or not now.
        """
        last: GmailAnswerError | None = None
        for attempt in range(1, TRIES + 1):
            self.limiter.take(units)
            try:
                return self.once(request)
            except GmailAnswerError as trouble:
                if trouble.verdict.kind not in {
                    GmailErrorKind.RETRY,
                    GmailErrorKind.THROTTLED,
                    GmailErrorKind.CROWDED,
                }:
                    raise
                last = trouble
                self.back_off(trouble, attempt)
        raise self.given_up(last)

    def once(self, request: HttpRequest) -> dict[str, Any]:
        """Send one request once and return the answer; raises the errors of ``call``."""
        with self.translated():
            answer = request.execute(num_retries=0)
        if not isinstance(answer, dict):
            raise GmailAnswerError(GmailVerdict(GmailErrorKind.RETRY, "no JSON object"))
        self.limiter.succeeded()
        return answer

    def back_off(self, trouble: GmailAnswerError, attempt: int) -> None:
        """Wait as long as the error requires; throttling also slows down later requests."""
        if trouble.verdict.kind in {GmailErrorKind.THROTTLED, GmailErrorKind.CROWDED}:
            self.limiter.throttled(trouble.wait)
        else:
            self.pause(trouble.wait if trouble.wait is not None else backoff(attempt, jitter=random.random))

    def given_up(self, trouble: GmailAnswerError | None) -> ConnectorError:
        """Return the error to raise after too many attempts."""
        throttled = trouble is not None and trouble.verdict.kind in {
            GmailErrorKind.THROTTLED,
            GmailErrorKind.CROWDED,
        }
        if throttled:
            return RetryLaterError(
                self.mailbox,
                "Gmail permits fewer requests than its documented quota.",
                "The next run continues. If this recurs, lower gmail.limits.units_per_user_minute.",
                state="throttled",
            )
        if trouble is not None and trouble.verdict.text == TOKEN_ENDPOINT:
            return google_unavailable(self.mailbox, after=trouble.wait)
        return RetryLaterError(
            self.mailbox,
            "Gmail does not answer, or its answers are incomplete.",
            "The next run continues.",
            state="unreachable",
        )

    @contextlib.contextmanager
    def translated(self) -> Iterator[None]:
        """Limit the time of the requests in a block, and turn the library's errors into ours."""
        timer = threading.Timer(self._timeouts.total_seconds, self._hang_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        except HttpError as error:
            raise self.verdict(error) from error
        except google.auth.exceptions.RefreshError as error:
            raise self.sign_in_failed(error) from error
        except UnwellGoogleError as error:
            wait = retry_after(error.headers, "", now=self._now())
            raise GmailAnswerError(GmailVerdict(GmailErrorKind.RETRY, TOKEN_ENDPOINT), wait=wait) from error
        except UnicodeError:
            raise GmailAnswerError(GmailVerdict(GmailErrorKind.RETRY, "no text")) from None
        except (*NETWORK, ValueError) as error:
            raise GmailAnswerError(GmailVerdict(GmailErrorKind.RETRY, type(error).__name__)) from error
        finally:
            timer.cancel()

    def _hang_up(self) -> None:
        """End a slow answer, because the library only limits the time between two bytes."""
        for opened in list(self.http.http.connections.values()):
            with contextlib.suppress(OSError, AttributeError):
                opened.sock.shutdown(socket.SHUT_RDWR)

    def verdict(self, error: HttpError) -> GmailAnswerError:
        """Return the exception for an error answer, with its verdict and the seconds to wait.

        Raises:
            ConnectorError: the answer is fatal for the mailbox.
        """
        status = int(error.resp.status)
        found = judge_gmail_error(status, error.content, mailbox=self.mailbox)
        if found.error is not None:
            raise found.error
        headers = {str(name).lower(): str(value) for name, value in error.resp.items()}
        return GmailAnswerError(found, wait=retry_after(headers, found.text, now=self._now()))

    def sign_in_failed(self, error: google.auth.exceptions.RefreshError) -> ConnectorError | GmailAnswerError:
        """Return the exception for a rejected sign-in; a ``GmailAnswerError`` if it may succeed when repeated."""
        if getattr(error, "retryable", False):
            return GmailAnswerError(GmailVerdict(GmailErrorKind.RETRY, TOKEN_ENDPOINT))
        if isinstance(self._sign_in, GmailBearerToken):
            return SignInError(
                self.mailbox,
                "Gmail does not accept the token.",
                "Tokens last about an hour: get a new one, with the scope gmail.metadata.",
                state="signed out",
            )
        code, description = gmail_refusal(error)
        client = getattr(self._sign_in, "client", "")
        return gmail_sign_in_error(
            code, description, mailbox=self.mailbox, client=client if isinstance(client, str) else ""
        )


@functools.cache
def _description(root: str) -> str:
    return description_at(get_static_doc("gmail", "v1"), root)


def description_at(description: str, root: str) -> str:
    """Return a bundled API description with another server as its root."""
    return json.dumps(json.loads(description) | {"rootUrl": root, "mtlsRootUrl": root})


def _quoted(name: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "-_" else f"%{ord(sign):02X}" for sign in name)
