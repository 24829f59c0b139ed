"""A CSM's accounts in a few sentences, by level and state; pure."""

from collections.abc import Collection, Sequence

from mailsignals.config.risk import RiskSection
from mailsignals.flags.episodes import DISMISSED, HIGH, SAVED, SNOOZED
from mailsignals.notifications.digest.card import Row
from mailsignals.risk.totals import Totals
from mailsignals.wording.numbers import count_noun

_WATCHED: tuple[tuple[str, str, str], ...] = (
    *((name, f"at high risk but {name}", f"at high risk but {name}") for name in (SNOOZED, DISMISSED, SAVED)),
    ("medium", "at medium risk", "at medium risk"),
    ("low", "at low risk", "at low risk"),
    ("seldom_writes", "writes too seldom to judge", "write too seldom to judge"),
    ("new", "is too new to judge", "are too new to judge"),
    ("lapsed", "silent for over 90 days", "silent for over 90 days"),
    ("never_heard", "never wrote", "never wrote"),
    ("not_enough_sight", "with too little mail in sight to judge", "with too little mail in sight to judge"),
    ("churned", "churned", "churned"),
    ("not_started", "not a customer yet", "not customers yet"),
)
"""What an account that has no card can be, in words for one and for several."""


def headline(total: Totals, *, new: int, easing: int) -> str:
    """Return the first line of a digest: how many accounts are at high risk, and how many of them are new.

    Args:
        total: of the CSM's accounts.
        new: how many are at high risk only since the CSM was last told.
        easing: how many flags are open of accounts that are not at high risk now.
    """
    flagged = f" {count_noun(easing, 'open flag')} below high now." if easing else ""
    if total.high:
        first = f"{count_noun(new, 'new account')} at high risk" if new else "No new account at high risk"
        return f"{first} ({total.high:,} in total).{flagged}"
    if any(total.levels.values()):
        return f"No account is at high risk.{flagged}"
    return f"No account can be given a level today.{flagged}"


def not_shown(number: int, *, listed: bool) -> str | None:
    """Return a sentence on accounts at high risk without a card; ``listed``: a link to the list follows."""
    if not number:
        return None
    told = f"{count_noun(number, 'more account')} {_are(number)} at high risk"
    return f"{told}." if listed else f"{told}; `mailsignals risk` lists them."


def waiting_sentence(rows: Collection[Row], rules: RiskSection) -> str | None:
    """Return a sentence on accounts at medium risk that only a CSM's capacity keeps from being high; None without any.

    Args:
        rows: of one CSM.
        rules: the thresholds.
    """
    number = sum(
        row["level"] == "medium" and row["risk"] is not None and row["risk"] >= rules.high_risk
        for row in rows
    )
    if not number:
        return None
    return (
        f"{count_noun(number, 'account')} at medium risk {_are(number)} waiting: risky enough for high, which holds a "
        f"tenth of a CSM's accounts and at most {rules.accounts_per_csm:,}."
    )


def watched(rows: Sequence[Row], *, every: bool) -> str:
    """Return what the accounts that are not listed are; ``every``: there is no other account."""
    standing = [_standing(row) for row in rows]
    parts = [
        f"{count:,} {one if count == 1 else several}"
        for name, one, several in _WATCHED
        if (count := standing.count(name))
    ]
    if not parts:
        return "These are all your accounts."
    return f"Your {'' if every else 'other '}accounts: {', '.join(parts)}."


def _standing(row: Row) -> str:
    """Level or else state; of an account at high risk that nobody is to be told of, why."""
    standing = str(row["level"] or row["state"])
    return row["hidden_because"] or standing if standing == HIGH else standing


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
