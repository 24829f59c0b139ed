"""Lapsed accounts and their chance to write again."""

import datetime as dt

import polars as pl
import pytest

from mailsignals.risk.back_again import back_again_of, learn_back_again
from mailsignals.risk.quiet import learn_quiet, quiet_of
from tests.models.mail_days import days_of, hours, portfolio

NOBODY = pl.DataFrame(schema={"account": pl.UInt32, "churned_on": pl.Date})
MAILS = portfolio(60)
DAYS = days_of(MAILS)


def day(number: float) -> dt.datetime:
    """The instant so many days after the start."""
    return hours(24 * number)


@pytest.mark.parametrize("at", [0, 85, 130, 500, 790])
def test_later_mail_changes_no_chance_to_return(at: float) -> None:
    """What silences are said to lead to follows from mail until the instant."""
    cut = days_of([mail for mail in MAILS if mail[1] <= day(at)])
    whole, then = (learn_back_again(days, NOBODY, as_of=day(at), timezone="UTC") for days in (DAYS, cut))
    assert whole == then
    assert (whole is None) == (at < 90)


def test_only_lapsed_accounts_have_a_chance_to_return() -> None:
    """Silent for over 90 days: a chance, smaller after a year; all others: null."""
    bands = learn_back_again(DAYS, NOBODY, as_of=day(790), timezone="UTC")
    model = learn_quiet(DAYS, NOBODY, as_of=day(790), timezone="UTC")
    found = quiet_of(DAYS, model, as_of=day(790), timezone="UTC")
    found = found.with_columns(back_again_of(found, bands))
    assert found.filter("wrote")["back_again"].is_null().all()
    lapsed = found.filter(~pl.col("wrote"))
    assert lapsed["back_again"].is_between(0, 1).all()
    assert lapsed.sort("days_since")["back_again"][-1] < lapsed.sort("days_since")["back_again"][0]
    assert back_again_of(found, None).is_null().all()


def test_a_churned_account_is_no_silence() -> None:
    """After the churn date by the book an account no longer counts."""
    days = days_of([(account, day(0)) for account in (0, 1)])
    left = pl.DataFrame({"account": [0], "churned_on": [day(200).date()]}, schema=NOBODY.schema)
    found = [learn_back_again(days, gone, as_of=day(600), timezone="UTC") for gone in (NOBODY, left)]
    rows = [[band.rows for band in bands or ()] for bands in found]
    assert rows[0][-2:] == [10, 0]
    assert rows[1][-2:] == [5, 0]
