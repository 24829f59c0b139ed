"""A CSM's accounts in a few sentences, by level and state; pure."""

from collections.abc import Collection, Sequence

from mailsignals.config.risk import RiskSection
from mailsignals.flags.episodes import DISMISSED, HIGH, SAVED, SNOOZED
from mailsignals.notifications.digest.card import Row
from mailsignals.risk.levels import LEVELS
from mailsignals.risk.state import STATES
from mailsignals.risk.totals import Totals
from mailsignals.wording.numbers import count_noun
from mailsignals.wording.risk import account_count

_HIDDEN = (SNOOZED, DISMISSED, SAVED)
"""The reasons for which an account at high risk has no card, in the order in which they are counted."""


def at_risk_words(number: int, *, new: int) -> str:
    """Return the number of accounts at high risk: ``1 new at-risk account (3 in total)``, ``No at-risk accounts``.

    Args:
        number: of accounts at high risk.
        new: of those that are new since the CSM's last digest.
    """
    if not number:
        return "No at-risk accounts"
    first = count_noun(new, "new at-risk account") if new else "No new at-risk accounts"
    return f"{first} ({number:,} in total)"


def headline(total: Totals, *, new: int, easing: int) -> str:
    """Return the first line of a digest, with the number of accounts at high risk.

    Args:
        total: of the CSM's accounts.
        new: accounts at high risk that are new since the CSM's last digest.
        easing: accounts with an open flag that are not at high risk now.
    """
    flagged = f" {count_noun(easing, 'open flag')} below high risk." if easing else ""
    if not any(total.levels.values()):
        return f"No account has a risk level today.{flagged}"
    return f"{at_risk_words(total.high, new=new)}.{flagged}"


def not_shown(number: int, *, listed: bool) -> str | None:
    """Return a sentence on accounts at high risk without a card; ``listed``: a link to the list follows."""
    if not number:
        return None
    shown = f"{count_noun(number, 'more account')} {_are(number)} at high risk"
    return f"{shown}." if listed else f"{shown}; run `mailsignals risk` to list all."


def waiting_sentence(rows: Collection[Row], rules: RiskSection) -> str | None:
    """Return a sentence on accounts at medium risk whose chance is high enough for high risk; None without any.

    Args:
        rows: the accounts of one CSM.
        rules: the thresholds.
    """
    number = sum(
        row["level"] == "medium" and row["risk"] is not None and row["risk"] >= rules.high_risk
        for row in rows
    )
    if not number:
        return None
    return (
        f"{count_noun(number, 'account')} at medium risk {_are(number)} above the high-risk threshold. High risk is "
        f"limited to a tenth of your accounts and at most {rules.accounts_per_csm:,}."
    )


def other_accounts(rows: Sequence[Row], *, every: bool) -> str:
    """Return the number of unlisted accounts by level and state; ``every``: no account is listed."""
    standing = [_standing(row) for row in rows]
    hidden = [f"{account_count(HIGH, count)} ({name})" for name in _HIDDEN if (count := standing.count(name))]
    others = [
        account_count(name, count) for name in (*LEVELS, *STATES[1:]) if (count := standing.count(name))
    ]
    if not standing:
        return "These are all your accounts."
    return f"Your {'' if every else 'other '}accounts: {', '.join([*hidden, *others])}."


def _standing(row: Row) -> str:
    """Return the level or else the state; of a hidden account at high risk, the reason for hiding it."""
    standing = str(row["level"] or row["state"])
    return row["hidden_because"] or standing if standing == HIGH else standing


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
