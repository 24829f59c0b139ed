"""The terms of both causes: the log odds that each adds, against the day's median account."""

import dataclasses
import functools
import operator
from collections.abc import Collection, Iterable, Sequence

import polars as pl

from models.feature import Feature
from models.risk import burden

THEMES = ("silence", "people", "answers", "friction", "service", "contract")
"""Groups of reasons: they fall silent, fewer people write, they respond slower, they complain, our team is slow, the
contract."""

_THEME_OF_BLOCK = {
    "activity": "silence",
    "breadth": "people",
    "response": "answers",
    "friction": "friction",
    "ours": "service",
    "contract": "contract",
}

ACTIVE = pl.col("state") == "active"


def _of_active(figure: str) -> pl.Expr:
    """The median of a figure over the day's active accounts, or over all where none is active."""
    return pl.coalesce(pl.col(figure).filter(ACTIVE).median(), pl.col(figure).median())


QUIET_FEATURES = (
    Feature(
        name="pace",
        signal="active_days",
        block="activity",
        sign=-1,
        expr=pl.col("quiet_pace"),
        value=pl.col("quarter_days"),
        usual=_of_active("quarter_days"),
        text="They write on {value:~day} a quarter (typical customer: {usual:~}).",
    ),
    Feature(
        name="days_since",
        signal="days_since_inbound",
        block="activity",
        sign=1,
        expr=pl.col("quiet_days_since"),
        value=pl.col("days_since"),
        usual=_of_active("days_since"),
        text="They last wrote {value:_day} ago (typical customer: {usual:~}).",
    ),
)
"""The terms of the chance to go quiet, as ``risk.quiet.quiet_of`` has them."""


def _sign(
    name: str, figure: str, signal: str, *, block: str = "activity", sign: int = -1, text: str
) -> Feature:
    """A further sign of going quiet, and the direction in which its figure is worse than usual."""
    return Feature(
        name=name,
        signal=signal,
        block=block,
        sign=sign,
        expr=pl.col(f"quiet_{name}"),
        value=pl.col(figure),
        usual=_of_active(figure),
        text=text,
    )


SIGN_FEATURES = (
    _sign(
        "pace_year",
        "days_365",
        "active_days",
        text="They wrote on {value:~day} of the last year (typical customer: {usual:~}).",
    ),
    _sign(
        "pace_month",
        "days_30",
        "active_days",
        text="They wrote on {value:~} of the last 30 days (typical customer: {usual:~}).",
    ),
    _sign(
        "people",
        "people_90",
        "active_contacts",
        block="breadth",
        text="{value:~contact} wrote in the last 90 days (typical customer: {usual:~}).",
    ),
    _sign(
        "mails",
        "mails_90",
        "inbound",
        text="They sent {value:~email} in the last 90 days (typical customer: {usual:~}).",
    ),
    _sign(
        "our_days",
        "our_days_90",
        "outbound",
        block="ours",
        text="Your team wrote to them on {value:~} of the last 90 days (typical customer: {usual:~}).",
    ),
    _sign(
        "our_pause",
        "our_pause_days",
        "days_since_outbound",
        block="ours",
        sign=1,
        text="Your team has not written to them for {value:~day} (typical customer: {usual:~}).",
    ),
    _sign(
        "age",
        "age_days",
        "age",
        text="They first wrote {value:~day} ago (typical customer: {usual:~}).",
    ),
)
"""The terms of a model with further signs."""


def quiet_features(columns: Collection[str]) -> tuple[Feature, ...]:
    """Return the terms of quiet that a model has, by the columns of ``risk.quiet.quiet_of``."""
    return (*QUIET_FEATURES, *(one for one in SIGN_FEATURES if f"quiet_{one.name}" in columns))


@dataclasses.dataclass(frozen=True, kw_only=True)
class RiskTerm:
    """One term of a cause, as a column."""

    cause: str
    name: str
    theme: str
    feature: Feature | None
    """The sentence of the term; None for terms that no sentence can explain."""

    @property
    def column(self) -> str:
        """The name of the column with the log odds that it adds to its cause, against the median account."""
        return f"{self.cause} {self.name}"


def term_of(cause: str, name: str, feature: Feature | None) -> RiskTerm:
    """Return the term of an input."""
    block = "contract" if feature is None else feature.block
    return RiskTerm(cause=cause, name=name, theme=_THEME_OF_BLOCK[block], feature=feature)


def sum_of_columns(columns: Iterable[str]) -> pl.Expr:
    """The sum of columns, null counting as 0, added one after the other.

    ``sum_horizontal`` adds in another order each time, and the last digit with it.
    """
    return functools.reduce(operator.add, (pl.col(name).fill_null(0.0) for name in columns), pl.lit(0.0))


def against_median(rows: pl.DataFrame, terms: Sequence[RiskTerm]) -> pl.DataFrame:
    """Return the rows with each term against its median over the day's active accounts.

    ``quiet usual`` and ``leaving usual`` are added: the median account's log odds.

    Args:
        rows: ``state``, each term's column as it stands, and the log odds ``quiet_log_odds`` and ``leaving_log_odds``.
        terms: of both causes.
    """
    medians = rows.select(_of_active(term.column).fill_null(0.0) for term in terms)
    centred = rows.with_columns(pl.col(name) - medians[name].item() for name in medians.columns)
    causes = {
        cause: sum_of_columns(term.column for term in terms if term.cause == cause)
        for cause in ("quiet", "leaving")
    }
    usual = [(pl.col(f"{cause}_log_odds") - added).alias(f"{cause} usual") for cause, added in causes.items()]
    return centred.with_columns(usual)


def burden_of_both() -> pl.Expr:
    """The sum of the burdens of both causes."""
    return burden(pl.col("quiet_log_odds")) + burden(pl.col("leaving_log_odds"))


def share_of_cause(cause: str, *, one_cause: bool) -> pl.Expr:
    """Return the part of a cause in risk, 0 to 1; of one cause alone, leaving has all of it."""
    if one_cause:
        return pl.lit(1.0 if cause == "leaving" else 0.0)
    return burden(pl.col(f"{cause}_log_odds")) / burden_of_both()
