"""Which fit a day uses: further signs only where they have won on what was known."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mailsignals.risk.quiet import learn_from_history, learn_quiet, quiet_of, with_chances
from mailsignals.risk.quiet_fit import compare_fits, has_won
from mailsignals.risk.silences import prior_of, quiet_history, snapshot_instants
from models.quiet_signs import SIGNS, with_signs
from tests.models.mail_days import Mail, days_of, hours, portfolio

NOBODY = pl.DataFrame(schema={"account": pl.UInt32, "churned_on": pl.Date})


def day(number: float) -> dt.datetime:
    """The instant so many days after the start."""
    return hours(24 * number)


def touches_of(mails: list[Mail], *, shunned: bool) -> pl.DataFrame:
    """Their mails, and ours: to everybody every ten days, or never to those who go silent soon."""
    last: dict[int, dt.datetime] = {}
    for account, moment in mails:
        last[account] = max(last.get(account, moment), moment)
    ours = [
        (account, day(number))
        for account, end in last.items()
        for number in range(0, 800, 10)
        if not shunned or day(number) < end - dt.timedelta(days=120)
    ]
    rows = [(*mail, False) for mail in mails] + [(*mail, True) for mail in ours]
    found = pl.DataFrame(
        rows,
        schema={"account": pl.UInt32(), "sent_at": pl.Datetime("us", "UTC"), "outbound": pl.Boolean()},
        orient="row",
    )
    return found.with_columns(person=pl.col("account"))


MAILS = portfolio(150, lapsing=0.9)
DAYS = days_of(MAILS)
TELLING, IDLE = (touches_of(MAILS, shunned=shunned) for shunned in (True, False))


def history_at(at: float, touches: pl.DataFrame) -> pl.DataFrame:
    """The history of a day with its signs."""
    history = quiet_history(DAYS, NOBODY, as_of=day(at), timezone="UTC")
    return with_signs(history, DAYS, touches)


def test_signs_that_tell_win() -> None:
    """Where we stop writing to those who fall silent, the model uses it, says so, and the terms add up."""
    model = learn_quiet(DAYS, NOBODY, as_of=day(790), timezone="UTC", touches=TELLING)
    assert model.rung == "extended"
    assert tuple(sign.name for sign in model.signs) == SIGNS
    assert {sign.name: sign.coefficient for sign in model.signs}["our_pause"] > 0
    found = quiet_of(DAYS, model, as_of=day(700), timezone="UTC", touches=TELLING)
    added = sum(
        (found[f"quiet_{name}"].to_numpy() for name in ("pace", "days_since", *SIGNS)),
        np.full(found.height, model.calibration.intercept),
    )
    assert added == pytest.approx(found["quiet_logit"].to_numpy(), abs=1e-9)
    assert found.filter("wrote")["quiet"].is_between(0, 1).all()


def test_without_touches_nothing_is_compared() -> None:
    """A history without signs is calibrated by three numbers; a model with signs refuses to do without touches."""
    model = learn_quiet(DAYS, NOBODY, as_of=day(790), timezone="UTC")
    assert (model.rung, model.signs) == ("calibrated", ())
    assert compare_fits(quiet_history(DAYS, NOBODY, as_of=day(790), timezone="UTC"), day(790)).is_empty()
    extended = learn_quiet(DAYS, NOBODY, as_of=day(790), timezone="UTC", touches=TELLING)
    with pytest.raises(ValueError, match="touches"):
        quiet_of(DAYS, extended, as_of=day(790), timezone="UTC")


@pytest.mark.parametrize("at", [60, 150, 400, 790])
def test_what_came_later_changes_no_choice(at: float) -> None:
    """Neither later touches nor a later history change the model of a day, to the last bit."""
    prior = prior_of(DAYS, as_of=day(at), timezone="UTC")
    from_later = learn_from_history(history_at(795, TELLING), prior=prior, as_of=day(at))
    cut = TELLING.filter(pl.col("sent_at") <= day(at))
    then = days_of([mail for mail in MAILS if mail[1] <= day(at)])
    assert learn_quiet(then, NOBODY, as_of=day(at), timezone="UTC", touches=cut) == from_later


def test_few_silences_choose_nothing() -> None:
    """Under 30 rows that fell silent, or one account, nothing has won; nor if both fits are as good."""
    compared = compare_fits(history_at(790, TELLING), day(790))
    assert has_won(compared, day(790))
    few = compared.filter("silent").head(29)
    assert not has_won(few, day(790))
    assert not has_won(compared.filter(account=compared["account"][0]), day(790))
    assert not has_won(compared.with_columns(gain=pl.lit(0.0)), day(790))
    assert not has_won(compared.clear(), day(790))


def test_chances_of_the_past_use_the_fit_of_then() -> None:
    """The chance in the record is that of the model of its day, whichever fit that was."""
    history = history_at(790, TELLING)
    moments = snapshot_instants(day(200), day(700))
    replayed = with_chances(history, since=moments[0], until=moments[-1])
    rungs = set()
    for moment in moments[::6]:
        model = learn_quiet(DAYS, NOBODY, as_of=moment, timezone="UTC", touches=TELLING)
        rungs.add(model.rung)
        given_then = quiet_of(DAYS, model, as_of=moment, timezone="UTC", touches=TELLING).drop_nulls("quiet")
        of_day = replayed.filter(as_of=moment)
        assert of_day["quiet"].to_list() == pytest.approx(given_then["quiet"].to_list(), rel=1e-9)
    assert rungs == {"calibrated", "extended"}


def test_splitting_accounts_changes_nothing_once_a_model_with_signs_is_given() -> None:
    """Two halves of the accounts get what they get together, to the last bit."""
    model = learn_quiet(DAYS, NOBODY, as_of=day(790), timezone="UTC", touches=TELLING)
    whole = quiet_of(DAYS, model, as_of=day(700), timezone="UTC", touches=TELLING)
    half = pl.col("account") % 2 == 0
    parts = [
        quiet_of(DAYS.filter(which), model, as_of=day(700), timezone="UTC", touches=TELLING.filter(which))
        for which in (half, ~half)
    ]
    assert_frame_equal(pl.concat(parts).sort("account"), whole, check_exact=True)


def test_a_large_archive_is_thinned_by_account_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fitted to a part of the accounts, the numbers stay near those of all."""
    whole = learn_quiet(DAYS, NOBODY, as_of=day(790), timezone="UTC")
    monkeypatch.setattr("mailsignals.risk.quiet_fit.MOST_ROWS", whole.rows // 2 + 1)
    part = learn_quiet(DAYS, NOBODY, as_of=day(790), timezone="UTC")
    assert part != whole
    assert part.rows == whole.rows
    assert part.calibration.pace == pytest.approx(whole.calibration.pace, abs=0.1)


@pytest.mark.parametrize(
    ("mails", "at"),
    [
        ([], 100.0),
        ([(0, day(0))], 0.0),
        ([(0, day(0))], 1000.0),
        ([(0, day(number)) for number in range(7)], 7.0),
        ([(account, day(account)) for account in range(10)], 400.0),
    ],
    ids=["none", "first day", "lapsed", "a week", "ten"],
)
def test_little_mail_is_no_trouble(mails: list[Mail], at: float) -> None:
    """Nothing, one account, a week or ten accounts of mail: no further signs, and a row for each who wrote."""
    touches, days = touches_of(mails, shunned=False), days_of(mails)
    model = learn_quiet(days, NOBODY, as_of=day(at), timezone="UTC", touches=touches)
    assert model.signs == ()
    found = quiet_of(days, model, as_of=day(at), timezone="UTC", touches=touches)
    assert found.height == len({account for account, _ in mails})
