"""Feedback on an account, from the buttons of its page."""

from starlette.responses import RedirectResponse, Response

from mailsignals.errors import UserError
from mailsignals.usecases.feedback import give
from mailsignals.web import urls
from mailsignals.web.account_row import row_of
from mailsignals.web.forms import feedback_in
from mailsignals.web.given_feedback import speaker_of
from mailsignals.web.one_account import AccountPage, of_account
from mailsignals.web.page import PageRequest, WebPage
from mailsignals.web.pages import account as account_page
from mailsignals.web.pages.accounts import ROLES

GONE = "The account is no longer in the account list, so it has no flags."


def keep(visit: PageRequest, account: AccountPage) -> Response:
    """Save the feedback of a form and redirect to the page; invalid feedback returns the form with the reason."""
    row = row_of(visit.site.settings(), account.id)
    if row is None:
        return account_page.page(visit, account, problem=GONE, status=422)
    try:
        said, _ = give(
            visit.site.settings(),
            row,
            by=speaker_of(visit),
            at=visit.now,
            word=lambda rules: feedback_in(visit.form, rules),
        )
    except UserError as error:
        return account_page.page(visit, account, problem=str(error), status=422)
    if said is not None:
        visit.changed(said.kind, account_id=account.id)
    return RedirectResponse(f"{urls.account_url(account.id)}#feedback", status_code=303)


PAGES = (
    WebPage(
        path="/accounts/{account_id:path}/feedback",
        roles=ROLES,
        show=of_account(keep),
        methods=("POST",),
    ),
)
