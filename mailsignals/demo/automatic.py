"""Mail that no person wrote: absence notes, bounces, invitations, newsletters and notifications."""

import numpy as np
import polars as pl

from mailsignals.demo import subjects as _subjects
from mailsignals.demo.letters import addresses, frame
from mailsignals.demo.names import VENDORS
from mailsignals.demo.openings import OpeningKind, Threads
from mailsignals.demo.people import DOMAIN
from mailsignals.demo.places import PLACES
from mailsignals.demo.rhythm import Floats, Ints
from mailsignals.demo.traffic import Mails
from mailsignals.demo.world import AT_HOME, AT_THE_DESK, HOURS, World

SECONDS = 1 / 3600
BOUNCED = 0.002
INVITED = 0.4
"""Share of check-ins that end in a meeting."""
ACCEPTED = 0.7
NEWSLETTERS_A_WEEK = 1.0
"""Number of newsletters from vendors per colleague and week."""
FIRMS_WITH_NEWSLETTER = 0.3
NOTIFICATIONS_AN_AGENT_AND_WEEK = 1.2


def absence_notes(world: World, mails: Mails, titles: pl.Series, rng: np.random.Generator) -> pl.DataFrame:
    """Return the automatic replies of people on holiday, once per holiday to each sender.

    One row per email; parents are rows of ``mails``.
    """
    people = world.people
    row = np.flatnonzero(people.away(mails.recipient, mails.at))
    row = row[np.argsort(mails.at[row], kind="stable")]
    away = mails.take(row)
    back = people.back(away.recipient, away.at)
    _, first = np.unique(np.stack([away.sender, away.recipient, np.round(back)]), axis=1, return_index=True)
    first = np.sort(first)
    first = first[rng.random(len(first)) < 0.8]
    noted, row = away.take(first), row[first]
    languages = np.array([place.language for place in PLACES])[people.rhythm[noted.recipient] % len(PLACES)]
    prefix = [_subjects.AWAY.get(language, "Automatic reply: ") for language in languages.tolist()]
    return frame(
        {
            "thread": noted.thread,
            "parent": row,
            "at": noted.at + rng.uniform(5.0, 90.0, len(row)) * SECONDS,
            "sender": addresses(world, noted.recipient),
            "to_1": addresses(world, noted.sender),
            "subject": pl.Series(prefix, dtype=pl.String) + titles.gather(row),
            "automated": np.full(len(row), "auto_reply"),
            "importance": np.full(len(row), "normal"),
        }
    )


def bounce_mails(world: World, mails: Mails, rng: np.random.Generator) -> pl.DataFrame:
    """Return the reports of mail servers that could not deliver; parents are rows of ``mails``."""
    row = np.flatnonzero(mails.by_us & (rng.random(len(mails.at)) < BOUNCED))
    failed = mails.take(row)
    domain = addresses(world, failed.recipient).str.split("@").list.last()
    return frame(
        {
            "thread": failed.thread,
            "parent": row,
            "at": failed.at + rng.uniform(2.0, 300.0, len(row)) * SECONDS,
            "sender": "mailer-daemon@" + domain,
            "to_1": addresses(world, failed.sender),
            "subject": np.full(len(row), "Undelivered Mail Returned to Sender"),
            "automated": np.full(len(row), "bounce"),
            "importance": np.full(len(row), "normal"),
        }
    )


def invitations(world: World, threads: Threads, rng: np.random.Generator) -> pl.DataFrame:
    """Return the calendar emails around check-ins: invitations of CSMs, and replies of contacts' calendars."""
    thread = np.flatnonzero((threads.kind == OpeningKind.CHECKIN) & (rng.random(len(threads.kind)) < INVITED))
    firm, opened = threads.firm[thread], threads.opened[thread]
    host = world.csm(firm, opened)
    guest = world.seats.holder(firm, threads.seat[thread], opened)
    sent = world.rhythms.later(world.people.rhythm[host], opened, by=rng.exponential(3.0, len(thread)) + 0.2)
    invitation = _calendar(world, sent, host, guest, "Invitation: ")
    accepted = rng.random(len(thread)) < ACCEPTED
    answered = world.rhythms.later(world.place[firm], sent, by=rng.exponential(2.0, len(thread)) + 0.02)
    acceptance = _calendar(world, answered, guest, host, "Accepted: ")
    ends = world.ends()[firm]
    return pl.concat([invitation.filter(sent < ends), acceptance.filter(accepted & (answered < ends))])


def _calendar(world: World, at: Floats, sender: Ints, recipient: Ints, word: str) -> pl.DataFrame:
    return frame(
        {
            "at": at,
            "sender": addresses(world, sender),
            "to_1": addresses(world, recipient),
            "subject": np.full(len(at), f"{word}Larkspur check-in"),
            "automated": np.full(len(at), "calendar"),
            "importance": np.full(len(at), "normal"),
        }
    )


def _spread(world: World, row: int, count: int, rng: np.random.Generator) -> Floats:
    """Return that many times within the two years, in the rhythm of one row."""
    rows = np.full(count, row)
    total = world.rhythms.worked_at(rows, np.full(count, HOURS))
    return world.rhythms.instant_of(rows, total * rng.random(count))


def newsletters(world: World, rng: np.random.Generator) -> pl.DataFrame:
    """Return the newsletters of vendors to everybody here, and of some customers to their CSM every month."""
    weeks = HOURS / 168
    staff = np.array([*world.staff.csms, *world.staff.agents, *world.staff.others])
    reader = np.repeat(staff, rng.poisson(NEWSLETTERS_A_WEEK * weeks, len(staff)))
    issue = rng.integers(0, len(VENDORS), len(reader))
    with_domain = [n for n, firm in enumerate(world.firms[: world.accounts]) if firm.domains]
    writer = np.array(with_domain, dtype=np.int64)
    writer = writer[rng.random(len(writer)) < FIRMS_WITH_NEWSLETTER]
    firm = np.repeat(writer, 24)
    at = (np.tile(np.arange(24), len(writer)) + rng.uniform(0.2, 0.4, len(firm))) * HOURS / 24
    running = (at >= world.starts()[firm]) & (at < world.ends()[firm])
    firm, at = firm[running], at[running]
    vendors = np.array(VENDORS)[issue]
    return frame(
        {
            "at": np.concatenate([_spread(world, AT_HOME, len(reader), rng), at]),
            "sender": [
                *(f"news@{vendor}" for vendor in vendors.tolist()),
                *(f"newsletter@{world.firms[n].domains[0]}" for n in firm.tolist()),
            ],
            "to_1": addresses(world, np.concatenate([reader, world.csm(firm, at)])),
            "subject": [
                *(f"{vendor.split('.')[0].title()}: this week's reading" for vendor in vendors.tolist()),
                *(f"News from {world.firms[n].name}" for n in firm.tolist()),
            ],
            "automated": np.full(len(reader) + len(firm), "bulk"),
            "importance": np.full(len(reader) + len(firm), "normal"),
        }
    )


def notifications(world: World, rng: np.random.Generator) -> pl.DataFrame:
    """Return the notifications that our own tools and a status service send to the support desk."""
    count = int(rng.poisson(NOTIFICATIONS_AN_AGENT_AND_WEEK * len(world.staff.agents) * HOURS / 168))
    ours = rng.random(count) < 0.6
    agent = rng.choice(np.array(world.staff.agents), count)
    return frame(
        {
            "at": _spread(world, AT_THE_DESK, count, rng),
            "sender": np.where(ours, f"no-reply@{DOMAIN}", "no-reply@statuslamp.test"),
            "to_1": addresses(world, np.where(ours, agent, world.staff.support)),
            "subject": np.where(ours, "A ticket was assigned to you", "Status: all systems operational"),
            "automated": np.full(count, "notification"),
            "importance": np.full(count, "normal"),
        }
    )
