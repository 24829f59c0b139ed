"""The week for the head of customer success."""

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl

from mailsignals.flags.flags import FLAG_SCHEMA
from mailsignals.notifications.digest.bulletin import Bulletin
from mailsignals.notifications.digest.html import html, letter
from mailsignals.notifications.digest.risk_context import RiskContext
from mailsignals.notifications.digest.text import subject, text
from mailsignals.notifications.digest.weekly import LAPSED_SHOWN, answers_of_week, weekly
from mailsignals.schema import INSTANT
from tests.mailsignals.notifications.digest.assessed import AS_OF, CHECK, a_row, context, silent
from tests.mailsignals.sla.engine import promises_to
from tests.mailsignals.sla.office import GOLD, at

TODAY = dt.date(2026, 3, 2)
"""A day of which it is midnight."""


def a_flag(
    account_id: str, opened: int, closed: int | None = None, state: str = "persisting"
) -> dict[str, object]:
    """A flag that opened, and closed, so many days ago."""
    return {
        **dict.fromkeys(FLAG_SCHEMA.names()),
        "account_id": account_id,
        "opened_on": TODAY - dt.timedelta(days=opened),
        "closed_on": None if closed is None else TODAY - dt.timedelta(days=closed),
        "state": state,
    }


def the_week(
    *rows: Mapping[str, object],
    flags: Sequence[Mapping[str, object]] | None = (),
    answers: Sequence[tuple[int, float | None, float | None]] = (),
    given: RiskContext | None = None,
    change: str | None = None,
) -> Bulletin:
    """The weekly digest of some accounts, which may have ``news`` and ``days_since_checkin``."""
    numbered = [
        {"news": None, "days_since_checkin": None, **row, "account": number, "as_of": AS_OF}
        for number, row in enumerate(rows)
    ]
    types = {
        "account": pl.UInt32(),
        "as_of": pl.Datetime("us", "UTC"),
        "arr": pl.Float64(),
        "tier": pl.String(),
    }
    today = pl.DataFrame(
        numbered,
        schema_overrides={
            **types,
            "news": pl.String(),
            "csm": pl.String(),
            "expected_loss": pl.Float64(),
            "back_again": pl.Float64(),
            "days_since": pl.Int64(),
            "days_since_checkin": pl.Float64(),
        },
    )
    return weekly(
        today,
        None if flags is None else pl.DataFrame(flags, schema=FLAG_SCHEMA),
        pl.DataFrame(
            answers,
            schema={"account": pl.UInt32(), "ours": pl.Float64(), "theirs": pl.Float64()},
            orient="row",
        ),
        context=given or context(),
        change=change,
        remarks=["Believe it."],
        company="Us",
        timezone="Europe/Berlin",
    )


def test_the_week_is_told_in_all_by_csm_and_by_tier() -> None:
    """Every figure of a group is a sentence, and all groups add up to the whole; CSMs have names where known."""
    week = the_week(
        a_row("A", "high", arr=3_000.0, tier="gold", news="entered", days_since_checkin=30.0),
        a_row("B", arr=1_000.0, tier="gold", days_since_checkin=31.0),
        a_row("C", csm="bo@us.test", tier="silver"),
        flags=[a_flag("A", 6), a_flag("B", 9, 6, "recovered"), a_flag("C", 7, 7, "saved")],
        answers=[(0, 2.0, None), (1, 4.0, None), (1, None, 5.0), (2, 0.5, None)],
    )
    assert subject(week) == "Weekly report, 2 Mar 2026: 1 of 3 accounts at high risk - Us"
    names = [(section, [name for name, _ in groups]) for section, groups in week.sections]
    assert names == [
        ("Summary", ["All accounts"]),
        ("By CSM", ["ana@us.test", "bo@us.test"]),
        ("By tier", ["gold", "silver"]),
    ]
    (_, ((_, everybody),)), (_, ((_, ana), (_, bo))), _ = week.sections
    assert ana == [
        "2 accounts: 1 at high risk.",
        "ARR at high risk: 3,000 of 4,000.",
        "Flags: 1 opened, 1 closed (1 recovered).",
        "Median response time: your team 3 business hours, customers 5 h.",
        "Check-in in the last 30 days: 1 of 2 accounts (50%).",
    ]
    assert bo == [
        "1 account: 0 at high risk.",
        "Flags: 0 opened, 0 closed.",
        "Median response time: your team 30 business minutes.",
        "Check-in in the last 30 days: 0 of 1 account (0%).",
    ]
    assert everybody[:2] == ["3 accounts: 1 at high risk.", "ARR at high risk: 3,000 of 4,000."]
    assert week.headline == "1 of 3 accounts at high risk. ARR at high risk: 3,000 of 4,000."


def test_expected_loss_is_told_where_it_is_known() -> None:
    """Beside ARR at high risk, in all and by group; of accounts that can't be judged nothing is expected."""
    week = the_week(
        a_row("A", "high", arr=3_000.0, expected_loss=300.0),
        a_row("B", arr=1_000.0, expected_loss=20.0, csm="bo@us.test"),
        a_row("C", None, arr=500.0, csm="bo@us.test"),
        given=context(currency="EUR"),
    )
    (_, ((_, summary),)), *_ = week.sections
    assert summary[1] == "ARR at high risk: €3,000 of €4,500. Expected loss within 90 days: €320."
    (_, (_, (_, bo))) = week.sections[1]
    assert bo[1] == "ARR at high risk: €0 of €1,500. Expected loss within 90 days: €20."


def test_a_flag_without_high_risk_is_no_account_at_high_risk() -> None:
    """The level as shown counts, with a flag or without; what is flagged besides is counted apart."""
    week = the_week(
        a_row("A", "high"), a_row("B", "medium", news="still"), a_row("C", "high", hidden_because="snoozed")
    )
    assert week.headline == "2 of 3 accounts at high risk."
    ((_, ((_, lines),)), *_) = week.sections
    assert lines[0] == "3 accounts: 2 at high risk, 1 open flag below high risk."


def test_all_lapsed_accounts_are_listed() -> None:
    """With how many like them write again, and whose they are; they are never called lost."""
    week = the_week(
        a_row("A"), silent("B", 108.0, back_again=0.33, arr=5_000.0), silent("C", 300.0, csm=None)
    )
    assert week.sections[-1] == (
        "Silent for over 90 days",
        [
            (
                "1 account",
                [
                    "About 1 in 3 customers silent that long wrote again within 90 days.",
                    "B: 108 days, ana@us.test, ARR 5,000",
                ],
            ),
            ("1 account", ["C: 300 days, no CSM"]),
        ],
    )
    many = the_week(*(silent(f"{n}", 100.0 + n) for n in range(LAPSED_SHOWN + 3)))
    assert many.sections[-1][1][-1] == ("3 more: run `mailsignals risk --state lapsed` to list all", [])


def test_what_was_checked_and_what_changed_stands_among_the_remarks() -> None:
    """Once, before how often flags were right."""
    assert the_week(a_row("A")).remarks == [CHECK, "Believe it."]
    assert the_week(a_row("A"), change="It changed.").remarks == ["It changed.", CHECK, "Believe it."]


def test_who_left_counts_among_the_flags_and_not_among_the_accounts() -> None:
    """Also where nobody else is left; whoever has neither an account nor a flag is not named."""
    week = the_week(
        a_row("A", None, state="churned"),
        a_row("B", csm=None),
        a_row("C", None, csm="gone@us.test", state="churned"),
        flags=[a_flag("A", 60, 1, "churned")],
    )
    (_, groups) = week.sections[1]
    assert groups[0] == ("accounts without a CSM", ["1 account: 0 at high risk.", *groups[0][1][1:]])
    assert groups[1] == (
        "ana@us.test",
        ["0 accounts: 0 at high risk.", "Flags: 0 opened, 1 closed (1 churned)."],
    )
    assert len(groups) == 2


def test_what_is_held_back_is_not_told() -> None:
    """Neither that it opened nor how it ended."""
    week = the_week(a_row("A"), flags=[{**a_flag("A", 3, 1, "recovered"), "held_back": True}])
    ((_, ((_, lines),)), *_) = week.sections
    assert lines[1] == "Flags: 0 opened, 0 closed."


def test_without_a_record_there_is_nothing_to_say_of_flags() -> None:
    """What is not known is left out rather than nought."""
    week = the_week(a_row("A", "high", news="still"), flags=None)
    assert "Flags" not in text(week)
    assert "1 account: 1 at high risk." in text(week)


def test_page_mail_and_text_say_the_same() -> None:
    """Groups, sentences and remarks; a hostile name is text, and there is no picture."""
    week = the_week(a_row("A", csm="<b>ana\u202e</b>"))
    assert letter(week).images == {}
    for page in (html(week), letter(week).html):
        assert "<bdi>&lt;b&gt;ana&lt;/b&gt;</bdi>" in page
        assert "Believe it." in page
    for line in ("BY CSM", "* <b>ana</b>", "Believe it."):
        assert line in text(week).splitlines()


def test_answers_of_the_week_count_in_open_hours_and_by_the_clock() -> None:
    """Ours in open hours, without those that took none; theirs by the clock; nothing older than seven days."""
    promises = promises_to(["A"], {"gold": [GOLD]}, {"A": "gold"})
    turns = [
        (at("2026-03-02 11:00"), at("2026-03-02 14:00"), False),
        (at("2026-03-02 20:00"), at("2026-03-02 21:00"), False),
        (at("2026-03-01 12:00"), at("2026-03-02 12:00"), True),
        (at("2026-02-20 09:00"), at("2026-02-20 10:00"), False),
        (at("2026-03-02 16:00"), None, False),
    ]
    frame = pl.DataFrame(
        [(0, *turn) for turn in turns],
        schema={
            "account": pl.UInt32(),
            "started_at": INSTANT,
            "answered_at": INSTANT,
            "outbound": pl.Boolean(),
        },
        orient="row",
    )
    found = answers_of_week(frame.lazy(), promises, at("2026-03-03 00:00"))
    assert found.rows() == [(0, 2.0, None), (0, None, None), (0, None, 24.0)]
