"""Risk in words, the same on every surface: chances in bands, churn signals, states, track record."""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

from mailsignals.wording.numbers import count_noun, percent
from models.leaving import QUARTERS
from models.risk import UNTRAINED, WITH_QUIET

_BANDS = (
    (0.05, "under", "1 in 20"),
    (0.15, "about", "1 in 10"),
    (0.25, "about", "1 in 5"),
    (0.35, "about", "1 in 3"),
    (0.50, "about", "2 in 5"),
)
"""Each with its upper bound."""

_SOME, _STRONG = 1.7, 3.4
"""Odds of churn against the usual ones, from which churn signals count: 0.75 and 1.75 standard deviations."""

_BACK = ((1, 2), (2, 5), (1, 3), (1, 4), (1, 5), (1, 6), (1, 8), (1, 10), (1, 15), (1, 20))

LEAST_CHURNED = 5
"""Churned accounts that training needs."""

STATES: Mapping[str, str] = MappingProxyType(
    {
        "active": "active",
        "seldom_writes": "rarely writes",
        "new": "new",
        "lapsed": "silent for over 90 days",
        "never_heard": "never wrote",
        "not_enough_sight": "not enough visible mail",
        "churned": "churned",
        "not_started": "not started",
    }
)
"""Each state of an account in a few words."""

NO_LEVEL: Mapping[str, str] = MappingProxyType(
    {
        "seldom_writes": "They write too rarely for email to show a risk. Use another signal, such as product usage.",
        "new": "Their email history is under 90 days long, too short for a comparison.",
        "lapsed": "They have not written for over 90 days. That is not churn: some customers write again.",
        "never_heard": "No synced mailbox has an email from them. Check their domains in the account list.",
        "not_enough_sight": "Too many of their emails are not visible, because those mailboxes are not synced.",
        "churned": "This customer has churned.",
        "not_started": "This customer has not started yet.",
    }
)
"""The reason why accounts of a state have no risk level, in one or two sentences."""

_COUNTED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        **{name: (f"at {name} risk", f"at {name} risk") for name in ("high", "medium", "low")},
        **{name: (words, words) for name, words in STATES.items()},
        "seldom_writes": ("rarely writes", "rarely write"),
        "not_enough_sight": ("without enough visible mail", "without enough visible mail"),
    }
)
"""Each level and state after a number: of one account, and of several."""


def band(probability: float) -> str:
    """Return the band of a chance (0 to 1): ``under 1 in 20``, ``about 1 in 3``, ``over half``; never decimals."""
    return next((f"{about} {odds}" for upper, about, odds in _BANDS if probability < upper), "over half")


def chance_of(event: str, probability: float) -> str:
    """Return the band of a chance (0 to 1) as part of a sentence: ``about a 1-in-3 chance of going quiet``."""
    found = next(((about, odds) for upper, about, odds in _BANDS if probability < upper), None)
    if found is None:
        return f"more than a 50% chance of {event}"
    about, odds = found
    return f"{about} a {odds.replace(' ', '-')} chance of {event}"


def is_trained(source: str | None) -> bool:
    """Return whether a model trained on churn dates gave ``leaving``, from the source of a day's risk."""
    return source not in {UNTRAINED, "scorecard", None}


def model_of(source: str | None) -> str | None:
    """Return the id of the model behind a source of risk; None without a model."""
    return source.removeprefix(WITH_QUIET) if source is not None and is_trained(source) else None


def churn_signals(leaving: float, *, churn_a_year: float) -> str:
    """Return ``none``, ``some`` or ``strong``: how far an account differs from its own past, without churn dates.

    Args:
        leaving: the chance of churn, 0 to 1.
        churn_a_year: the configured share of accounts that churn in a year; an account without any change has a
            quarter of it.
    """
    usual = churn_a_year / QUARTERS
    times = _odds(leaving) / _odds(usual)
    return "strong" if times >= _STRONG else "some" if times >= _SOME else "none"


def _odds(probability: float) -> float:
    return probability / (1 - probability) if probability < 1 else math.inf


def leaving_words(leaving: float, *, source: str, churn_a_year: float) -> str:
    """Return ``churn signals: some``, or with a trained model ``about a 1-in-10 chance of churning``.

    Args:
        leaving: the chance of churn within 90 days, 0 to 1.
        source: the source of the day's risk.
        churn_a_year: as for ``churn_signals``.
    """
    if is_trained(source):
        return chance_of("churning", leaving)
    return f"churn signals: {churn_signals(leaving, churn_a_year=churn_a_year)}"


def chance_words(row: Mapping[str, Any], *, churn_a_year: float) -> list[str]:
    """Return both chances of an account in words, going quiet first; null chances are left out.

    A trained chance of churn that sets the order of accounts comes first.

    Args:
        row: with ``quiet``, ``leaving`` and ``source``.
        churn_a_year: as for ``churn_signals``.
    """
    quiet, leaving, source = row["quiet"], row["leaving"], row["source"]
    found = [] if quiet is None else [chance_of("going quiet", quiet)]
    if leaving is not None:
        words = leaving_words(leaving, source=source, churn_a_year=churn_a_year)
        found.insert(0 if sets_order(source) else 1, words)
    return found


def sets_order(source: str) -> bool:
    """Return whether the trained chance of churn alone is the risk."""
    return is_trained(source) and not source.startswith(WITH_QUIET)


def cause_name(cause: str, source: str) -> str:
    """Return a cause of risk as a noun: ``going quiet``; ``churn`` with a trained model, else ``churn signals``.

    Args:
        cause: ``quiet`` or ``leaving``.
        source: of the day's risk.
    """
    if cause == "quiet":
        return "going quiet"
    return "churn" if is_trained(source) else "churn signals"


def back_again_words(days_silent: int, back_again: float | None) -> str:
    """Return how long an account has been silent, and how many customers wrote again after such a silence.

    Args:
        days_silent: whole days since its last email.
        back_again: the chance of an email within 90 days, 0 to 1; None if unknown.
    """
    silent = f"Silent for {count_noun(days_silent, 'day')}."
    again = write_again_words(back_again)
    return silent if again is None else f"{silent} {again}"


def write_again_words(back_again: float | None) -> str | None:
    """Return a sentence on the share of customers who wrote again within 90 days (0 to 1); None if unknown."""
    if back_again is None:
        return None
    share = _share(back_again)
    return f"{share[0].upper()}{share[1:]} customers silent that long wrote again within 90 days."


def _share(probability: float) -> str:
    """Return the nearest simple fraction: ``about 1 in 3``."""
    if probability < 1 / 25:
        return "fewer than 1 in 20"
    if probability >= 0.55:
        return "more than half of"
    count, of = min(_BACK, key=lambda each: abs(math.log(probability * each[1] / each[0])))
    return f"about {count} in {of}"


class LevelOutcome(Protocol):
    """Outcomes of the accounts at one risk level a quarter ago."""

    @property
    def level(self) -> str:
        """Return ``high``, ``medium`` or ``low``."""

    @property
    def n(self) -> int:
        """Return the number of accounts at the level, each once a quarter."""

    @property
    def share(self) -> float | None:
        """Return the share of them that went silent, 0 to 1; None with too few cases."""

    @property
    def all_share(self) -> float | None:
        """Return the share of all accounts that went silent, 0 to 1; None with too few cases."""


def track_record_words(record: LevelOutcome) -> str:
    """Return the track record of a level in a sentence with the number of cases, or a sentence on too few cases.

    ``61% of 143 accounts at high risk a quarter ago have not written since, against 28% of all accounts.``
    """
    if record.share is None or record.all_share is None:
        return f"No track record of {record.level} risk yet: too few of {count_noun(record.n, 'account')} went silent."
    return (
        f"{percent(record.share)} of {record.n:,} accounts at {record.level} risk a quarter ago have not written "
        f"since, against {percent(record.all_share)} of all accounts."
    )


def track_record_lines(records: Sequence[LevelOutcome]) -> list[str]:
    """Return a sentence per level, or a single one where no level has enough cases; empty without records."""
    if not records or any(record.share is not None for record in records):
        return [track_record_words(record) for record in records]
    cases = count_noun(sum(record.n for record in records), "account")
    return [f"No track record of levels yet: too few of {cases} went silent."]


def check_words(*, quarters: int, churned: int, source: str | None, all_write_often: bool) -> str:
    """Return a few sentences on the data that calibrate risks, with the next step for the rest.

    Args:
        quarters: of the company's own past that calibrate the chance of going quiet; 0 before the first is over.
        churned: the number of churned accounts.
        source: the source of the day's risk.
        all_write_often: whether nearly all customers write so often that their silence is unlikely.
    """
    if (model := model_of(source)) is not None:
        return (
            f"{_quiet_check(quarters)} Chances of churn come from the model {model}, trained on your churn dates; "
            "`mailsignals model` shows its backtest."
        )
    if all_write_often:
        return (
            "Nearly all customers write often, so changes against their own past set the order. "
            f"Churn signals are not calibrated yet. {_remedy(churned)}"
        )
    return f"{_quiet_check(quarters)} Churn signals are not calibrated yet. {_remedy(churned)}"


def _quiet_check(quarters: int) -> str:
    on = {0: "not calibrated on your own mail yet", 1: "calibrated on your last quarter"}.get(
        quarters, f"calibrated on your last {quarters} quarters"
    )
    return f"Chances of going quiet are {on}."


def _remedy(churned: int) -> str:
    if not churned:
        return "Add churn dates to the account list, then run `mailsignals train`."
    if churned < LEAST_CHURNED:
        return f"Training needs at least {LEAST_CHURNED} churned accounts; found {churned}."
    return f"{count_noun(churned, 'churned account')} are known; run `mailsignals train`."


def account_count(name: str, count: int) -> str:
    """Return how many accounts have a level or state: ``3 at high risk``, ``2 rarely write``.

    Args:
        name: a level, or a state of ``STATES``.
        count: the number of accounts.
    """
    return f"{count:,} {_COUNTED[name][0 if count == 1 else 1]}"


def count_words(levels: Mapping[str, int], states: Mapping[str, int]) -> str:
    """Return the numbers of accounts by level and state: ``6 at high risk, 31 at medium risk, 4 new``.

    Args:
        levels: the number of accounts at each level, all of which are listed.
        states: the number of accounts in each state; listed are states with an account, but for active ones.
    """
    shown = [account_count(name, count) for name, count in levels.items()]
    shown += [account_count(name, count) for name, count in states.items() if count and name != "active"]
    return ", ".join(shown)
