"""The card of the chance to go quiet, as Markdown: what it was learnt from, and how well its chances held."""

from collections.abc import Sequence

from mailsignals.risk.quiet import Band, QuietModel
from mailsignals.wording.numbers import count_noun

RUNGS = {
    "default": "No silence of 90 days is over yet in the stored mail, so it uses the shipped defaults.",
    "calibrated": "It is calibrated by your own mail, anew every day.",
    "extended": "It is calibrated by your own mail, anew every day, with signs that predicted better before.",
}


def quiet_card(model: QuietModel, bands: Sequence[Band]) -> str:
    """Return the card, beginning with a heading of the first level.

    Args:
        model: of the day.
        bands: how its chances held, as ``risk.quiet.quiet_bands`` has them.
    """
    calibration = model.calibration
    numbers = calibration.pace, calibration.days_since, calibration.intercept
    lines = [
        "# Chance of going quiet",
        "",
        "The chance that an account writes nothing for 90 days, from how often it writes. It needs no training.",
        RUNGS.get(model.rung, f"Rung: {model.rung}."),
        "",
        "## Learnt from",
        "",
        f"- {model.snapshots:,} snapshots whose 90 days are over, about {count_noun(model.quarters, 'quarter')}.",
        f"- {model.rows:,} rows of {model.accounts:,} accounts, {model.silences:,} of them silent afterwards.",
        f"- Log odds: {numbers[0]:.2f} by pace, {numbers[1]:.2f} by days since, plus {numbers[2]:.2f}.",
        *(
            f"- Further sign `{sign.name}`: {sign.coefficient:+.2f} per standard deviation."
            for sign in model.signs
        ),
        f"- Pace of all accounts: gamma, shape {model.prior.r:.2f}, rate {model.prior.a:.0f} days.",
        "",
    ]
    if bands:
        lines += [
            "## Calibration",
            "",
            "Chances as they would have been given in the last two years, and what happened.",
            "",
            "| chance | rows | predicted | went quiet |",
            "|---|---|---|---|",
            *(_row(band) for band in bands),
            "",
        ]
    return "\n".join(lines)


def _row(band: Band) -> str:
    share = f"{100 * band.predicted:.0f}% | {100 * band.happened:.0f}%"
    return f"| {100 * band.low:.0f}% to {100 * band.high:.0f}% | {band.rows:,} | {share} |"
