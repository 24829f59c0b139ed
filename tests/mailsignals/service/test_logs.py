"""What the service logs, and how."""

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest

from mailsignals.service.logs import Style, log_to, without_addresses
from mailsignals.service.repeats import DIFFERENT, KINDS, QuietHandler, Repeats


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


@pytest.mark.scenario("half-open-connections")
def test_repeated_trouble_is_one_line_and_a_number(stream: io.StringIO) -> None:
    """A thousand failures of a library, whose texts differ in numbers, are two lines; other events stay whole."""
    log_to(stream, "json")
    for number in range(1000):
        logging.getLogger("asyncio").error(f"out of handles\nsocket: <fd={number}>")  # noqa: G004  # as asyncio does
    logging.getLogger("mailsignals.service").error("run_ended", extra={"job": "score"})
    logging.getLogger("mailsignals.service").error("run_ended", extra={"job": "digests"})
    logging.getLogger().handlers[0].close()
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(event["event"].partition("\n")[0], event.get("job")) for event in events] == [
        ("out of handles", None),
        ("run_ended", "score"),
        ("run_ended", "digests"),
        ("event_repeated", None),
    ]
    assert (events[-1]["of"], events[-1]["times"], events[-1]["level"]) == ("out of handles", 999, "error")


def test_trouble_that_goes_on_is_counted_every_minute(stream: io.StringIO) -> None:
    """The event appears again with each summary, so that a reader sees that it lasts."""
    seconds = [0.0]
    handler = QuietHandler(stream, repeats=Repeats(now=lambda: seconds[0]))
    record = logging.makeLogRecord({"name": "x", "levelno": logging.ERROR, "msg": "audit_failed"})
    for second in range(0, 180, 10):
        seconds[0] = second
        handler.handle(record)
    assert stream.getvalue().split() == ["audit_failed", *["event_repeated", "audit_failed"] * 2]
    handler.close()


def test_errors_at_other_places_are_other_trouble() -> None:
    """Two tracebacks with one text are two events; the same place with other values is one."""
    repeats = Repeats(now=lambda: 0.0)
    read: list[Callable[[], object]] = [
        lambda: int("a"),
        lambda: float("a"),
    ]
    admitted = []
    for fail in (read[0], read[1], read[0]):
        with pytest.raises(ValueError) as found:  # noqa: PT011  # any
            fail()
        error = (found.type, found.value, found.tb)
        record = {"levelno": logging.ERROR, "msg": "broke", "exc_info": error}
        admitted.append(repeats.admit(logging.makeLogRecord(record)))
    assert admitted == [True, True, False]


def test_the_number_of_kinds_is_bounded() -> None:
    """Texts that an attacker chooses fill neither the log nor the memory."""
    repeats = Repeats(now=lambda: 0.0)
    words = ("".join(chr(97 + (number >> shift) % 26) for shift in (0, 4, 8)) for number in range(5000))
    admitted = sum(
        repeats.admit(logging.makeLogRecord({"levelno": logging.ERROR, "msg": word})) for word in words
    )
    assert admitted <= KINDS + DIFFERENT
