"""The feedback page that links in emails open: opening it changes nothing, its forms do."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl
from starlette.responses import Response

from mailsignals.errors import UserError
from mailsignals.flags.episodes import COOL_DOWN, SNOOZED
from mailsignals.flags.feedback import UNDONE
from mailsignals.flags.feedback_rules import NOTE_LENGTH, FeedbackRules, NotSaidError
from mailsignals.flags.outcomes import LOOK_AHEAD
from mailsignals.notifications.digest.links import ExpiredError, ForgedError, Permit, permit_of
from mailsignals.readmodel.roles import EVERYBODY
from mailsignals.secret_files import SecretFile
from mailsignals.usecases.feedback import feedback_rules, give
from mailsignals.web.access.identity_of_request import Did, note
from mailsignals.web.account_row import row_of
from mailsignals.web.forms import FIELDS, SNOOZE_EVENTS, feedback_in, snooze_end, text_in
from mailsignals.web.page import PageRequest, WebPage

A_DAY = dt.timedelta(days=1)


def show(visit: PageRequest) -> Response:
    """Return the page of the flag that a link is for, with feedback forms; after a form, with the saved feedback."""
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


def _permit(visit: PageRequest, text: str) -> Permit:
    """Return the permit in a link; without a secret, which the first digest creates, no link is valid.

    Raises:
        ForgedError, ExpiredError: as ``permit_of`` does.
    """
    try:
        secret = (visit.site.settings().store.path / SecretFile.LINKS.file_name).read_bytes()
    except FileNotFoundError:
        raise ForgedError from None
    return permit_of(text, secret=secret, at=visit.now)


def _by(permit: Permit) -> str:
    """Return the author of the feedback, with the way it arrived."""
    return f"{permit.csm}, by email link"


def _as_csm(visit: PageRequest, permit: Permit) -> PageRequest:
    """Return the visit with the time zone of the CSM who received the link."""
    timezone = visit.site.settings().timezone_of(permit.csm)
    return dataclasses.replace(visit, viewer=dataclasses.replace(visit.viewer, timezone=timezone))


def _of_permit(visit: PageRequest, permit: Permit, token: str) -> Response:
    account = row_of(visit.site.settings(), permit.account_id)
    if account is None:
        return visit.render("feedback_link.html.j2", status=410, what="gone", permit=permit)
    if (account["csm"] or "").casefold() != permit.csm.casefold():
        return visit.render(
            "feedback_link.html.j2", status=403, what="handed over", permit=permit, csm=account["csm"]
        )
    settings, by, at = visit.site.settings(), _by(permit), visit.now
    stands = feedback_rules(settings, account, by=by, at=at)
    if stands.flag is None or stands.flag["opened_on"] != permit.opened_on:
        return visit.render(
            "feedback_link.html.j2", status=410, what="another flag", permit=permit, flag=stands.flag
        )
    if visit.request.method != "POST":
        return _page(visit, stands, token)
    try:
        said, _ = give(settings, account, by=by, at=at, word=lambda rules: feedback_in(visit.form, rules))
    except NotSaidError as error:
        return _page(visit, stands, token, wrong=error)
    return _page(
        visit,
        feedback_rules(settings, account, by=by, at=at),
        token,
        kept=UNDONE if said is None else said.kind,
    )


def _page(
    visit: PageRequest,
    saying: FeedbackRules,
    token: str,
    *,
    wrong: NotSaidError | None = None,
    kept: str | None = None,
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
        given={name: text_in(visit.form, name) if wrong else "" for name in FIELDS},
        may_snooze=saying.is_open,
        may_settle=saying.is_recent,
        may_leave=saying.churned_on is None,
        settled_until=saying.flag["opened_on"] + LOOK_AHEAD,
        today=saying.today,
        tomorrow=saying.today + A_DAY,
        in_two_weeks=saying.today + 14 * A_DAY,
        cool_down=COOL_DOWN.days,
        most=NOTE_LENGTH,
        events=SNOOZE_EVENTS,
        snooze_end=snooze_end,
        snoozed=SNOOZED,
        minutes=visit.site.settings().dashboard.refresh_minutes,
    )


def _today(visit: PageRequest, account_id: str) -> Mapping[str, Any] | None:
    """Return the row of the account in the newest edition; None without an edition or row."""
    newest = visit.newest
    if newest is None:
        return None
    found = newest.table("accounts").filter(pl.col("account_id") == account_id)
    return None if found.is_empty() else found.row(0, named=True)


PAGES = (WebPage(path="/feedback", roles=EVERYBODY, show=show, methods=("GET", "POST"), open=True),)
