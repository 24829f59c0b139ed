"""Microsoft 365 as a provider of mailboxes."""

import dataclasses
import datetime as dt
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from connectors.base import Connector, ConnectorError, RetryLaterError
from connectors.mail import Own
from connectors.microsoft365.access_check import check_access
from connectors.microsoft365.api import GraphAccess, GraphAnswerError, GraphApi, graph_root, resource
from connectors.microsoft365.auth import SignIn, claimed_scopes, tokens
from connectors.microsoft365.connector import Microsoft365Mailbox
from connectors.microsoft365.errors import pause_requested, resource_not_found
from connectors.microsoft365.groups import graph_group_members
from connectors.microsoft365.parse import PROVIDER
from connectors.microsoft365.tenant import Tenant
from connectors.provider import Checked, Mailbox, StoredMail, each_once
from connectors.transport.http import USUAL, Client, Limits
from connectors.transport.limit_state import LimitMemory
from connectors.transport.provider_limits import ProviderLimits
from connectors.transport.server_dates import ServerDates
from connectors.transport.waits import Pause
from connectors.transport.window import Budget

WINDOW_SECONDS = 600.0
"""The window in which Exchange counts requests."""

TENANT_BUDGET = Budget(130_000, 10.0)
"""The requests of one app for all mailboxes together, as Microsoft Graph documents it."""

NEEDED = frozenset({"Mail.ReadBasic.All", "Mail.ReadBasic", "Mail.ReadBasic.Shared"})
FOR_GROUPS = frozenset({"GroupMember.Read.All", "User.ReadBasic.All"})
FOR_SENDING = frozenset({"Mail.Send"})
ALWAYS = frozenset({"openid", "profile", "email", "offline_access", "User.Read"})
"""Scopes that Entra adds to a person's sign-in by itself."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Microsoft365Options:
    """The options for reading Microsoft 365: mailboxes, servers, app, limits, and horizon."""

    mailboxes: tuple[str, ...]
    group: str | None
    graph_root: str
    authority: str
    tenant: str
    client_id: str
    horizon: dt.datetime | None
    """The time before which mail isn't stored; None: all mail is stored."""
    own: Own
    subjects: bool
    """False: subjects aren't requested."""
    reconcile_every: dt.timedelta = dt.timedelta(days=7)
    concurrent_requests: int = 4
    requests_per_10_minutes: int = 10_000
    sends: bool = False
    """True if the app also sends mail, so that the permission to send isn't reported as excess."""
    timeouts: Limits = USUAL


class Microsoft365:
    """The mailboxes of one tenant, or of one person."""

    def __init__(
        self,
        options: Microsoft365Options,
        sign_in: SignIn,
        *,
        now: Callable[[], dt.datetime],
        pause: Pause,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._options = options
        self._now = now
        self._pause = pause
        self._limits = ProviderLimits(
            project=f"{options.tenant}/{options.client_id}",
            project_budgets=[TENANT_BUDGET],
            mailbox_budgets=[Budget(options.requests_per_10_minutes, WINDOW_SECONDS)],
            most_at_once=options.concurrent_requests,
            now=now,
            pause=pause,
            clock=clock,
        )
        self.dates = ServerDates(now)
        self._client = Client(limits=options.timeouts, dates=self.dates)
        self._root = graph_root(options.graph_root)
        tenant = Tenant(
            authority=options.authority,
            tenant=options.tenant,
            client_id=options.client_id,
            resource=resource(self._root),
        )
        self._tokens = tokens(sign_in, tenant, pause=pause, now=now)
        self._apis: dict[str, GraphApi] = {}

    @property
    def name(self) -> str:
        """The provider's name, always ``microsoft365``."""
        return PROVIDER

    def mailboxes(self) -> tuple[Mailbox, ...]:
        """Return the mailboxes to read, each once: the listed ones and the members of the group.

        Raises:
            ConnectorError: the group can't be read.
        """
        group = self._options.group
        members = graph_group_members(self._api(Mailbox(address=group)), group) if group else ()
        return each_once(self._options.mailboxes, members)

    def keep_limits(self, memory: LimitMemory) -> AbstractContextManager[None]:
        """Continue within the block from the limits in a memory, and store there what a later run must know."""
        return self._limits.kept(memory)

    def standing_wait(self) -> ConnectorError | None:
        """Return the error for a pause that holds for all mailboxes now; None if there is none."""
        wait = self._limits.standing_wait
        return None if wait is None else pause_requested(self.name, wait)

    def connector(self, mailbox: Mailbox, *, held: StoredMail) -> Connector:
        """Return the connector that reads one mailbox."""
        options = self._options
        return Microsoft365Mailbox(
            mailbox=mailbox.name,
            api=self._api(mailbox),
            held=held,
            own=options.own,
            subjects=options.subjects,
            horizon=options.horizon,
            reconcile_every=options.reconcile_every,
            seconds_a_request=WINDOW_SECONDS / options.requests_per_10_minutes,
            now=self._now,
        )

    def check(self, mailbox: Mailbox) -> Checked:
        """Check whether a sync can read the mailbox; return the claimed scopes.

        Signs in and sends the first requests of a sync. An error is in the result, not raised.
        """
        api = self._api(mailbox)
        try:
            scopes = claimed_scopes(self._tokens.token())
            headers = check_access(api, subjects=self._options.subjects)
        except ConnectorError as error:
            return Checked(mailbox=mailbox.address, error=error)
        except GraphAnswerError as failed:
            verdict = resource_not_found(failed.verdict, mailbox=mailbox.address)
            odd = verdict.error or RetryLaterError(
                mailbox.address,
                f"Graph sent an unexpected answer ({verdict.kind}).",
                "Correct microsoft365.graph_root if you changed it; otherwise try again later.",
                state="unexpected answer",
            )
            return Checked(mailbox=mailbox.address, error=odd)
        allowed = NEEDED | ALWAYS | (FOR_GROUPS if self._options.group else frozenset())
        allowed |= FOR_SENDING if self._options.sends else frozenset()
        return Checked(
            mailbox=mailbox.address,
            headers=headers,
            scopes=scopes,
            excess=tuple(scope for scope in scopes if scope not in allowed),
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()
        self._tokens.close()

    def _api(self, mailbox: Mailbox) -> GraphApi:
        """Graph's API for one mailbox, because each has its own limits."""
        known = self._apis.get(mailbox.name)
        if known is not None:
            return known
        access = GraphAccess(
            mailbox=mailbox.name,
            user=mailbox.identity or mailbox.address,
            root=self._root,
            client=self._client,
            tokens=self._tokens,
            limits=self._limits.of(mailbox.name),
            pause=self._pause,
            now=self._now,
        )
        return self._apis.setdefault(mailbox.name, GraphApi(access))
