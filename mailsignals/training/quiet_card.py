"""Card of the chance of going quiet, as Markdown: its calibration data and its track record."""

from collections.abc import Sequence

from mailsignals.risk.quiet import Band, QuietModel
from mailsignals.wording.numbers import count_noun

RUNGS = {
    "default": "The stored mail has no completed silence of 90 days yet, so the shipped defaults are used.",
    "calibrated": "It is calibrated on your own mail every day.",
    "extended": "It is calibrated on your own mail every day, with further signs that predicted better in the past.",
}


def quiet_card(model: QuietModel, bands: Sequence[Band]) -> str:
    """Return the card, beginning with a heading of the first level.

    Args:
        model: the model of the day.
        bands: predicted and actual shares, as ``risk.quiet.quiet_bands`` returns them.
    """
    calibration = model.calibration
    numbers = calibration.pace, calibration.days_since, calibration.intercept
    lines = [
        "# Chance of going quiet",
        "",
        "The chance that an account writes nothing for 90 days, from how often it writes. No training is needed.",
        RUNGS.get(model.rung, f"Rung: {model.rung}."),
        "",
        "## Calibration data",
        "",
        f"- {model.snapshots:,} snapshots at least 90 days old, about {count_noun(model.quarters, 'quarter')}.",
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
            "Predicted chances of the last two years, and the shares that went quiet.",
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
