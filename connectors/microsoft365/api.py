"""The requests to Graph: by immutable ids, repeated a limited number of times, few at once."""

import dataclasses
import datetime as dt
import logging
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from connectors.base import ConnectorError, RetryLaterError, SignInError
from connectors.microsoft365.auth import TokenSource
from connectors.microsoft365.errors import GraphErrorKind, GraphVerdict, judge_graph_error
from connectors.microsoft365.items import WalkPage, read_page
from connectors.microsoft365.links import leads_to_mailbox
from connectors.transport.concurrency import Concurrency
from connectors.transport.http import Answer, Client, TransportError
from connectors.transport.limiter import Limiter
from connectors.transport.waits import Pause, backoff, retry_after

logger = logging.getLogger(__name__)

TRIES = 7
"""Largest number of attempts of one request: with the waits, about a minute and a half."""

FEW_TRIES = 2
"""Largest number of attempts for a page, which may also be requested in a smaller size."""

ITEM_TRIES = 5
"""Largest number of attempts for a single item."""

IMMUTABLE = 'IdType="ImmutableId"'


Content = TypeVar("Content")


class GraphAnswerError(Exception):
    """An error answer that concerns this request only; ``verdict`` is its meaning."""

    def __init__(self, verdict: GraphVerdict) -> None:
        super().__init__(verdict.kind)
        self.verdict = verdict


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GraphAccess:
    """The parameters for requests to Graph about one mailbox: owner, server, client, tokens and limits."""

    mailbox: str
    user: str
    """The object id or the address of the owner."""
    root: str
    """The address of Graph with its version and a slash at the end."""
    client: Client
    tokens: TokenSource
    limiter: Limiter
    concurrency: Concurrency
    at_once: int
    pause: Pause
    now: Callable[[], dt.datetime]


class GraphApi:
    """Graph's API for one mailbox, safe to use from any thread."""

    def __init__(self, access: GraphAccess) -> None:
        self.mailbox = access.mailbox
        self.pause = access.pause
        self.root = access.root
        self._access = access

    def url(self, path: str, **options: str) -> str:
        """Return the address of a resource of the mailbox; ``options`` are query options without their ``$``."""
        query = urlencode({f"${name}": value for name, value in options.items()}, quote_via=quote, safe=",")
        owner = quote(self._access.user, safe="@")
        return f"{self._access.root}users/{owner}/{path}{f'?{query}' if query else ''}"

    def is_ours(self, link: str) -> bool:
        """Return whether a link from the server is valid and leads to a mailbox on the same server.

        A token must not be sent elsewhere.
        """
        return leads_to_mailbox(link, self._access.root)

    def get(self, url: str, *, page_size: int | None = None, tries: int = TRIES) -> dict[str, Any]:
        """Return the document at an address, as ``page`` does."""
        return self._answer(url, Answer.document, page_size=page_size, tries=tries)

    def page(self, url: str, *, page_size: int, tries: int) -> WalkPage:
        """Return the page of a walk at an address; the request is repeated while that may help.

        Raises:
            GraphAnswerError: the error concerns this request only: its item is missing, stale or unreadable, or after
                ``tries`` attempts no answer was complete.
            ConnectorError: the mailbox can't be read, or not now.
        """
        return self._answer(url, read_page, page_size=page_size, tries=tries)

    def _answer(
        self, url: str, read: Callable[[Answer], Content | None], *, page_size: int | None, tries: int
    ) -> Content:
        refused: str | None = None
        attempt = 0
        while True:
            attempt += 1
            token = self._access.tokens.token(refused=refused)
            verdict, wait, content = self._once(url, token, page_size, read)
            if content is not None:
                self._access.limiter.succeeded()
                return content
            if verdict.error is not None:
                raise verdict.error
            if verdict.kind is GraphErrorKind.EXPIRED and refused is None:
                refused = token
                continue
            if verdict.kind is GraphErrorKind.EXPIRED:
                raise self._signed_out()
            most = TRIES if verdict.kind is GraphErrorKind.THROTTLED else tries
            if verdict.kind not in {GraphErrorKind.RETRY, GraphErrorKind.THROTTLED} or attempt >= most:
                raise self._given_up(verdict, tries)
            self._wait(verdict, wait, attempt)

    def _once(
        self, url: str, token: str, page_size: int | None, read: Callable[[Answer], Content | None]
    ) -> tuple[GraphVerdict, float | None, Content | None]:
        """One request: the verdict on the answer, the seconds to wait, and its content if it is whole."""
        sizes = [] if page_size is None else [f"odata.maxpagesize={page_size}"]
        request_id = str(uuid.uuid4())
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "Prefer": ", ".join([IMMUTABLE, *sizes]),
            "client-request-id": request_id,
        }
        self._access.limiter.take(1)
        try:
            with self._access.concurrency.place():
                answer = self._access.client.get(url, headers=headers)
        except TransportError as error:
            logger.debug("request %s: %s", request_id, error)
            return GraphVerdict(GraphErrorKind.RETRY, str(error)), None, None
        if answer.status == 200:
            return GraphVerdict(GraphErrorKind.RETRY, "no whole document"), None, read(answer)
        verdict = judge_graph_error(answer.status, answer.body, mailbox=self.mailbox)
        logger.debug("request %s: %d, %s", request_id, answer.status, verdict.kind)
        return verdict, retry_after(answer.headers, verdict.text, now=self._access.now()), None

    def _wait(self, verdict: GraphVerdict, wait: float | None, attempt: int) -> None:
        if verdict.kind is GraphErrorKind.THROTTLED or wait is not None:
            self._access.limiter.throttled(wait)
        else:
            self.pause(backoff(attempt))

    def _given_up(self, verdict: GraphVerdict, tries: int) -> Exception:
        """The error to raise after the last attempt; with few attempts, one that the caller can react to."""
        if verdict.kind is GraphErrorKind.THROTTLED:
            return RetryLaterError(
                self.mailbox,
                "Exchange permits fewer requests than its documented limit.",
                "The next run continues. If this recurs, lower microsoft365.requests_per_10_minutes.",
                state="throttled",
            )
        if verdict.kind is GraphErrorKind.RETRY and tries >= TRIES:
            return self.out_of_reach()
        return GraphAnswerError(verdict)

    def out_of_reach(self) -> ConnectorError:
        """Return the error for a server that doesn't answer."""
        return RetryLaterError(
            self.mailbox,
            "Exchange does not answer, or its answers are incomplete.",
            "The next run continues.",
            state="unreachable",
        )

    def _signed_out(self) -> SignInError:
        return SignInError(
            self.mailbox,
            "Graph does not accept the sign-in.",
            "Run `mailsignals check` to see the reason.",
            state="signed out",
        )

    def get_all(self, urls: Iterable[str]) -> Iterator[dict[str, Any] | GraphAnswerError]:
        """Yield the answer or the error for each address, in order, with parallel requests up to the limit."""

        def one(url: str) -> dict[str, Any] | GraphAnswerError:
            try:
                return self.get(url, tries=ITEM_TRIES)
            except GraphAnswerError as error:
                return error

        with ThreadPoolExecutor(self._access.at_once) as workers:
            yield from workers.map(one, urls)


def graph_root(root: str) -> str:
    """Return Graph's address with its version and a slash at the end; v1.0 unless ``root`` names a version."""
    base = root.rstrip("/")
    return f"{base}/" if base.endswith(("/v1.0", "/beta")) else f"{base}/v1.0/"


def resource(root: str) -> str:
    """Return the resource that tokens are for: the scheme and host of Graph's address."""
    url = urlsplit(root)
    return f"{url.scheme}://{url.netloc}"
