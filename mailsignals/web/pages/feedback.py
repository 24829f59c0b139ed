"""What became of a flag, said by a link in a mail: looking at the page changes nothing, its forms do."""

import dataclasses
import datetime as dt
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from starlette.datastructures import FormData
from starlette.responses import Response

from mailsignals.accounts import read_book
from mailsignals.digest.links import KEY, ExpiredError, ForgedError, Permit, permit_of
from mailsignals.errors import UserError
from mailsignals.flags.episodes import COOL_DOWN, EVENTS, SNOOZED
from mailsignals.flags.keeping import Speaker
from mailsignals.flags.outcomes import LOOK_AHEAD
from mailsignals.flags.said import UNDONE
from mailsignals.flags.saying import NOTE_LENGTH, About, NotSaidError, Row, Saying
from mailsignals.store.feedback import Said
from mailsignals.web.access.who import Did, note
from mailsignals.web.roles import EVERYBODY
from mailsignals.web.visit import Page, Visit

A_DAY = dt.timedelta(days=1)
ON_A_DAY = "day"
FIELDS = ("kind", "note", "until", "day", "on")
"""What a form may hold besides the token, and shows again if something is wrong with it."""


def show(visit: Visit) -> Response:
    """The flag that the link is of, and what may be said of it; after a form, what was kept."""
    given = (visit.form if visit.request.method == "POST" else visit.query).get("token")
    try:
        permit = _permit(visit, given if isinstance(given, str) else "")
    except ForgedError:
        return visit.render("feedback_link.html.j2", status=403, what="forged", permit=None)
    except ExpiredError as error:
        return visit.render("feedback_link.html.j2", status=410, what="expired", permit=error.permit)
    note(visit.request, Did(name=_by(permit), account_id=permit.account_id))
    try:
        return _of_permit(_as_csm(visit, permit), permit, str(given))
    except NotSaidError:
        raise
    except UserError:
        return visit.render("feedback_link.html.j2", status=503, what="store", permit=permit)


def _permit(visit: Visit, text: str) -> Permit:
    """What a link permits; looking makes no secret, so that before the first digest there is no link.

    Raises:
        ForgedError, ExpiredError: as ``permit_of`` does.
    """
    try:
        secret = (visit.site.settings().store.path / KEY).read_bytes()
    except FileNotFoundError:
        raise ForgedError from None
    return permit_of(text, secret=secret, at=visit.now)


def _by(permit: Permit) -> str:
    """Who speaks, and how that is known."""
    return f"{permit.csm}, by mail link"


def _as_csm(visit: Visit, permit: Permit) -> Visit:
    """The visit in the time zone of whom the link was for."""
    timezone = visit.site.settings().timezone_of(permit.csm)
    return dataclasses.replace(visit, viewer=dataclasses.replace(visit.viewer, timezone=timezone))


def _of_permit(visit: Visit, permit: Permit, token: str) -> Response:
    account = _account(visit, permit)
    if account is None:
        return visit.render("feedback_link.html.j2", status=410, what="gone", permit=permit)
    if (account["csm"] or "").casefold() != permit.csm.casefold():
        return visit.render(
            "feedback_link.html.j2", status=403, what="handed over", permit=permit, csm=account["csm"]
        )
    settings = visit.site.settings()
    speaker = Speaker(
        store=settings.store.path,
        account=account,
        by=_by(permit),
        at=visit.now,
        timezone=settings.company.timezone,
    )
    stands = speaker.stands()
    if stands.flag is None or stands.flag["opened_on"] != permit.opened_on:
        return visit.render(
            "feedback_link.html.j2", status=410, what="another flag", permit=permit, flag=stands.flag
        )
    if visit.request.method != "POST":
        return _page(visit, stands, token)
    try:
        said, _ = speaker.keep(lambda saying: _said(saying, visit.form))
    except NotSaidError as error:
        return _page(visit, stands, token, wrong=error)
    return _page(visit, speaker.stands(), token, kept=UNDONE if said is None else said.kind)


def _account(visit: Visit, permit: Permit) -> Row | None:
    """The account's row of the account book, as the file is now."""
    settings = visit.site.settings()
    found = _book(settings.accounts.file, _stamp(settings.accounts.file), settings.tier_names).filter(
        pl.col("account_id") == permit.account_id
    )
    return None if found.is_empty() else found.row(0, named=True)


def _stamp(file: Path) -> tuple[int, int] | None:
    """Changes with the file; None if there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


@functools.lru_cache(maxsize=1)
def _book(file: Path, stamp: tuple[int, int] | None, tiers: tuple[str, ...]) -> pl.DataFrame:  # noqa: ARG001  # the key
    """The account book's rows, read again when the file has changed."""
    return read_book(file, tiers=tiers).accounts


def _said(saying: Saying, form: FormData) -> Said | None:
    """What a form says.

    Raises:
        NotSaidError: it makes no sense, or may not be said.
    """
    note = _text(form, "note")
    match _text(form, "kind"):
        case "dismissed":
            return saying.dismissed(note)
        case "snoozed":
            return saying.snoozed(_until(form), note)
        case "saved":
            return saying.saved(note)
        case "churned":
            return saying.churned(_day(_text(form, "on"), About.CHURNED_ON), note)
        case "undone":
            return saying.undone(_instant(_text(form, "given_at")))
        case _:
            raise NotSaidError(About.ACCOUNT, "Choose what to say.")


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def _until(form: FormData) -> dt.date | str:
    until = _text(form, "until")
    if until in EVENTS:
        return until
    day = _day(_text(form, "day"), About.UNTIL)
    if until != ON_A_DAY or day is None:
        raise NotSaidError(About.UNTIL, "Say until when: choose a day, or one of the events.")
    return day


def _day(text: str, about: About) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise NotSaidError(about, f"{text} is not a day. Write one such as 2026-12-31.") from None


def _instant(text: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise NotSaidError(About.ACCOUNT, "Choose what to take back.") from None


def _page(
    visit: Visit, saying: Saying, token: str, *, wrong: NotSaidError | None = None, kept: str | None = None
) -> Response:
    assert saying.flag is not None
    last = saying.standing[-1] if saying.standing else None
    return visit.render(
        "feedback.html.j2",
        status=422 if wrong else 200,
        token=token,
        account=saying.account,
        flag=saying.flag,
        today_row=_today(visit, saying.account["account_id"]),
        last=last,
        kept=kept,
        wrong=wrong,
        given={name: _text(visit.form, name) if wrong else "" for name in FIELDS},
        may_snooze=saying.is_open,
        may_settle=saying.is_recent,
        may_leave=saying.churned_on is None,
        settled_until=saying.flag["opened_on"] + LOOK_AHEAD,
        today=saying.today,
        tomorrow=saying.today + A_DAY,
        in_two_weeks=saying.today + 14 * A_DAY,
        cool_down=COOL_DOWN.days,
        most=NOTE_LENGTH,
        events=EVENTS,
        snoozed=SNOOZED,
        minutes=visit.site.settings().dashboard.refresh_minutes,
    )


def _today(visit: Visit, account_id: str) -> Mapping[str, Any] | None:
    """What the newest edition says of the account; null where there is none yet."""
    newest = visit.site.shelf.newest()
    if newest is None:
        return None
    found = newest.table("accounts").filter(pl.col("account_id") == account_id)
    return None if found.is_empty() else found.row(0, named=True)


PAGES = (Page(path="/feedback", roles=EVERYBODY, show=show, methods=("GET", "POST"), open=True),)
