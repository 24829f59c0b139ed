"""A server that behaves like the Gmail API (v1) and Google's token endpoint, on this machine."""

import base64
import dataclasses
import datetime as dt
import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import unquote

from mailsignals import clock
from tests.support.gmail import batch, discovery, errors, guard
from tests.support.gmail.fields import parse_fields, select
from tests.support.gmail.mailbox import Mailbox, State
from tests.support.gmail.message import Message
from tests.support.gmail.methods import METHODS, Call, RefusedError
from tests.support.gmail.oauth import METADATA, Token, TokenIssuer
from tests.support.gmail.parameters import wrong_parameters
from tests.support.gmail.quota import CURRENT, Quota
from tests.support.loopback import Answer, Loopback, Request

_PATH = re.compile(r"/gmail/v1/users/([^/]+)/(profile|labels|messages|threads|history)(?:/([^/]+))?")
_SEND = re.compile(r"/gmail/v1/users/me/messages/send")
_METHODS = {
    ("profile", False): "users.getProfile",
    ("labels", False): "users.labels.list",
    ("messages", False): "users.messages.list",
    ("messages", True): "users.messages.get",
    ("threads", False): "users.threads.list",
    ("threads", True): "users.threads.get",
    ("history", False): "users.history.list",
}


@dataclasses.dataclass
class Counts:
    """What the server was asked for since it started, parts of batches included."""

    requests: Counter[str] = dataclasses.field(default_factory=Counter)
    """By method, whatever the answer."""
    units: Counter[str] = dataclasses.field(default_factory=Counter)
    """Quota units by method, of what was answered, whether a quota is enforced or not."""
    throttled: Counter[str] = dataclasses.field(default_factory=Counter)
    """Refused by the ``quota``, or because too many were ``concurrent``; faults are not counted."""
    batches: int = 0


class GmailServer(Loopback):
    """The server; what it does is set by its attributes, at any time."""

    def __init__(
        self,
        *,
        now: Callable[[], dt.datetime] = clock.now,
        allowed_headers: frozenset[str] = guard.USUAL_HEADERS,
        port: int = 0,
        keeps_log: bool = True,
    ) -> None:
        super().__init__(port=port, keeps_log=keeps_log)
        self.now = now
        self.allowed_headers = allowed_headers
        """Lower-case names of headers that clients may ask for."""
        self.mailboxes: dict[str, Mailbox] = {}
        """By lower-case address."""
        self.issuer = TokenIssuer(now=now, mailboxes=self.mailboxes)
        self.violations: list[guard.Violation] = []
        """Requests that asked for more than metadata; tests assert that there are none."""
        self.counts = Counts()
        self.quota: Quota | None = None
        self.concurrent: int | None = None
        """How many requests of one user may be under way, each part of a batch being one."""
        self.batch_limit = 100
        self.api_enabled = True
        self.latency = 0.0
        """Seconds that a request, or a batch, takes at least."""
        self.pages_by_offset = False
        self.history_shows_labels = True
        self.sent: list[tuple[str, bytes]] = []
        """In whose name which message was sent."""
        self._order = random.Random(7)
        self._running: Counter[str] = Counter()

    # --- what tests set up -------------------------------------------------------------------

    def mailbox(self, address: str, *, first_history_id: int | None = None) -> Mailbox:
        """The mailbox of this address; a new one, if there is none yet."""
        key = address.lower()
        if key not in self.mailboxes:
            self.mailboxes[key] = Mailbox(address, now=self.now, first_history_id=first_history_id)
        return self.mailboxes[key]

    def truth(self, address: str) -> dict[str, Message]:
        """What a client should hold of a mailbox, by id."""
        return self.mailboxes[address.lower()].truth()

    # --- answering ---------------------------------------------------------------------------

    def respond(self, request: Request) -> Answer:
        """As ``Loopback``; compressed for clients whose User-Agent and Accept-Encoding say gzip."""
        answer = super().respond(request)
        if request.inner or answer.cut_at is not None or answer.drip or not answer.body:
            return answer
        if not all("gzip" in request.headers.get(name, "") for name in ("user-agent", "accept-encoding")):
            return answer
        headers = {**answer.headers, "Content-Encoding": "gzip"}
        return dataclasses.replace(answer, headers=headers, body=gzip.compress(answer.body, 1))

    def route(self, request: Request) -> Answer:
        """The server's own answer."""
        if request.path == "/token":
            return self.issuer.answer(request)
        if request.path in batch.PATHS and not request.inner:
            return self._batch(request)
        if request.method == "POST" and _SEND.fullmatch(request.path):
            return self._send(request)
        found = _PATH.fullmatch(request.path)
        method = _METHODS.get((found[2], found[3] is not None)) if found else None
        if found is None or method is None or request.method != "GET":
            self.violations.append(guard.Violation(f"{request.method} {request.path}", request))
            return errors.no_such_page(request.path)
        if request.inner:
            return self._method(request, method, found)
        with self._under_way(request, 1) as granted:
            return self._method(request, method, found) if granted else self._crowded(request)

    def _send(self, request: Request) -> Answer:
        """Take a message, for a token that may send."""
        token = self._token(request)
        if isinstance(token, Answer):
            return token
        refused = self._wrong_access(token, "users.messages.send")
        if refused is not None:
            return refused
        raw = json.loads(request.body)["raw"]
        self.sent.append((token.subject or "", base64.urlsafe_b64decode(raw)))
        return Answer.of({"id": f"{len(self.sent):016x}", "labelIds": ["SENT"]})

    def _batch(self, request: Request) -> Answer:
        try:
            parts = batch.read_batch(request)
        except ValueError:
            return errors.api_error(400, "Failed to parse batch request.", reason="badRequest")
        with self.lock:
            self.counts.batches += 1
        if len(parts) > self.batch_limit:
            return errors.too_many_parts(len(parts), self.batch_limit)
        self._order.shuffle(parts)
        with self._under_way(parts[0].request, len(parts)) as granted:
            answers = [self.respond(part.request) for part in parts[:granted]]
        answers += [self._crowded(part.request) for part in parts[granted:]]
        whole = batch.write_batch(zip((part.content_id for part in parts), answers, strict=True))
        return dataclasses.replace(whole, wait=max(answer.wait for answer in answers))

    @contextmanager
    def _under_way(self, request: Request, wanted: int) -> Iterator[int]:
        """How many of so many requests of one user may run, for as long as they do."""
        token = self._token(request)
        user = (isinstance(token, Token) and token.subject) or ""
        with self.lock:
            free = wanted if self.concurrent is None else max(0, self.concurrent - self._running[user])
            granted = min(wanted, free)
            self._running[user] += granted
        try:
            if self.latency:
                self.stopped.wait(self.latency)
            yield granted
        finally:
            with self.lock:
                self._running[user] -= granted

    def _crowded(self, request: Request) -> Answer:
        """The answer to one request too many at once."""
        with self.lock:
            if self.keeps_log and request.inner:
                self.log.append(request)
            self.counts.throttled["concurrent"] += 1
        return errors.too_many_concurrent()

    def _method(self, request: Request, method: str, found: re.Match[str]) -> Answer:
        """What a method says, after everything that may be in its way."""
        with self.lock:
            self.counts.requests[method] += 1
        excess = guard.asks_too_much(method, request, self.allowed_headers)
        if excess:
            self.violations.append(guard.Violation(excess, request))
        token = self._token(request)
        if isinstance(token, Answer):
            return token
        problem = (
            self._wrong_access(token, method)
            or wrong_parameters(method, request)
            or self._wrong_use(token, method, unquote(found[1]))
        )
        if problem is not None:
            return problem
        mailbox = self.mailboxes[token.subject or ""]
        call = Call(
            mailbox=mailbox,
            request=request,
            item=found[3] or "",
            restricted=METADATA in token.scopes,
            pages_by_offset=self.pages_by_offset,
            history_shows_labels=self.history_shows_labels,
        )
        return self._called(call, method)

    def _called(self, call: Call, method: str) -> Answer:
        try:
            with call.mailbox.lock:
                document: object = METHODS[method](call)
        except RefusedError as refused:
            return refused.answer
        if "fields" in call.request.query:
            document = select(document, parse_fields(call.request.one("fields")))
        excess = guard.gives_too_much(document) if method.endswith(".get") else None
        if excess:
            self.violations.append(guard.Violation(excess, call.request))
        return Answer.of(document)

    def _token(self, request: Request) -> Token | Answer:
        """Who asks; an error if nobody does."""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not value:
            return errors.login_required()
        return self.issuer.find(value.strip()) or errors.invalid_credentials()

    def _wrong_access(self, token: Token, method: str) -> Answer | None:
        if not self.api_enabled:
            return errors.api_disabled()
        if token.scopes.isdisjoint(discovery.scopes(method)):
            return errors.insufficient_scopes()
        return None

    def _wrong_use(self, token: Token, method: str, user: str) -> Answer | None:
        """No units left, no Gmail, or another user's mailbox."""
        units = (self.quota.profile if self.quota else CURRENT).units[method]
        refused = self.quota.charge(token.subject or "", units) if self.quota else None
        with self.lock:
            if refused is not None:
                self.counts.throttled["quota"] += 1
                return refused
            self.counts.units[method] += units
        mailbox = self.mailboxes.get(token.subject or "")
        if mailbox is None:
            return errors.precondition_failed()
        if mailbox.state is State.NO_GMAIL:
            return errors.precondition_failed("Mail service not enabled")
        if user != "me" and user.lower() != token.subject:
            return errors.forbidden(f"Delegation denied for {mailbox.address}")
        return None
