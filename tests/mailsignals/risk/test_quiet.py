"""Quiet from the archive's own silences: what it may look at, and what it does without any."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from mailsignals.risk.quiet import (
    BAND_EDGES,
    learn_from_history,
    learn_quiet,
    quiet_bands,
    quiet_of,
    with_chances,
)
from mailsignals.risk.silences import known_then, prior_of, quiet_history, snapshot_instants
from models.pace import DEFAULT_PRIOR
from models.posterior import logistic
from models.quiet import DEFAULT_CALIBRATION
from tests.models.mail_days import Mail, days_of, hours, portfolio

NOBODY = pl.DataFrame(schema={"account": pl.UInt32, "churned_on": pl.Date})
MAILS = portfolio(60)
DAYS = days_of(MAILS)
_MOMENTS = st.integers(-24 * 30, 24 * 1200).map(hours)


def day(number: float) -> dt.datetime:
    """The instant so many days after the start."""
    return hours(24 * number)


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(_MOMENTS, st.sampled_from(("UTC", "Asia/Tokyo")))
def test_later_mail_changes_neither_model_nor_chance(moment: dt.datetime, timezone: str) -> None:
    """To the last bit, what is learnt and said at an instant follows from mail until then."""
    whole = days_of(MAILS, timezone)
    cut = days_of([mail for mail in MAILS if mail[1] <= moment], timezone)
    one, other = (learn_quiet(days, NOBODY, as_of=moment, timezone=timezone) for days in (whole, cut))
    assert one == other
    found = [quiet_of(days, one, as_of=moment, timezone=timezone) for days in (whole, cut)]
    assert_frame_equal(*found, check_exact=True)


def test_splitting_accounts_changes_nothing_once_the_model_is_given() -> None:
    """Two halves of the accounts get what they get together, to the last bit."""
    model = learn_quiet(DAYS, NOBODY, as_of=day(700), timezone="UTC")
    whole = quiet_of(DAYS, model, as_of=day(700), timezone="UTC")
    half = pl.col("account") % 2 == 0
    parts = [quiet_of(DAYS.filter(which), model, as_of=day(700), timezone="UTC") for which in (half, ~half)]
    assert_frame_equal(pl.concat(parts).sort("account"), whole, check_exact=True)


def test_a_history_serves_every_earlier_day() -> None:
    """What is learnt of a day from a later history is what is learnt on the day."""
    history = quiet_history(DAYS, NOBODY, as_of=day(790), timezone="UTC")
    prior = prior_of(DAYS, as_of=day(500), timezone="UTC")
    assert learn_from_history(history, prior=prior, as_of=day(500)) == learn_quiet(
        DAYS, NOBODY, as_of=day(500), timezone="UTC"
    )


def test_rows_are_those_who_wrote_and_labels_what_came() -> None:
    """At each snapshot, whoever wrote in the 90 days before; silent if nothing came in the 90 days after."""
    moment, horizon = day(600), dt.timedelta(days=90)
    history = quiet_history(DAYS, NOBODY, as_of=moment, timezone="UTC")
    expected = {}
    for snapshot in snapshot_instants(day(0), moment):
        for account in range(60):
            sent = [at for one, at in MAILS if one == account and at <= moment]
            if any(snapshot - horizon < at <= snapshot for at in sent):
                silent = not any(snapshot < at <= snapshot + horizon for at in sent)
                expected[account, snapshot] = silent if snapshot + horizon <= moment else None
    found = {(row["account"], row["as_of"]): row["silent"] for row in history.iter_rows(named=True)}
    assert found == expected
    assert history["as_of"].dt.weekday().unique().to_list() == [1]


def test_who_churned_by_the_book_is_no_silence() -> None:
    """Rows whose account churned before their 90 days were over are left out; dates to come count for nothing."""
    (snapshot,) = snapshot_instants(day(300), day(327))
    ends = (snapshot + dt.timedelta(days=90)).date()
    left = pl.DataFrame(
        {"account": [0, 1, 2], "churned_on": [ends, ends + dt.timedelta(days=1), dt.date(2100, 1, 1)]},
        schema=NOBODY.schema,
    )
    writers = days_of([(account, day(number)) for account in range(3) for number in range(0, 600, 10)])
    over = known_then(quiet_history(writers, left, as_of=day(600), timezone="UTC"), day(600))
    assert over.filter(as_of=snapshot)["account"].to_list() == [1, 2]


def test_chances_of_the_past_are_those_given_then() -> None:
    """The chance in the record is the one that the model of that day gives."""
    history = quiet_history(DAYS, NOBODY, as_of=day(790), timezone="UTC")
    (snapshot,) = snapshot_instants(day(500), day(527))
    replayed = with_chances(history, since=snapshot, until=snapshot)
    model = learn_quiet(DAYS, NOBODY, as_of=snapshot, timezone="UTC")
    given_then = quiet_of(DAYS, model, as_of=snapshot, timezone="UTC").drop_nulls("quiet")
    assert replayed["quiet"].to_list() == pytest.approx(given_then["quiet"].to_list(), rel=1e-12)


def test_the_model_describes_what_it_learnt_from() -> None:
    """Rung, counts, quarters and bands: said and happened with the number of rows."""
    model = learn_quiet(DAYS, NOBODY, as_of=day(790), timezone="UTC")
    assert model.rung == "calibrated"
    assert model.snapshots == 25
    assert model.quarters == 8
    assert 0 < model.silences < model.rows
    history = quiet_history(DAYS, NOBODY, as_of=day(790), timezone="UTC")
    once_a_quarter = history.filter(pl.col("as_of").is_in(snapshot_instants(day(-30), day(700))[::-3]))
    assert once_a_quarter["as_of"].n_unique() == 9
    bands = quiet_bands(history, as_of=day(790))
    assert sum(band.rows for band in bands) == once_a_quarter.height
    for band in bands:
        assert band.low in BAND_EDGES
        assert band.low <= band.predicted <= band.high
        assert 0 <= band.happened <= 1


@pytest.mark.parametrize(
    ("mails", "moment"),
    [
        ([], day(100)),
        ([(0, day(0))], day(0)),
        ([(0, day(0))], day(1000)),
        ([(0, day(number)) for number in range(7)], day(7)),
        ([(account, day(account)) for account in range(10)], day(30)),
        ([(account, day(number)) for account in range(10) for number in range(0, 500, 5)], day(500)),
        (MAILS, day(80)),
        (MAILS, day(-10)),
    ],
    ids=["none", "first day", "lapsed", "a week", "ten", "nobody fell silent", "nothing over", "before all"],
)
def test_without_a_silence_that_is_over_defaults_hold(mails: list[Mail], moment: dt.datetime) -> None:
    """The model says so, and every account that writes has a chance between 0 and 1 all the same."""
    days = days_of(mails)
    model = learn_quiet(days, NOBODY, as_of=moment, timezone="UTC")
    if mails != [(0, day(0))] or moment < day(90):
        assert (model.rung, model.calibration, model.silences) == ("default", DEFAULT_CALIBRATION, 0)
    found = quiet_of(days, model, as_of=moment, timezone="UTC")
    assert found.height == len({account for account, at in mails if at <= moment})
    lately = found.filter("wrote")
    assert lately["quiet"].is_between(0, 1).all()
    assert found.filter(~pl.col("wrote"))["quiet"].is_null().all()
    for name in ("log_odds", "usual_quiet", "quarter_days"):
        assert found[name].is_finite().all()


def test_all_lapsed_have_no_chance_and_the_default_prior() -> None:
    """Nobody wrote within 90 days: no chance, no prior of the day, but a calibration of the past."""
    model = learn_quiet(DAYS, NOBODY, as_of=day(1000), timezone="UTC")
    assert model.prior == DEFAULT_PRIOR
    assert model.rung == "calibrated"
    assert quiet_of(DAYS, model, as_of=day(1000), timezone="UTC")["quiet"].is_null().all()


def test_terms_add_up() -> None:
    """Both terms and the model's intercept are the log odds within 1e-9, and quiet is their logistic."""
    model = learn_quiet(DAYS, NOBODY, as_of=day(700), timezone="UTC")
    found = quiet_of(DAYS, model, as_of=day(700), timezone="UTC")
    added = found.select(
        pl.col("quiet_pace") + pl.col("quiet_days_since") + model.calibration.intercept
    ).to_series()
    assert added.to_numpy() == pytest.approx(found["quiet_logit"].to_numpy(), abs=1e-9)
    written = found.drop_nulls("quiet")
    assert written["quiet"].to_numpy() == pytest.approx(logistic(written["quiet_logit"].to_numpy()), abs=1e-9)


def test_snapshots_lie_on_a_fixed_lattice() -> None:
    """Every fourth Monday since 1990, whenever one looks; both ends included."""
    found = snapshot_instants(dt.datetime(1990, 1, 1, tzinfo=dt.UTC), dt.datetime(1990, 2, 26, tzinfo=dt.UTC))
    assert [moment.date().isoformat() for moment in found] == ["1990-01-01", "1990-01-29", "1990-02-26"]
    assert snapshot_instants(day(1), day(2)) == []
