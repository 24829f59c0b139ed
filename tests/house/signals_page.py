"""docs/programmer/signals.md, written from the signals themselves: ``python3 dev.py docs``."""

from mailsignals.signals.pipeline import MOMENT_SIGNALS, WINDOW_SIGNALS
from mailsignals.signals.signal import WINDOWS, Signal
from tests.house.conftest import ROOT

PAGE = ROOT / "docs" / "programmer" / "signals.md"


def page() -> str:
    """The text that docs/programmer/signals.md should have."""
    *days, longest = map(str, WINDOWS)
    return f"""# Signals

This page is written by `python3 dev.py docs` from the code that computes the signals; edit the code, not the page.

Each account has every signal as of each date and time, even without any mail.
Nothing later counts: a later email is not seen, and an email answered later is unanswered.
A signal is null where it cannot be computed, such as the median of no responses; it is then neither 0 nor 100%.
Shares are fractions of 1, hours and days are elapsed time, and percentiles interpolate linearly.
The [glossary](../glossary.md) explains the terms.

## Over a window

There is one row for each window of {", ".join(days)} and {longest} days.
A window ends at the as-of time and includes it; it does not include its beginning.

{_table(WINDOW_SIGNALS)}

## As of the time

These do not depend on the window and are in every row.

{_table(MOMENT_SIGNALS)}
"""


def _table(signals: tuple[Signal, ...]) -> str:
    rows = [f"| `{signal.name}` | {signal.unit} | {signal.meaning} |" for signal in signals]
    return "\n".join(["| signal | unit | meaning |", "|---|---|---|", *rows])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
