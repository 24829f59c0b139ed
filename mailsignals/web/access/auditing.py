"""Write the audit log: changes and exports at once, page views and refused requests in batches."""

import datetime as dt
import logging
import re
import threading
from collections.abc import Callable, Sequence

from mailsignals.errors import UserError
from mailsignals.store.tables.audit import Audit, AuditEntry, AuditKind
from mailsignals.web.access.same_origin import SAFE

log = logging.getLogger(__name__)

WAIT_SECONDS = 2.0
"""Seconds for which page views and refused requests are collected into one write."""

_ACCOUNT = re.compile(r"/accounts/([^/]+)")


def account_in(path: str) -> str | None:
    """Return the account id in a path; None if there is none."""
    found = _ACCOUNT.search(path)
    return found[1] if found else None


def kind_of(method: str, status: int, *, taken_away: bool) -> AuditKind | None:
    """Return the kind of audit entry for a request; None if it failed, redirects, or shows and changes nothing."""
    if status in {401, 403, 429}:
        return AuditKind.REFUSED
    if status >= 400:
        return None
    if method not in SAFE:
        return AuditKind.CHANGED
    if status >= 300 or method != "GET":
        return None
    return AuditKind.EXPORTED if taken_away else AuditKind.SEEN


class Auditor:
    """Collects and writes audit entries; safe to use from any thread."""

    def __init__(self, audit: Audit, *, keep: Callable[[], dt.timedelta]) -> None:
        self._audit = audit
        self._keep = keep
        self._lock = threading.Lock()
        self._waiting: list[AuditEntry] = []
        self._timer: threading.Timer | None = None
        self._swept_on: dt.date | None = None

    def now(self, entry: AuditEntry) -> None:
        """Write an entry before returning.

        Raises:
            UserError: the store cannot be written to.
        """
        self._write([entry], durable=True)

    def soon(self, entry: AuditEntry) -> None:
        """Write an entry within seconds."""
        with self._lock:
            self._waiting.append(entry)
            if self._timer is None:
                self._timer = threading.Timer(WAIT_SECONDS, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Write the collected entries; entries that can't be written are lost, and logged."""
        with self._lock:
            entries, self._waiting = self._waiting, []
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        if not entries:
            return
        try:
            self._write(entries, durable=False)
        except UserError as error:
            log.error("audit_failed", extra={"entries": len(entries), "problem": str(error)})  # noqa: TRY400  # a full disk needs no traceback

    def _write(self, entries: Sequence[AuditEntry], *, durable: bool) -> None:
        """Add entries, and once a day remove entries older than ``dashboard.audit_days``."""
        at = entries[-1].at
        outdated = at - self._keep() if self._swept_on != at.date() else None
        self._audit.add(entries, durable=durable, forget_before=outdated)
        self._swept_on = at.date()
