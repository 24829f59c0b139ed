"""Write docs/programmer/signals.md from the signals themselves: ``python3 dev.py docs``."""

from mailsignals.signals.pipeline import MOMENT_SIGNALS, WINDOW_SIGNALS
from mailsignals.signals.signal import WINDOWS, Signal
from tests.house.conftest import ROOT

PAGE = ROOT / "docs" / "programmer" / "signals.md"


def page() -> str:
    """Return the text of docs/programmer/signals.md."""
    *days, longest = map(str, WINDOWS)
    return f"""# Signals

`python3 dev.py docs` writes this page from the code that computes the signals; edit the code, not the page.

Each account gets every signal for each as-of date, also without any mail.
Later mail doesn't exist: an email that arrives later is unseen, and a turn answered later is open.
A figure without data, such as the median of no responses, is null: neither 0 nor 100%.
Shares are fractions of 1, hours and days are elapsed time, and percentiles interpolate linearly.
The [glossary](../glossary.md) explains the terms.

## Over a window

There is one row per window of {", ".join(days)} and {longest} days.
A window includes the as-of time, and excludes its beginning.

{_table(WINDOW_SIGNALS)}

## At the as-of time

These don't depend on the window, and are the same in every row.

{_table(MOMENT_SIGNALS)}
"""


def _table(signals: tuple[Signal, ...]) -> str:
    rows = [f"| `{signal.name}` | {signal.unit} | {signal.meaning} |" for signal in signals]
    return "\n".join(["| signal | unit | meaning |", "|---|---|---|", *rows])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
