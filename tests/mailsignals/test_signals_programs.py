"""Meetings, addresses that bounce, and people who are away: what mail that programs wrote tells."""

import dataclasses
import datetime as dt

import pytest

from connectors.base import Message
from tests.mailsignals.companies import DAY, HOUR, RULES, START, TICK, message
from tests.mailsignals.engine import figure, figures, touches_of

CUSTOMER, US = "p@a.example", "cs@us.example"
CUSTOMERS = ("p@a.example", "p@deep.sub.a.example", "p@c.example", "p@d.example")
T = START + 365 * DAY


def invitation(ago: dt.timedelta, subject: str | None = "Review", /, **more: object) -> Message:
    """A calendar message of ours to the customer, so long before T."""
    return message(T - ago, US, CUSTOMER, subject=subject, automated="calendar", **more)


def absence(ago: dt.timedelta, sender: str = CUSTOMER, **more: object) -> Message:
    """An automatic reply to us, so long before T."""
    return message(T - ago, sender, US, subject="Away", automated="auto_reply", **more)


def bounce(ago: dt.timedelta, *references: str, **more: object) -> Message:
    """A bounce to us, so long before T."""
    return message(T - ago, "mailer-daemon@x.example", US, references=references, automated="bounce", **more)


def sent(ago: dt.timedelta, *to: str, **more: object) -> Message:
    """A mail of ours, so long before T."""
    return message(T - ago, US, *(to or (CUSTOMER,)), **more)


# --- meetings ------------------------------------------------------------------------------------


def test_programs_make_no_touches() -> None:
    """They are counted here alone."""
    row = figures([invitation(DAY), absence(DAY), bounce(DAY, "m")], [T]).row(0, named=True)
    assert (row["inbound"], row["outbound"], row["meetings"], row["away_contacts"]) == (0, 0, 1, 1)


def test_meetings_are_distinct_base_subjects() -> None:
    """An invitation, its answers in any language and a reminder are one meeting."""
    answers = (
        "Accepted: Review",
        "Zugesagt : AW: Review",
        "Re: Declined: [EXTERNAL] review",
        "[#4711] Review",
    )
    mails = [invitation(10 * DAY), *(invitation(n * DAY, text) for n, text in enumerate(answers))]
    assert figure("meetings", mails, T) == 1
    assert figure("meetings", [*mails, invitation(HOUR, "Roadmap")], T) == 2


@pytest.mark.parametrize(("ago", "meetings"), [(30 * DAY, 0), (30 * DAY - TICK, 1), (0 * DAY, 1), (-TICK, 0)])
def test_meetings_are_of_the_window(ago: dt.timedelta, meetings: int) -> None:
    """Half open, like every window; a subject that comes again counts in each."""
    assert figure("meetings", [invitation(ago)], T) == meetings
    assert figure("meetings", [invitation(ago), invitation(40 * DAY)], T) == meetings


def test_a_calendar_message_of_the_customer_counts_too() -> None:
    """A message is the account's if it would be its touch, in either direction, and otherwise not."""
    theirs = message(T - DAY, CUSTOMER, US, subject="Review", automated="calendar")
    blind = message(T - DAY, CUSTOMER, subject="Review", automated="calendar")
    assert figure("meetings", [theirs], T) == figure("meetings", [blind], T) == 1
    for sender, to in ((CUSTOMER, "x@gmail.com"), (US, "ana@us.example"), ("x@gmail.com", US)):
        stranger = message(T - DAY, sender, to, subject="Review", automated="calendar")
        assert figure("meetings", [stranger], T) == 0


def test_without_a_base_subject_threads_count() -> None:
    """Where nothing but a prefix or nothing at all is there, each thread is a meeting."""
    mails = [
        invitation(3 * DAY, None, message_id="a"),
        invitation(2 * DAY, "Accepted:", references=("a",)),
        invitation(DAY, "", message_id="b"),
    ]
    assert figure("meetings", mails, T) == 2


def test_an_invitation_to_many_accounts_is_a_mail_merge() -> None:
    """The rule holds among calendar messages by themselves: mail of people beside them does not count."""
    webinar = [
        message(T - DAY + n * HOUR, US, one, subject="Webinar", automated="calendar")
        for n, one in enumerate(CUSTOMERS[:3])
    ]
    assert figure("meetings", webinar, T) == 0
    assert figure("meetings", webinar[:2], T) == 1
    mails = [dataclasses.replace(webinar[2], automated=None)]
    assert figure("meetings", [*webinar[:2], *mails], T) == 1


@pytest.mark.slow
def test_a_merge_of_invitations_is_one_from_its_last_mail_on() -> None:
    """Before the mail that makes it one, its messages were meetings like others."""
    webinar = [
        message(START + n * HOUR, US, one, subject="Webinar", automated="calendar")
        for n, one in enumerate(CUSTOMERS[:3])
    ]
    instants = [START - TICK, START, START + 2 * HOUR - TICK, START + 2 * HOUR]
    assert [touches_of(webinar).settled_at(at) for at in instants] == [True, False, False, True]
    assert [figure("meetings", webinar, at) for at in instants] == [0, 1, 1, 0]


def test_days_since_the_last_meeting_are_without_a_window() -> None:
    """However long ago, in elapsed days."""
    mails = [invitation(200 * DAY), invitation(250 * DAY)]
    assert figure("days_since_meeting", mails, T) == 200.0
    assert figure("days_since_meeting", [sent(DAY)], T) is None


def test_a_mail_counts_for_the_first_reason_that_a_copy_has() -> None:
    """A copy that is a bounce makes it one, though another is a calendar message."""
    one = invitation(DAY, message_id="m")
    other = dataclasses.replace(one, mailbox=US, automated="bounce")
    assert figure("meetings", [one, other], T) == 0
    later = dataclasses.replace(other, sent_at=T - HOUR)
    assert [figure("meetings", [one, later], T - ago) for ago in (2 * HOUR, HOUR)] == [1, 0]


# --- addresses that cannot be reached --------------------------------------------------------------


def test_a_bounce_tells_an_address_that_cannot_be_reached() -> None:
    """The only one outside that the mail went to; twice is once."""
    mails = [sent(2 * DAY, message_id="m"), bounce(DAY, "m"), bounce(HOUR, "m", message_id="again")]
    assert figure("bounced_contacts", mails, T) == 1
    assert figure("bounced_contacts", mails, T, account="C") == 0
    both = [sent(3 * DAY, "q@old.test", message_id="n"), bounce(3 * HOUR, "n", message_id="other")]
    assert figure("bounced_contacts", [*mails, *both], T) == 2


@pytest.mark.parametrize(("ago", "bounced"), [(30 * DAY, 0), (30 * DAY - TICK, 1), (0 * DAY, 1), (-TICK, 0)])
def test_bounces_are_of_the_window(ago: dt.timedelta, bounced: int) -> None:
    """The bounce must lie in it, not the mail."""
    assert figure("bounced_contacts", [sent(100 * DAY, message_id="m"), bounce(ago, "m")], T) == bounced


@pytest.mark.parametrize(
    ("to", "bounced"),
    [
        ((CUSTOMER,), 1),
        ((CUSTOMER, "ana@us.example"), 1),
        ((CUSTOMER, "q@old.test"), 0),
        ((CUSTOMER, "x@gmail.com"), 0),
        (("x@gmail.com",), 0),
    ],
)
def test_of_several_addresses_outside_nobody_knows_which(to: tuple[str, ...], bounced: int) -> None:
    """Exactly one external address, and that one the account's; colleagues in copy do not count."""
    assert figure("bounced_contacts", [sent(2 * DAY, *to, message_id="m"), bounce(DAY, "m")], T) == bounced


def test_the_last_stored_id_is_what_bounced() -> None:
    """Ids of mails that are not held are passed over, and so are earlier ones."""
    mails = [sent(3 * DAY, message_id="a"), sent(2 * DAY, "p@c.example", message_id="b")]
    for references, accounts in ((("a", "b"), "C"), (("b", "a"), "A"), (("a", "gone"), "A")):
        found = [
            one
            for one in "AC"
            if figure("bounced_contacts", [*mails, bounce(DAY, *references)], T, account=one)
        ]
        assert found == [accounts]
    assert figure("bounced_contacts", [*mails, bounce(DAY, "gone")], T) == 0


def test_only_mail_of_ours_bounces() -> None:
    """A bounce that refers to a customer's mail, with one of their colleagues on it, tells nothing."""
    mails = [message(T - 2 * DAY, CUSTOMER, US, "q@old.test", message_id="m"), bounce(DAY, "m")]
    assert figure("bounced_contacts", mails, T) == 0


def test_a_bounce_names_any_id_of_the_mail() -> None:
    """A relay's new id as well as the first one."""
    mail = sent(2 * DAY, message_id="m", dated_at=T - 2 * DAY, subject="Offer")
    relayed = dataclasses.replace(mail, message_id="relayed", mailbox=US)
    assert figure("bounced_contacts", [mail, relayed, bounce(DAY, "relayed")], T) == 1


def test_an_id_that_is_stored_later_is_not_known_before() -> None:
    """Until then the bounce is of the id before it, also where nothing has to be built anew otherwise."""
    mails = [
        sent(3 * DAY, message_id="a"),
        bounce(2 * DAY, "a", "b"),
        sent(DAY, "p@c.example", message_id="b"),
    ]
    for at, expected in ((T - 2 * DAY, (1, 0)), (T - DAY - TICK, (1, 0)), (T - DAY, (0, 1)), (T, (0, 1))):
        assert tuple(figure("bounced_contacts", mails, at, account=one) for one in "AC") == expected


def test_of_two_mails_with_one_id_the_first_bounced() -> None:
    """In any order of the store."""
    first, second = sent(5 * DAY, message_id="m"), sent(2 * DAY, "p@c.example", message_id="m")
    mails = [
        dataclasses.replace(first, dated_at=T - 5 * DAY),
        dataclasses.replace(second, dated_at=T - 2 * DAY),
        bounce(DAY, "m"),
    ]
    for order in (mails, mails[::-1]):
        assert [figure("bounced_contacts", order, T, account=one) for one in "AC"] == [1, 0]


# --- people who are away ---------------------------------------------------------------------------


@pytest.mark.parametrize(("ago", "away"), [(14 * DAY, 0), (14 * DAY - TICK, 1), (0 * DAY, 1), (-TICK, 0)])
def test_somebody_is_away_for_two_weeks(ago: dt.timedelta, away: int) -> None:
    """From an automatic reply on, unless another follows."""
    assert figure("away_contacts", [absence(ago)], T) == away
    assert figure("away_contacts", [absence(ago), absence(20 * DAY)], T) == away


@pytest.mark.parametrize(("ago", "away"), [(DAY - TICK, 0), (DAY, 1), (DAY + TICK, 1)])
def test_who_writes_again_is_back(ago: dt.timedelta, away: int) -> None:
    """A later mail to us ends the absence; one of the same instant or before does not."""
    assert figure("away_contacts", [absence(DAY), message(T - ago, CUSTOMER, US)], T) == away


def test_who_is_away_again_is_away() -> None:
    """An automatic reply after the mail begins anew, and the absences of one person count once."""
    mails = [absence(3 * DAY), message(T - 2 * DAY, CUSTOMER, US), absence(DAY), absence(HOUR)]
    assert figure("away_contacts", mails, T) == 1
    assert figure("away_contacts", [*mails, absence(HOUR, "q@old.test")], T) == 2


def test_another_persons_mail_brings_nobody_back() -> None:
    """Nor does mail of ours, or mail that is no touch."""
    mails = [absence(DAY), message(T, "q@old.test", US), sent(HOUR), message(T, CUSTOMER, "x@gmail.com")]
    assert figure("away_contacts", mails, T) == 1


def test_an_automatic_reply_to_others_is_none_to_us() -> None:
    """It must be to one of us, seen or not."""
    stranger = message(T - DAY, CUSTOMER, "x@gmail.com", automated="auto_reply")
    blind = message(T - DAY, CUSTOMER, automated="auto_reply")
    assert [figure("away_contacts", [one], T) for one in (stranger, blind)] == [0, 1]
    ours = message(T - DAY, US, CUSTOMER, automated="auto_reply")
    assert figure("away_contacts", [ours], T) == 0


def test_one_person_under_two_spellings_is_away_once() -> None:
    """And back, whichever spelling writes."""
    mails = [absence(DAY, one) for one in ("boss@gmail.com", "b.oss@googlemail.com")]
    assert figure("away_contacts", mails, T) == 1
    back = message(T - HOUR, "bo.ss@gmail.com", US)
    assert figure("away_contacts", [*mails, back], T, rules=RULES) == 0
