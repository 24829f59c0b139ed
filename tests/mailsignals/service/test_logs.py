"""What the service logs, and how."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from mailsignals.service.logs import Style, log_to, without_addresses


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where logs go; afterwards all is as before."""
    root, ours = logging.getLogger(), logging.getLogger("mailsignals")
    before = (root.handlers[:], root.level, ours.level)
    yield io.StringIO()
    root.handlers[:], level, our_level = before
    root.setLevel(level)
    ours.setLevel(our_level)


@pytest.mark.parametrize("style", ["json", "auto"])
def test_json_has_an_object_a_line(stream: io.StringIO, style: Style) -> None:
    """Event and fields; a stream that is no terminal gets JSON unless told otherwise."""
    log_to(stream, style)
    logging.getLogger("mailsignals.service").info("run_ended", extra={"job": "score", "seconds": 1.5})
    event = json.loads(stream.getvalue())
    assert (event["event"], event["level"], event["job"], event["seconds"]) == (
        "run_ended",
        "info",
        "score",
        1.5,
    )
    assert event["at"].endswith("Z")


def test_people_get_a_line(stream: io.StringIO) -> None:
    """Instant, level, event, fields."""
    log_to(stream, "text")
    logging.getLogger("mailsignals.service").warning("run_lost", extra={"job": "score"})
    assert stream.getvalue().split(" ", 1)[1] == "warning run_lost job=score\n"


@pytest.mark.parametrize("style", ["json", "text"])
def test_no_address_is_logged(stream: io.StringIO, style: Style) -> None:
    """Neither in a message, nor in a field, nor in the traceback of a bug."""
    log_to(stream, style)
    try:
        int("bo@us.test")
    except ValueError:
        logging.getLogger("mailsignals").exception(
            "broke for %s", "<bo@us.test>", extra={"who": "bo@us.test"}
        )
    assert "@us.test" not in stream.getvalue()
    assert "Traceback" in stream.getvalue()


def test_libraries_say_only_what_is_wrong(stream: io.StringIO) -> None:
    """Requests and timers of others are no events of ours."""
    log_to(stream, "json")
    logging.getLogger("apscheduler.scheduler").warning("skipped")
    logging.getLogger("uvicorn.error").info("started")
    assert stream.getvalue() == ""


def test_sentences_stay_readable() -> None:
    """Only the address is taken out."""
    text = "bo@us.test: the account was deleted. Restore it."
    assert without_addresses(text) == "<address>: the account was deleted. Restore it."
