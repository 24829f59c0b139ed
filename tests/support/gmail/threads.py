"""Which thread a new message joins, as Gmail decides it: by references and subject, up to 100 messages."""

import re

from tests.support.gmail.bulk import Bulk, number_in
from tests.support.gmail.message import Headers

FULL = 100
"""Messages in a thread, after which Gmail begins another."""

_PREFIX = re.compile(r"^\s*((re|fwd?|aw|wg)(\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_ID = re.compile(r"<([^<>\s]+)>")


class Threads:
    """What is known of the threads of one mailbox."""

    def __init__(self) -> None:
        self.bulk: Bulk | None = None
        self._thread_of: dict[str, str] = {}
        """By Message-ID."""
        self._subjects: dict[str, str] = {}
        self._sizes: dict[str, int] = {}
        self._continued: dict[str, str] = {}

    def join(self, headers: Headers, own_id: str) -> str:
        """The id of the thread of a new message: its own id, where it begins one."""
        subject = base_subject(headers)
        thread = self._found(headers, subject) or own_id
        if self._sizes.get(thread, 0) >= FULL:
            self._continued[thread] = own_id
            thread = own_id
        self._subjects.setdefault(thread, subject)
        self._sizes[thread] = self._sizes.get(thread, 0) + 1
        for value in _values(headers, "message-id"):
            self._thread_of.update(dict.fromkeys(_ID.findall(value), thread))
        return thread

    def _found(self, headers: Headers, subject: str) -> str | None:
        """The thread of the latest reference that has this subject, or the one that continues it."""
        references = [
            one
            for name in ("references", "in-reply-to")
            for value in _values(headers, name)
            for one in _ID.findall(value)
        ]
        for reference in reversed(references):
            thread = self._thread_of.get(reference) or self._in_bulk(reference)
            if thread is not None and self._subjects[thread] == subject:
                while thread in self._continued:
                    thread = self._continued[thread]
                return thread
        return None

    def _in_bulk(self, reference: str) -> str | None:
        number = number_in(reference)
        if self.bulk is None or number is None or number >= self.bulk.count:
            return None
        thread = self.bulk.id_of(self.bulk.thread_of(number))
        self._subjects.setdefault(thread, base_subject(self.bulk.message(number).headers))
        self._sizes.setdefault(thread, len(self.bulk.members(number)))
        return thread


def base_subject(headers: Headers) -> str:
    """The subject without what replies and forwards put before it."""
    return _PREFIX.sub("", next(iter(_values(headers, "subject")), "")).strip().lower()


def _values(headers: Headers, name: str) -> list[str]:
    return [value for key, value in headers if key.lower() == name]
