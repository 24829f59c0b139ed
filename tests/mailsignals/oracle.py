"""The signals of the definitions, one message at a time in plain Python: slow, obvious, and apart from the engine."""

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from connectors.base import Message
from tests.mailsignals.oracle_mails import DAY, HOUR, Mail
from tests.mailsignals.oracle_programs import away, meetings, unreachable
from tests.mailsignals.oracle_touches import (
    Account,
    Archive,
    Rules,
    Touch,
    Turn,
    conversations,
    touches,
    turns,
)
from tests.mailsignals.sla.oracle_hours import due

Row = dict[str, object]

WINDOWS = (30, 60, 90)


def signals(
    messages: Sequence[Message], rules: Rules, *, as_of: dt.datetime, archive: Archive | None = None
) -> list[Row]:
    """A row for each account, in the order of the book, and window, with every signal as of one instant."""
    archive = archive or Archive.of(messages, rules)
    seen = archive.mails(as_of)
    ordered = touches(seen, rules)
    stored = {name for one in seen for name in one.ids}
    rows: list[Row] = []
    for number, account in enumerate(rules.accounts):
        mine = [touch for touch in ordered if touch.account == number]
        view = View(mine, seen, archive, account=account, number=number, as_of=as_of)
        always = view.always()
        for days in WINDOWS:
            head = {"account_id": account.account_id, "as_of": as_of, "window_days": days}
            rows.append(head | view.window(days) | {"visibility_gap": view.gap(days, stored)} | always)
    return rows


class View:
    """What is known of one account at an instant."""

    def __init__(
        self,
        ordered: list[Touch],
        seen: Sequence[Mail],
        archive: Archive,
        *,
        account: Account,
        number: int,
        as_of: dt.datetime,
    ) -> None:
        self.touches = ordered
        self.rules = archive.rules
        self.account = account
        self.as_of = as_of
        self.conversations = conversations(ordered, archive.thread_of, archive.rules)
        self.turns = [turn for conversation in self.conversations for turn in turns(conversation)]
        self.meetings = meetings(seen, archive, number)
        self.unreachable = unreachable(seen, archive.rules, number)
        self.away = away(seen, ordered, archive.rules, number=number, as_of=as_of)

    def ago(self, days: float) -> dt.datetime:
        """The instant so many days before."""
        return self.as_of - days * DAY

    def during(self, since: float, until: float = 0, *, outbound: bool) -> list[Touch]:
        """The touches of one direction from so many days ago (not in) until so many days ago (in)."""
        low, high = self.ago(since), self.ago(until)
        return [touch for touch in self.touches if low < touch.at <= high and touch.outbound == outbound]

    def window(self, days: int) -> Row:
        """The signals of the window of so many days, without ``visibility_gap``."""
        inbound, outbound = self.during(days, outbound=False), self.during(days, outbound=True)
        earlier = self.during(2 * days, days, outbound=False)
        opened = [one for one in self.conversations if one[0].at > self.ago(days)]
        ours = [turn for turn in self.started(days) if not turn.touches[0].outbound]
        theirs = [turn for turn in self.started(days) if turn.touches[0].outbound]
        us = hours(ours)
        customer = hours(theirs)
        return {
            "inbound": len(inbound),
            "outbound": len(outbound),
            "inbound_trend": len(inbound) / len(earlier) - 1 if earlier else None,
            "active_contacts": len({touch.mail.sender for touch in inbound}),
            "contact_breadth": breadth(touch.mail.sender for touch in inbound),
            "our_breadth": breadth(touch.mail.sender for touch in outbound),
            "initiation_share": share(not one[0].outbound for one in opened),
            "response_hours_median": percentile(us, 0.5),
            "response_hours_p90": percentile(us, 0.9),
            "first_response_hours_median": percentile(hours([turn for turn in ours if turn.opening]), 0.5),
            "response_hours_km_median": km_median(self.waits(ours)),
            "customer_response_hours_median": percentile(customer, 0.5),
            "customer_response_hours_p90": percentile(customer, 0.9),
            "customer_response_hours_km_median": km_median(self.waits(theirs)),
            "checkins": sum(checkin(one) for one in opened),
            "thread_response_rate": self.thread_response_rate(days),
            "unreplied_rate": self.unreplied_rate(ours),
            "chasers": self.chasers(days),
            "urgent": sum(touch.urgent for touch in inbound),
            "meetings": len({topic for at, topic in self.meetings if at > self.ago(days)}),
            "bounced_contacts": len({address for at, address in self.unreachable if at > self.ago(days)}),
        }

    def started(self, days: int) -> list[Turn]:
        """The turns that started in the window."""
        return [turn for turn in self.turns if turn.at > self.ago(days)]

    def waits(self, these: Iterable[Turn]) -> list[tuple[dt.timedelta, bool]]:
        """How long each turn waited until its answer, or waits until now, and whether it was answered."""
        return [((turn.answered_at or self.as_of) - turn.at, turn.answered_at is not None) for turn in these]

    def thread_response_rate(self, days: int) -> float | None:
        """The share of our check-ins that got an answer in time, of those old enough to have had one."""
        horizon = self.rules.reply_horizon
        eligible = [
            one
            for one in self.conversations
            if checkin(one) and self.ago(days) < one[0].at <= self.as_of - horizon
        ]
        return share(
            any(not touch.outbound and touch.at - one[0].at <= horizon for touch in one) for one in eligible
        )

    def unreplied_rate(self, ours: Iterable[Turn]) -> float | None:
        """The share of the inbound turns past their target that are open."""
        first, later = self.account.first_response_hours, self.account.next_response_hours
        later = first if later is None else later
        late = []
        for turn in ours:
            target = first if turn.opening else later
            if target is not None:
                days = (self.as_of - turn.at) / DAY + 1
                due_at = due(turn.at, target * HOUR, self.account.calendar, days=days)
                late += [turn] if due_at is not None and due_at <= self.as_of else []
        return share(turn.answered_at is None for turn in late)

    def chasers(self, days: int) -> int:
        """How often the customer had to ask again."""
        inbound = [turn.touches for turn in self.turns if not turn.touches[0].outbound]
        pairs = [pair for run in inbound for pair in pairwise(run)]
        return sum(after.at - before.at >= 4 * HOUR and after.at > self.ago(days) for before, after in pairs)

    def gap(self, days: int, stored: set[str]) -> float | None:
        """The share of the ids that the window's touches refer to of which there is no message."""
        window = [touch for touch in self.touches if touch.at > self.ago(days)]
        return share(
            name not in stored for name in {name for touch in window for name in touch.mail.references}
        )

    def always(self) -> Row:
        """The signals that have no window."""
        inbound = [touch.at for touch in self.touches if not touch.outbound]
        outbound = [touch.at for touch in self.touches if touch.outbound]
        waiting = [turn for turn in self.started(90) if not turn.touches[0].outbound and not turn.answered_at]
        last = self.since(inbound)
        dates = sorted({touch.at.astimezone(dt.UTC).date() for touch in self.during(180, outbound=False)})
        gaps = [float((after - before).days) for before, after in pairwise(dates)]
        usual = percentile(gaps, 0.9) if len(gaps) >= 5 else None
        return {
            "days_since_checkin": self.since([one[0].at for one in self.conversations if checkin(one)]),
            "days_since_inbound": last,
            "days_since_outbound": self.since(outbound),
            "open_turns": len(waiting),
            "oldest_open_hours": max(((self.as_of - turn.at) / HOUR for turn in waiting), default=None),
            "overdue_ratio": last / usual if usual and last is not None else None,
            "champion_quiet": self.champion_quiet(),
            "days_since_meeting": self.since([at for at, _ in self.meetings]),
            "away_contacts": len(self.away),
        }

    def since(self, instants: Sequence[dt.datetime]) -> float | None:
        """Days since the last of the instants."""
        return (self.as_of - max(instants)) / DAY if instants else None

    def champion_quiet(self) -> bool | None:
        """Whether the one who wrote most writes no more."""
        wrote = Counter(touch.mail.sender for touch in self.during(180, 30, outbound=False))
        if not wrote or max(wrote.values()) < 5:
            return None
        champion = min(wrote, key=lambda contact: (-wrote[contact], contact))
        return all(touch.mail.sender != champion for touch in self.during(30, outbound=False))


def checkin(conversation: Sequence[Touch]) -> bool:
    """Whether customer success of ours opened the conversation."""
    return conversation[0].outbound and conversation[0].role == "cs"


def hours(these: Iterable[Turn]) -> list[float]:
    """The response times of the turns that are answered, in hours."""
    return [(turn.answered_at - turn.at) / HOUR for turn in these if turn.answered_at]


def share(flags: Iterable[bool]) -> float | None:
    """The share of the flags that are set, null of none."""
    found = list(flags)
    return sum(found) / len(found) if found else None


def breadth(names: Iterable[str]) -> float | None:
    """How many names there would be, were they equally frequent."""
    counts = Counter(names)
    total = counts.total()
    return math.exp(-sum(n / total * math.log(n / total) for n in counts.values())) if total else None


def percentile(values: Iterable[float], q: float) -> float | None:
    """The ``q`` quantile with linear interpolation, null of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    place = q * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def km_median(waits: Sequence[tuple[dt.timedelta, bool]]) -> float | None:
    """The Kaplan-Meier median in hours of (time, whether it ended): events come before censorings at ties."""
    survival = 1.0
    for time in sorted({time for time, ended in waits if ended}):
        at_risk = sum(other >= time for other, _ in waits)
        survival *= 1 - sum(other == time and ended for other, ended in waits) / at_risk
        if survival <= 0.5 + 1e-12:
            return time / HOUR
    return None
