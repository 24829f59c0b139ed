import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.transport.roots import checked_root
from connectors.transport.waits import LONGEST, backoff, retry_after

NOW = dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("header", "text", "seconds"),
    [
        ("7", "", 7.0),
        ("0.05", "", 0.05),
        ("Sun, 22 Nov 2026 10:00:30 GMT", "", 30.0),
        ("Sun, 22 Nov 2026 09:00:00 GMT", "", 0.0),
        ("", "User-rate limit exceeded.  Retry after 2026-11-22T10:00:45.500Z", 45.5),
        ("3", "Retry after 2026-11-22T10:00:45.500Z", 3.0),
        ("soon", "", None),
        ("-5", "", None),
        ("", "try again", None),
        ("999999999", "", LONGEST),
    ],
)
def test_a_server_s_wish_is_understood(header: str, text: str, seconds: float | None) -> None:
    """Seconds, fractions, dates and texts are understood; nonsense is no wish; none is negative or endless."""
    assert retry_after({"retry-after": header} if header else {}, text, now=NOW) == seconds


@given(st.text(), st.text())
def test_no_answer_can_break_it(header: str, text: str) -> None:
    """Whatever a server says, the wait is none, or between nothing and a day."""
    wait = retry_after({"retry-after": header}, text, now=NOW)
    assert wait is None or 0 <= wait <= LONGEST


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_waits_grow_to_a_bound(attempt: int, chance: float) -> None:
    """Each wait is up to twice the one before, never above the bound, and never less than half of what it could be."""
    wait = backoff(attempt, jitter=lambda: chance)
    assert min(2.0 ** min(attempt - 1, 6), 64.0) / 2 <= wait <= 64.0
    assert backoff(attempt, jitter=lambda: 0.0) * 2 >= backoff(attempt, jitter=lambda: 1.0)


@pytest.mark.parametrize(
    ("given_root", "root"),
    [
        ("https://gmail.googleapis.com", "https://gmail.googleapis.com/"),
        ("https://graph.microsoft.com/v1.0//", "https://graph.microsoft.com/v1.0/"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
        ("http://localhost:1/", "http://localhost:1/"),
        ("http://[::1]:1/", "http://[::1]:1/"),
    ],
)
def test_a_root_has_one_form(given_root: str, root: str) -> None:
    """It ends with one slash; http is good enough on this machine."""
    assert checked_root(given_root, what="the server") == root


@pytest.mark.parametrize(
    "bad",
    [
        "http://example.com/",
        "http://127.0.0.1.example.com/",
        "ftp://127.0.0.1/",
        "gmail.googleapis.com",
        "https://user:secret@example.com/",
        "https://example.com/?a=b",
        "",
    ],
)
def test_a_root_that_is_not_safe_is_refused(bad: str) -> None:
    """Tokens are sent encrypted or not at all; the message says what to write instead."""
    with pytest.raises(ValueError, match=r"https|user"):
        checked_root(bad, what="the server")
