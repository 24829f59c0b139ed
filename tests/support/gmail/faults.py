"""What goes wrong with any request; put them into ``server.faults``."""

import dataclasses
import datetime as dt
from collections.abc import Callable

from tests.support.gmail import errors
from tests.support.gmail.matching import Matches, gets
from tests.support.loopback import Answer, Fault, Request

FOR_EVER = None
"""What ``times`` is for a fault that never ends."""


def answering(matches: Matches, answer: Answer, *, times: int | None = 1, skip: int = 0) -> Fault:
    """This answer in the place of the server's own, after ``skip`` usual ones."""
    return Fault(matches=matches, answer=answer, times=times, skip=skip)


def spoiling(
    matches: Matches, spoil: Callable[[Answer], Answer], *, times: int | None = 1, skip: int = 0
) -> Fault:
    """The server's own answer, spoilt."""

    def answer(request: Request, make: Callable[[], Answer]) -> Answer:
        del request
        return spoil(make())

    return Fault(matches=matches, answer=answer, times=times, skip=skip)


# --- meanwhile -----------------------------------------------------------------------------------


def before(matches: Matches, action: Callable[[], object], *, skip: int = 0) -> Fault:
    """Something happens right before the answer is made."""

    def answer(request: Request, make: Callable[[], Answer]) -> Answer:
        del request
        action()
        return make()

    return Fault(matches=matches, answer=answer, skip=skip)


def after(matches: Matches, action: Callable[[], object], *, skip: int = 0) -> Fault:
    """Something happens after the answer was made, before the client has it."""

    def answer(request: Request, make: Callable[[], Answer]) -> Answer:
        del request
        made = make()
        action()
        return made

    return Fault(matches=matches, answer=answer, skip=skip)


# --- Google's errors -----------------------------------------------------------------------------


def unavailable(matches: Matches, *, times: int | None = 1) -> Fault:
    """503 backendError."""
    return answering(matches, errors.backend_error(503), times=times)


def internal_error(matches: Matches, *, times: int | None = 1) -> Fault:
    """500 backendError."""
    return answering(matches, errors.backend_error(500), times=times)


def bad_gateway(matches: Matches, *, times: int | None = 1) -> Fault:
    """502 with a page."""
    text = "The server encountered a temporary error and could not complete your request."
    return answering(matches, errors.html(502, text), times=times)


def poisoned(message_id: str) -> Fault:
    """A message that the server never gives out: 503 whenever it is asked for."""
    return unavailable(gets(message_id), times=FOR_EVER)


def retry_after(matches: Matches, value: str, *, code: int = 429, times: int | None = 1) -> Fault:
    """429 or 503 with a header ``Retry-After``: seconds, a fraction, or a date."""
    refused = errors.resource_exhausted() if code == 429 else errors.backend_error(code)
    answer = dataclasses.replace(refused, headers={**refused.headers, "Retry-After": value})
    return answering(matches, answer, times=times)


def retry_after_in_text(matches: Matches, until: dt.datetime, *, times: int | None = 1) -> Fault:
    """429 whose text says until when."""
    return answering(matches, errors.user_rate_limit_until(until), times=times)


def too_many_concurrent(matches: Matches, *, times: int | None = 1) -> Fault:
    """429 Too many concurrent requests for user."""
    return answering(matches, errors.too_many_concurrent(), times=times)


def resource_exhausted(matches: Matches, *, times: int | None = 1) -> Fault:
    """429 Resource has been exhausted."""
    return answering(matches, errors.resource_exhausted(), times=times)


def minute_used_up(matches: Matches, *, times: int | None = 1) -> Fault:
    """403 Queries per minute per user."""
    return answering(matches, errors.queries_per_minute(), times=times)


def user_rate_limit(matches: Matches, *, times: int | None = 1) -> Fault:
    """403 userRateLimitExceeded."""
    return answering(matches, errors.user_rate_limit(), times=times)


def day_used_up(matches: Matches) -> Fault:
    """403 dailyLimitExceeded, from now on."""
    return answering(matches, errors.daily_limit(), times=FOR_EVER)


def api_disabled(matches: Matches) -> Fault:
    """403 accessNotConfigured, from now on."""
    return answering(matches, errors.api_disabled(), times=FOR_EVER)


def domain_policy(matches: Matches) -> Fault:
    """403 domainPolicy, from now on."""
    return answering(matches, errors.domain_policy(), times=FOR_EVER)


def forbidden(matches: Matches, message: str, *, times: int | None = FOR_EVER) -> Fault:
    """403 forbidden with this text, such as ``Metadata scope doesn't allow format FULL``."""
    return answering(matches, errors.forbidden(message), times=times)


def not_authorised(matches: Matches, *, times: int | None = 1) -> Fault:
    """401 Invalid Credentials, though the token is good."""
    return answering(matches, errors.invalid_credentials(), times=times)


def not_found(matches: Matches, *, times: int | None = 1) -> Fault:
    """404: for a while, as right after a message came; or the history is no longer known."""
    return answering(matches, errors.not_found(), times=times)


# --- broken answers ------------------------------------------------------------------------------


def cut_json(matches: Matches, *, times: int | None = 1) -> Fault:
    """200 with the first half of the JSON, as if it were whole."""
    return spoiling(
        matches,
        lambda answer: dataclasses.replace(answer, body=answer.body[: len(answer.body) // 2]),
        times=times,
    )


def empty_body(matches: Matches, *, times: int | None = 1) -> Fault:
    """200 with nothing."""
    return spoiling(matches, lambda answer: dataclasses.replace(answer, body=b""), times=times)


def page_with_200(matches: Matches, *, times: int | None = 1) -> Fault:
    """200 with a page, as a captive portal answers."""
    return answering(matches, errors.html(200, "Please sign in to the network."), times=times)


# --- broken connections (no use for parts of batches) --------------------------------------------


def hang(matches: Matches, seconds: float = 3_600, *, times: int | None = 1) -> Fault:
    """No byte for a long time."""
    return spoiling(matches, lambda answer: dataclasses.replace(answer, wait=seconds), times=times)


def slow_drip(matches: Matches, seconds: float = 1.0, *, times: int | None = 1) -> Fault:
    """One byte after the other, each in time."""
    return spoiling(matches, lambda answer: dataclasses.replace(answer, drip=seconds), times=times)


def closed_early(matches: Matches, *, at: int = 10, times: int | None = 1) -> Fault:
    """The connection ends in the middle of the body."""
    return spoiling(matches, lambda answer: dataclasses.replace(answer, cut_at=at), times=times)


def reset(matches: Matches, *, at: int | None = None, times: int | None = 1) -> Fault:
    """The connection is reset: in the middle of the body, or before any answer."""
    return spoiling(matches, lambda answer: dataclasses.replace(answer, cut_at=at, reset=True), times=times)
