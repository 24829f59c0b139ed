"""Gmail as a provider of mailboxes."""

import dataclasses
import datetime as dt
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from connectors.base import Connector, ConnectorError, RetryLaterError, SignInError
from connectors.gmail.access import USUAL, GmailAccess, Timeouts
from connectors.gmail.api import GmailAnswerError, GmailApi
from connectors.gmail.auth import GROUP_SCOPE, GmailBearerToken, ServiceAccount, SignIn
from connectors.gmail.connector import GmailMailbox
from connectors.gmail.errors import SCOPE, GmailErrorKind, gmail_pause
from connectors.gmail.fetch import LARGEST_SIZE
from connectors.gmail.groups import gmail_group_members
from connectors.gmail.parse import PROVIDER
from connectors.gmail.quota import Quota
from connectors.mail import Own
from connectors.provider import Checked, Mailbox, StoredMail, each_once
from connectors.transport.limit_state import LimitMemory
from connectors.transport.provider_limits import ProviderLimits
from connectors.transport.server_dates import ServerDates
from connectors.transport.waits import Pause


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GmailOptions:
    """The options for reading Gmail: mailboxes, servers, quota, horizon, and whether subjects are read."""

    mailboxes: tuple[str, ...]
    group: str | None
    api_root: str
    directory_root: str
    quota: Quota
    horizon: dt.datetime | None
    """The time before which mail isn't read; None: all mail is read."""
    own: Own
    subjects: bool
    """False: subjects aren't requested."""
    reconcile_every: dt.timedelta = dt.timedelta(days=7)
    timeouts: Timeouts = USUAL


class Gmail:
    """The mailboxes of one Google Workspace, or of one person."""

    def __init__(
        self,
        options: GmailOptions,
        sign_in: SignIn,
        *,
        now: Callable[[], dt.datetime],
        pause: Pause,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._options = options
        self._sign_in = sign_in
        self._now = now
        self._pause = pause
        self._clock = clock
        self.dates = ServerDates(now)
        self._limits = ProviderLimits(
            project=sign_in.project,
            project_budgets=options.quota.project_budgets,
            mailbox_budgets=options.quota.user_budgets,
            most_at_once=LARGEST_SIZE,
            now=now,
            pause=pause,
            clock=clock,
        )

    @property
    def name(self) -> str:
        """The provider's name, always ``gmail``."""
        return PROVIDER

    def mailboxes(self) -> tuple[Mailbox, ...]:
        """Return the mailboxes to read, each once: the listed ones and the members of the group.

        Raises:
            ConnectorError: the group can't be read.
        """
        group = self._options.group
        return each_once(self._options.mailboxes, self._members(group) if group else ())

    def _members(self, group: str) -> list[Mailbox]:
        if isinstance(self._sign_in, ServiceAccount):
            if not self._sign_in.admin:
                raise SignInError(
                    group,
                    "gmail.group requires gmail.admin.",
                    "Set gmail.admin to the address of an administrator.",
                    state="not authorised",
                )
            credentials = self._sign_in.credentials(self._sign_in.admin, scope=GROUP_SCOPE)
        else:
            credentials = self._sign_in.credentials(group, scope=GROUP_SCOPE)
        return list(gmail_group_members(group, root=self._options.directory_root, credentials=credentials))

    def keep_limits(self, memory: LimitMemory) -> AbstractContextManager[None]:
        """Continue within the block from the limits in a memory, and store there what a later run must know."""
        return self._limits.kept(memory)

    def standing_wait(self) -> ConnectorError | None:
        """Return the error for a pause that holds for all mailboxes now; None if there is none."""
        wait = self._limits.standing_wait
        return None if wait is None else gmail_pause(self.name, wait)

    def connector(self, mailbox: Mailbox, *, held: StoredMail) -> Connector:
        """Return the connector that reads one mailbox."""
        options = self._options
        return GmailMailbox(
            mailbox=mailbox.name,
            open_api=lambda: self._api(mailbox),
            held=held,
            own=options.own,
            horizon=options.horizon,
            reconcile_every=options.reconcile_every,
            now=self._now,
        )

    def check(self, mailbox: Mailbox) -> Checked:
        """Check whether a sync can read the mailbox; return the granted scopes and the number of messages.

        Signs in and sends the first requests of a sync: the profile, a list, and one message's headers. An error is in
        the result, not raised.
        """
        try:
            api = self._api(mailbox)
            try:
                profile = api.profile()
                _read_newest(api)
                scopes = api.granted_scopes()
            finally:
                api.close()
        except ConnectorError as error:
            return Checked(mailbox=mailbox.address, error=error)
        except GmailAnswerError as trouble:
            odd = RetryLaterError(
                mailbox.address,
                f"Gmail sent an unexpected answer ({trouble.verdict.kind}).",
                "Correct gmail.api_root if you changed it; otherwise try again later.",
                state="unexpected answer",
            )
            return Checked(mailbox=mailbox.address, error=odd)
        total = profile.get("messagesTotal")
        return Checked(
            mailbox=mailbox.address,
            scopes=scopes,
            excess=tuple(scope for scope in scopes if scope != SCOPE),
            messages=total if isinstance(total, int) else None,
        )

    def close(self) -> None:
        """Do nothing, because no connection stays open between mailboxes."""

    def _api(self, mailbox: Mailbox) -> GmailApi:
        options = self._options
        # A token can read its own mailbox; with several mailboxes, requests must name each.
        several = isinstance(self._sign_in, GmailBearerToken) and len(options.mailboxes) > 1
        access = GmailAccess(
            mailbox=mailbox.name,
            user_id=mailbox.address if several else "me",
            root=options.api_root,
            sign_in=self._sign_in,
            credentials=self._sign_in.credentials(mailbox.address),
            quota=options.quota,
            limits=self._limits.of(mailbox.name),
            pause=self._pause,
            now=self._now,
            clock=self._clock,
            subjects=options.subjects,
            timeouts=options.timeouts,
            dates=self.dates,
        )
        return GmailApi(access)


def _read_newest(api: GmailApi) -> None:
    """Request the headers of the newest message; one that is deleted meanwhile doesn't matter."""
    listed = api.messages(token=None).get("messages")
    for newest in listed[:1] if isinstance(listed, list) else ():
        if not isinstance(newest, dict) or not isinstance(newest.get("id"), str):
            continue
        try:
            api.call(api.get(newest["id"]), units=api.quota.get)
        except GmailAnswerError as trouble:
            if trouble.verdict.kind is not GmailErrorKind.MISSING:
                raise
