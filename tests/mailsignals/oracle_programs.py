"""What mail that programs wrote tells of an account, by its definitions, apart from the engine."""

import datetime as dt
from collections.abc import Hashable, Iterable, Sequence

from tests.mailsignals.oracle_mails import DAY, Mail
from tests.mailsignals.oracle_subjects import base_subject
from tests.mailsignals.oracle_touches import Archive, Rules, Touch, directed, touches_among


def of_kind(kind: str, seen: Iterable[Mail]) -> list[Mail]:
    """The mails that are automated for this reason."""
    return [one for one in seen if one.automated == kind]


def meetings(seen: Iterable[Mail], archive: Archive, account: int) -> list[tuple[dt.datetime, Hashable]]:
    """When each calendar message of an account was sent, and what it is about."""
    would_be = touches_among(of_kind("calendar", seen), archive.rules)
    mine = [touch.mail for touch in would_be if touch.account == account]
    return [
        (one.sent_at, base_subject(one.subject, answers=True) or archive.thread_of[one.number])
        for one in mine
    ]


def unreachable(seen: Sequence[Mail], rules: Rules, account: int) -> list[tuple[dt.datetime, str]]:
    """When each bounce was sent, and the address of an account that it says is not reached."""
    first = mails_by_id(seen)
    found: list[tuple[dt.datetime, str]] = []
    for bounce in of_kind("bounce", seen):
        stored = [name for name in bounce.references if name in first]
        one = first[stored[-1]] if stored else bounce
        outside = [address for address in one.recipients if not rules.internal(address)]
        if (
            stored
            and rules.internal(one.sender)
            and len(outside) == 1
            and rules.account(outside[0]) == account
        ):
            found.append((bounce.sent_at, outside[0]))
    return found


def mails_by_id(seen: Iterable[Mail]) -> dict[str, Mail]:
    """The mail of each stored id, of several mails the one that had it first."""
    named = [(copy, one) for one in seen for copy in one.copies if copy.message.message_id]
    named.sort(key=lambda pair: pair[0].order, reverse=True)
    return {copy.message.message_id or "": one for copy, one in named}


def away(
    seen: Iterable[Mail], ordered: Iterable[Touch], rules: Rules, *, number: int, as_of: dt.datetime
) -> set[str]:
    """The contacts of an account who sent us an automatic reply of late, and have not written since."""
    wrote = [touch for touch in ordered if not touch.outbound]
    replies = [touch for one in of_kind("auto_reply", seen) for touch in directed(one, rules)]
    return {
        reply.mail.sender
        for reply in replies
        if reply.account == number and not reply.outbound and reply.at > as_of - 14 * DAY
        if not any(touch.mail.sender == reply.mail.sender and touch.at > reply.at for touch in wrote)
    }
