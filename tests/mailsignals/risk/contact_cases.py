"""The mail behind the marks about main contacts, at the threshold and just beyond."""

from collections.abc import Mapping

from mailsignals.wording.numbers import on_day
from tests.mailsignals.risk.case_mail import Case, both, bounced, mails
from tests.mailsignals.risk.office import AT, DAY, HOUR, TICK

TODAY = 14 / 24
"""The part of a day since midnight, as of which main contacts are chosen."""

CONTACT_CASES: Mapping[str, Case] = {
    "champion_quiet_for_30_days": Case(
        "champion_quiet",
        both(mails(30 + TODAY, 60, 61, 62, 179), mails(5, who="bob")),
        (
            0,
            5,
            ("Main contact ana@champion-quiet-for-30-days.example has been silent for 30 days."),
        ),
    ),
    "champion_wrote_just_in_time": Case(
        "champion_quiet",
        both(mails(60, 61, 62, 63, 179), lambda box: box.they((30 + TODAY) * DAY - TICK)),
        None,
    ),
    "champion_wrote_this_morning": Case("champion_quiet", mails(0.1, 60, 61, 62, 63, 179), None),
    "no_champion_of_four_mails": Case("champion_quiet", mails(60, 61, 62, 179), None),
    "two_main_contacts_quiet": Case(
        "champion_quiet",
        both(mails(*range(60, 72)), mails(*range(80, 86), who="bob"), mails(2, who="cat")),
        (
            0,
            18,
            (
                "Main contacts ana@two-main-contacts-quiet.example and bob@two-main-contacts-quiet.example have been "
                "silent for at least 60 days."
            ),
        ),
    ),
    "one_of_two_main_contacts_quiet": Case(
        "champion_quiet",
        both(mails(1, *range(60, 72)), mails(*range(80, 86), who="bob")),
        (
            0,
            6,
            ("Main contact bob@one-of-two-main-contacts-quiet.example has been silent for 80 days."),
        ),
    ),
    "who_wrote_less_than_half_as_much_is_no_main_contact": Case(
        "champion_quiet", both(mails(1, *range(60, 72)), mails(*range(80, 85), who="bob")), None
    ),
    "champion_quiet_and_away": Case(
        "champion_quiet",
        both(mails(40, 60, 61, 62, 179), lambda box: box.program(3 * DAY, "auto_reply")),
        (
            0,
            5,
            (
                "Main contact ana@champion-quiet-and-away.example has been silent for 40 days. "
                f"They are away (automatic reply of {on_day(AT - 3 * DAY)})."
            ),
        ),
    ),
    "one_of_two_quiet_is_away": Case(
        "champion_quiet",
        both(
            mails(*range(60, 67)),
            mails(*range(80, 86), who="bob"),
            lambda box: box.program(3 * DAY, "auto_reply", who="bob"),
        ),
        (
            0,
            13,
            (
                "Main contacts ana@one-of-two-quiet-is-away.example and bob@one-of-two-quiet-is-away.example have "
                "been silent for at least 60 days. bob@one-of-two-quiet-is-away.example is away (automatic reply of "
                f"{on_day(AT - 3 * DAY)})."
            ),
        ),
    ),
    "whose_address_is_gone_is_not_called_quiet": Case(
        "champion_quiet", both(mails(40, 60, 61, 62, 179), bounced(5)), None
    ),
    "champion_is_away": Case(
        "champion_away",
        both(mails(10, 60, 61, 62, 63, 179), lambda box: box.program(3 * DAY, "auto_reply")),
        (1, None, f"ana@champion-is-away.example is away (automatic reply of {on_day(AT - 3 * DAY)})."),
    ),
    "champion_wrote_after_being_away": Case(
        "champion_away",
        both(mails(2, 60, 61, 62, 63, 179), lambda box: box.program(3 * DAY, "auto_reply")),
        None,
    ),
    "champion_cannot_be_reached": Case(
        "champion_gone",
        both(mails(40, 60, 61, 62, 179), bounced(5)),
        (
            1,
            0,
            (
                "Email to main contact ana@champion-cannot-be-reached.example bounced on "
                f"{on_day(AT - 5 * DAY + HOUR)}: the address no longer works."
            ),
        ),
    ),
    "champion_wrote_after_a_bounce": Case(
        "champion_gone", both(mails(4, 40, 60, 61, 62, 179), bounced(5)), None
    ),
    "somebody_else_cannot_be_reached": Case(
        "champion_gone", both(mails(5, 40, 60, 61, 62, 179, who="bob"), bounced(5)), None
    ),
}
