"""Risk in words, the same on every surface: chances in bands, churn signals, states, how often it came true."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol

from mailsignals.wording.money import money
from mailsignals.wording.numbers import count_noun, percent
from models.leaving import QUARTERS
from models.risk import UNTRAINED, WITH_QUIET

_BANDS = (
    (0.05, "under 1 in 20"),
    (0.15, "about 1 in 10"),
    (0.25, "about 1 in 5"),
    (0.35, "about 3 in 10"),
    (0.50, "about 2 in 5"),
)
"""Each with its upper bound."""
_OVER_HALF = "over half"

_SOME, _STRONG = 1.7, 3.4
"""The odds of leaving against the usual ones from which churn signals count: 0.75 and 1.75 standard deviations."""

_BACK = ((1, 2), (2, 5), (1, 3), (1, 4), (1, 5), (1, 6), (1, 8), (1, 10), (1, 15), (1, 20))

LEAST_CHURNED = 5
"""So many churned customers a model of churn needs."""
LEAST_EVENTS = 20
"""With fewer events a share says nothing."""

STATES: Mapping[str, str] = MappingProxyType(
    {
        "active": "active",
        "seldom_writes": "seldom writes",
        "new": "new",
        "lapsed": "silent for over 90 days",
        "never_heard": "never wrote",
        "not_enough_sight": "too little mail in sight",
        "churned": "churned",
        "not_started": "not started",
    }
)
"""Each state of an account in a word or two."""

NO_LEVEL: Mapping[str, str] = MappingProxyType(
    {
        "seldom_writes": "They write too seldom for mail to show a risk. Use another signal, such as product usage.",
        "new": "Their first mail is less than 90 days old, so there is no past to compare with.",
        "lapsed": "They have written nothing for over 90 days. Silent is not lost: some come back.",
        "never_heard": "They never wrote to a mailbox that is read. Check their domains in the account list.",
        "not_enough_sight": "Too many of their mails are in mailboxes that are not read.",
        "churned": "This customer has churned.",
        "not_started": "This customer has not started yet.",
    }
)
"""Why accounts of a state have no level."""

_COUNTED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "seldom_writes": ("writes too seldom to judge", "write too seldom to judge"),
        "new": ("new", "new"),
        "lapsed": ("silent for over 90 days", "silent for over 90 days"),
        "never_heard": ("never wrote", "never wrote"),
        "not_enough_sight": ("with too little mail in sight", "with too little mail in sight"),
        "churned": ("churned", "churned"),
        "not_started": ("not started", "not started"),
    }
)

LEVELS = ("high", "medium", "low")


def band(probability: float) -> str:
    """Return the band of a chance (0 to 1): ``under 1 in 20``, ``about 3 in 10``, ``over half``; never decimals."""
    return next((words for upper, words in _BANDS if probability < upper), _OVER_HALF)


def quiet_words(quiet: float) -> str:
    """Return the chance (0 to 1) to write nothing for 90 days: ``may go quiet: about 3 in 10``."""
    return f"may go quiet: {band(quiet)}"


def is_trained(source: str | None) -> bool:
    """Return whether a model that knows churn dates gave ``leaving``, from the source of a day's risk."""
    return source not in {UNTRAINED, "scorecard", None}


def model_of(source: str | None) -> str | None:
    """Return the id of the model behind a source of risk; None where there is none."""
    return source.removeprefix(WITH_QUIET) if source is not None and is_trained(source) else None


def churn_signals(leaving: float, *, churn_a_year: float) -> str:
    """Return ``none``, ``some`` or ``strong``: the change of an account against its own past, without churn dates.

    Args:
        leaving: the chance, 0 to 1.
        churn_a_year: the share of accounts that churns in a year, as configured; an account without a change has a
            quarter of it.
    """
    usual = churn_a_year / QUARTERS
    times = _odds(leaving) / _odds(usual)
    return "strong" if times >= _STRONG else "some" if times >= _SOME else "none"


def _odds(probability: float) -> float:
    return probability / (1 - probability) if probability < 1 else math.inf


def leaving_words(leaving: float, *, source: str, churn_a_year: float) -> str:
    """Return ``churn signals: some``, or from a trained model ``may churn: about 1 in 10``.

    Args:
        leaving: the chance to churn within 90 days, 0 to 1.
        source: of the day's risk.
        churn_a_year: as for ``churn_signals``.
    """
    if is_trained(source):
        return f"may churn: {band(leaving)}"
    return f"churn signals: {churn_signals(leaving, churn_a_year=churn_a_year)}"


def chance_words(row: Mapping[str, Any], *, churn_a_year: float) -> list[str]:
    """Return both chances of an account in words, the quiet one first; those that are null are left out.

    Where a trained chance of churn sets the order (the source is the model alone), it comes first.

    Args:
        row: with ``quiet``, ``leaving`` and ``source``.
        churn_a_year: as for ``churn_signals``.
    """
    quiet, leaving, source = row["quiet"], row["leaving"], row["source"]
    found = [] if quiet is None else [quiet_words(quiet)]
    if leaving is not None:
        words = leaving_words(leaving, source=source, churn_a_year=churn_a_year)
        found.insert(0 if sets_order(source) else 1, words)
    return found


def sets_order(source: str) -> bool:
    """Return whether the trained chance of churn is the risk by itself."""
    return is_trained(source) and not source.startswith(WITH_QUIET)


def cause_name(cause: str, source: str) -> str:
    """Return a cause of risk in a word or two: ``going quiet``; ``churn``, or ``churn signals`` without a model.

    Args:
        cause: ``quiet`` or ``leaving``.
        source: of the day's risk.
    """
    if cause == "quiet":
        return "going quiet"
    return "churn" if is_trained(source) else "churn signals"


def back_again_words(days_silent: int, back_again: float | None) -> str:
    """Return how long a lapsed account has been silent, and how many customers write again after such a silence.

    Args:
        days_silent: whole days since its last mail.
        back_again: the chance to write within 90 days, 0 to 1; None if unknown.
    """
    silent = f"Silent for {count_noun(days_silent, 'day')}."
    if back_again is None:
        return silent
    return f"{silent} Of customers silent that long, {_share(back_again)} wrote again within 90 days."


def _share(probability: float) -> str:
    """``1 in 3``: the nearest simple fraction."""
    if probability < 1 / 25:
        return "fewer than 1 in 20"
    if probability >= 0.55:
        return "over half"
    count, of = min(_BACK, key=lambda each: abs(math.log(probability * each[1] / each[0])))
    return f"{count} in {of}"


class LevelOutcome(Protocol):
    """The number of accounts that stood at a level, and of those that fell silent after."""

    @property
    def level(self) -> str:
        """Return ``high``, ``medium`` or ``low``."""

    @property
    def n(self) -> int:
        """Return the number of accounts that stood at it, each once a quarter."""

    @property
    def events(self) -> int:
        """Return how many of them wrote nothing in the 90 days after."""

    @property
    def share(self) -> float | None:
        """Return the share of them, 0 to 1; None where there are too few to say."""

    @property
    def all_share(self) -> float | None:
        """Return the same share of all accounts, at whichever level."""


def track_record_words(record: LevelOutcome) -> str:
    """Return how often a level came true, in a sentence with the number of cases; with too few it says only that.

    ``Of accounts that stood at high a quarter ago, 61 % have written nothing since (all: 28 %; n = 143).``
    """
    if record.events < LEAST_EVENTS or record.share is None or record.all_share is None:
        return f"Accounts that stood at {record.level} a quarter ago: too few to say (n = {record.n:,})."
    return (
        f"Of accounts that stood at {record.level} a quarter ago, {percent(record.share)} have written nothing since "
        f"(all: {percent(record.all_share)}; n = {record.n:,})."
    )


def check_words(*, quarters: int, churned: int, source: str | None, all_write_often: bool) -> str:
    """Return what the list of risks was checked on, and what it was not.

    Args:
        quarters: of the company's own past on which the chance to go quiet was checked; 0 if none is over.
        churned: the number of accounts that are known to have churned.
        source: of the day's risk.
        all_write_often: nearly all customers write so often that their silence is unlikely.
    """
    if (model := model_of(source)) is not None:
        return (
            f"{_quiet_check(quarters)} Chances of churn come from the model {model}, trained on your own churn dates; "
            "`mailsignals model` shows how good it is."
        )
    if all_write_often:
        return (
            "Silence says little here; the order comes from changes against each customer's own past. "
            f"Not checked here{_remedy(churned, ': ', '.')}"
        )
    return (
        f"{_quiet_check(quarters)} It has not been checked against cancellations"
        f"{_remedy(churned, ': ', ', and it will be.')}"
    )


def _quiet_check(quarters: int) -> str:
    on = {0: "not yet checked on your own mail", 1: "checked on your own last quarter"}.get(
        quarters, f"checked on your own last {quarters} quarters"
    )
    return f"This list says who is likely to go quiet, judged from how often each customer writes and {on}."


def _remedy(churned: int, before: str, after: str) -> str:
    if not churned:
        return f"{before}enter the dates of customers who left{after}"
    known = f"{before}{count_noun(churned, 'churned customer')} {'is' if churned == 1 else 'are'} known"
    return (
        f"{known}; run `mailsignals train`."
        if churned >= LEAST_CHURNED
        else f"{known}, training needs {LEAST_CHURNED}."
    )


def count_words(levels: Mapping[str, int], states: Mapping[str, int]) -> str:
    """Return the numbers of accounts by level and state: ``6 high, 31 medium, 200 low, 4 new``.

    Levels are all there, states only where there is an account.

    Args:
        levels: how many stand at each level.
        states: how many are in each state.
    """
    shown = [f"{levels.get(name, 0):,} {name}" for name in LEVELS]
    shown += [
        f"{count:,} {one if count == 1 else several}"
        for name, (one, several) in _COUNTED.items()
        if (count := states.get(name, 0))
    ]
    return ", ".join(shown)


def money_words(
    arr_high: float | None, arr: float | None, expected_loss: float | None, *, currency: str = ""
) -> str | None:
    """Return a sentence on ARR at high risk and, where it is known, the expected loss; None without any ARR.

    Args:
        arr_high: of active accounts at high risk.
        arr: of all current accounts.
        expected_loss: within 90 days; None while too few churned accounts are known to say it.
        currency: of all amounts, as for ``money``.
    """
    if arr is None:
        return None
    sentence = f"ARR at high risk: {money(arr_high or 0, currency)} of {money(arr, currency)}."
    if expected_loss is not None:
        sentence += f" Expected loss within 90 days: {money(expected_loss, currency)}."
    return sentence
