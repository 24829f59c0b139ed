"""docs/signals.md, written from the signals themselves: ``python3 dev.py docs``."""

from mailsignals.signals.pipeline import MOMENT_SIGNALS, WINDOW_SIGNALS
from mailsignals.signals.signal import WINDOWS, Signal
from tests.house.conftest import ROOT

PAGE = ROOT / "docs" / "signals.md"


def page() -> str:
    """The text that docs/signals.md should have."""
    *days, longest = map(str, WINDOWS)
    return f"""# Signals

This page is written by `python3 dev.py docs` from the code that computes the signals; edit the code, not the page.

Each account gets every signal at each as-of instant, accounts without any mail too.
Nothing later than the instant exists: a mail that comes after it is unseen, a turn that is answered after it is open.
A figure is null where there is nothing to compute it from, such as the median of no answers: neither 0 nor 100%.
Shares are fractions of 1, hours and days are elapsed time, and percentiles interpolate linearly.
The words are explained in the [glossary](glossary.md).

## Over a window

There is one row for each window of {", ".join(days)} and {longest} days.
A window ends at the instant, which belongs to it, and does not include its beginning.

{_table(WINDOW_SIGNALS)}

## At the instant

These do not depend on the window, and stand in every row.

{_table(MOMENT_SIGNALS)}
"""


def _table(signals: tuple[Signal, ...]) -> str:
    rows = [f"| `{signal.name}` | {signal.unit} | {signal.meaning} |" for signal in signals]
    return "\n".join(["| signal | unit | meaning |", "|---|---|---|", *rows])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
