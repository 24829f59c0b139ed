"""The mail behind each mark at its threshold and just beyond."""

from collections.abc import Mapping

from tests.mailsignals.risk.case_mail import (
    Case,
    answered_by_them,
    answered_by_us,
    both,
    checkins,
    mails,
    meetings,
    wrote_again,
)
from tests.mailsignals.risk.contact_cases import CONTACT_CASES
from tests.mailsignals.risk.office import DAY, HELP, HOUR, TICK

QUARTER, BEFORE = (10, 20, 89), (90, 100, 110, 120, 179)
"""Days with mail in this quarter and in the one before, both up to their edges."""

CASES: Mapping[str, Case] = {
    **CONTACT_CASES,
    "down_40_percent": Case(
        "inbound_down",
        mails(*QUARTER, *BEFORE),
        (3, 5, "They sent 3 emails in the last 90 days, down 40% from 5 in the 90 days before."),
    ),
    "down_to_one": Case(
        "inbound_down",
        mails(3, *BEFORE),
        (1, 5, "They sent 1 email in the last 90 days, down 80% from 5 in the 90 days before."),
    ),
    "down_to_nothing": Case(
        "inbound_down",
        mails(*BEFORE),
        (0, 5, "They sent 0 emails in the last 90 days, down 100% from 5 in the 90 days before."),
    ),
    "down_less": Case("inbound_down", mails(5, *QUARTER, *BEFORE), None),
    "down_from_four": Case("inbound_down", mails(*BEFORE[:4]), None),
    "down_but_one_is_older_than_the_quarter_before": Case(
        "inbound_down", mails(90, 100, 110, 120, 180), None
    ),
    "checkin_unanswered_for_a_week": Case(
        "unanswered_checkin",
        checkins(7, answered=False),
        (7, None, "A check-in has been unanswered for 7 days."),
    ),
    "checkin_unanswered_for_less": Case("unanswered_checkin", lambda box: box.we(7 * DAY - TICK), None),
    "checkin_answered": Case("unanswered_checkin", checkins(9, answered=True), None),
    "wrote_again_twice": Case(
        "followups",
        wrote_again(59, 57, 55),
        (2, None, "We followed up twice in the last 60 days without a reply."),
    ),
    "wrote_again_once": Case("followups", wrote_again(59, 57), None),
    "wrote_again_long_ago": Case("followups", wrote_again(64, 62, 60, 58), None),
    "twice_the_usual_pause_between_meetings": Case(
        "no_meeting", meetings(14, 21, 28, 35), (14, 7, "No meeting for 14 days (usually every 7).")
    ),
    "not_quite_twice_the_usual_pause": Case("no_meeting", meetings(13, 20, 27, 34), None),
    "three_meetings_have_no_usual_pause": Case("no_meeting", meetings(14, 21, 28), None),
    "three_times_slower": Case(
        "customer_slower",
        both(answered_by_them(2, 30, 60, 119), answered_by_them(6, 5, 10, 29)),
        (6, 2, "Their response time was 6 h in the last 30 days (2 h in the three months before)."),
    ),
    "not_quite_three_times_slower": Case(
        "customer_slower",
        both(answered_by_them(2, 30, 60, 119), answered_by_them(6, 5, 10, 29, hours_less=0.001)),
        None,
    ),
    "slower_in_two_answers": Case(
        "customer_slower", both(answered_by_them(2, 30, 60, 119), answered_by_them(6, 5, 10)), None
    ),
    "slower_than_two_answers": Case(
        "customer_slower", both(answered_by_them(2, 30, 60, 120), answered_by_them(6, 5, 10, 29)), None
    ),
    "at_once_as_ever": Case(
        "customer_slower", both(answered_by_them(0, 40, 60, 119), answered_by_them(0, 5, 10, 29)), None
    ),
    "answers_fewer_by_25_points": Case(
        "fewer_answers",
        both(
            checkins(7, 8, 9, answered=False),
            checkins(29, answered=True),
            checkins(40, 50, 60, answered=True),
            checkins(70, answered=False),
        ),
        (0.25, 0.5, "They answered 25% of 4 check-ins in the last 30 days (50% of 8 in 90 days)."),
    ),
    "answers_fewer_by_less": Case(
        "fewer_answers",
        both(
            checkins(7, 8, 9, answered=False),
            checkins(29, answered=True),
            checkins(40, 50, answered=True),
            checkins(60, 70, answered=False),
        ),
        None,
    ),
    "answers_fewer_of_two": Case(
        "fewer_answers", both(checkins(8, 9, answered=False), checkins(40, 50, 60, answered=True)), None
    ),
    "third_checkin_not_yet_a_week_old": Case(
        "fewer_answers",
        both(
            checkins(8, 9, answered=False),
            lambda box: box.we(7 * DAY - TICK),
            checkins(40, 50, 60, answered=True),
        ),
        None,
    ),
    "asked_again_after_4_hours": Case(
        "chasing",
        lambda box: box.they(5 * DAY, thread="q").they(5 * DAY - 4 * HOUR, thread="q"),
        (1, 0, "They chased us once in the last 30 days (never the month before)."),
    ),
    "asked_again_sooner": Case(
        "chasing", lambda box: box.they(5 * DAY, thread="q").they(5 * DAY - 4 * HOUR + TICK, thread="q"), None
    ),
    "asked_again_twice_and_once_before": Case(
        "chasing",
        lambda box: [
            box.they(days * DAY - late * HOUR, thread=f"{days}")
            for days, late in ((5, 0), (5, 4), (5, 9), (50, 0), (50, 30))
        ],
        (2, 1, "They chased us twice in the last 30 days (once the month before)."),
    ),
    "urgent_just_now": Case(
        "urgent",
        lambda box: box.they(30 * DAY - TICK, subject="URGENT: help").they(30 * DAY, subject="urgent"),
        (1, 1, "They sent 1 urgent email in the last 30 days (1 the month before)."),
    ),
    "urgent_30_days_ago": Case("urgent", lambda box: box.they(30 * DAY, subject="urgent"), None),
    "due_now": Case(
        "overdue_answer",
        lambda box: box.they(2 * HOUR).they(36 * DAY).we(33 * DAY, thread="1"),
        (2, 1, "2 of their emails are unanswered, the oldest 36 days overdue."),
    ),
    "one_due_five_hours_ago": Case(
        "overdue_answer",
        lambda box: box.they(7 * HOUR),
        (1, 0, "1 of their emails is unanswered, 5 h overdue."),
    ),
    "due_in_a_moment": Case("overdue_answer", lambda box: box.they(2 * HOUR - TICK), None),
    "answered_late": Case(
        "overdue_answer", lambda box: box.they(9 * HOUR, thread="l").we(HOUR, who=HELP, thread="l"), None
    ),
    "we_took_as_long_as_promised": Case("we_are_slow", answered_by_us(2, 5, 10, 15), None),
    "we_took_longer_than_promised": Case(
        "we_are_slow",
        both(answered_by_us(2, 5, 10, 15, ticks=1), answered_by_us(0.5, 40)),
        (
            2 + 1 / 3.6e9,
            0.5,
            (
                "Our response time was 2 h in the last 30 days (30 min the month before); the SLA target is 2 h."
            ),
        ),
    ),
    "no_checkin_for_30_days": Case(
        "no_checkin",
        lambda box: box.we(30 * DAY),
        (30, None, "No check-in for 30 days."),
    ),
    "no_checkin_where_they_were_monthly": Case(
        "no_checkin",
        lambda box: [box.we(days * DAY) for days in (60, 100, 130, 160, 190)],
        (60, 24.75, "No check-in for 60 days (usually every 25)."),
    ),
    "checkin_just_in_time": Case("no_checkin", lambda box: box.we(30 * DAY - TICK), None),
    "a_reply_is_no_checkin": Case(
        "no_checkin",
        lambda box: box.they(9 * DAY, thread="r").we(8 * DAY, thread="r").we(31 * DAY),
        (31, None, "No check-in for 31 days."),
    ),
    "one_contact_of_ten_mails": Case(
        "single_contact",
        both(mails(*range(1, 11)), mails(95), mails(96, who="bob")),
        (
            1.0,
            2.0,
            (
                "Nearly all of their 10 emails in the last 90 days came from one person "
                "(2 people wrote in the 90 days before)."
            ),
        ),
    ),
    "one_contact_of_nine_mails": Case("single_contact", mails(*range(1, 10)), None),
    "one_contact_but_for_a_mail_in_25": Case(
        "single_contact",
        both(mails(*range(1, 25)), mails(30, who="bob")),
        (1.1828705, None, "Nearly all of their 25 emails in the last 90 days came from one person."),
    ),
    "one_contact_but_for_a_mail_in_22": Case(
        "single_contact", both(mails(*range(1, 22)), mails(30, who="bob")), None
    ),
}
