"""What a CSM says of an account, from the buttons of its page."""

from starlette.responses import RedirectResponse, Response

from mailsignals.errors import UserError
from mailsignals.web import asking
from mailsignals.web.one_account import Account, newest_flag, of_account
from mailsignals.web.pages import account as account_page
from mailsignals.web.pages.accounts import ROLES
from mailsignals.web.said import say
from mailsignals.web.visit import Page, Visit


def keep(visit: Visit, account: Account) -> Response:
    """Keep it and show the page anew; what cannot be said is shown with the reason, and nothing typed is lost."""
    flag = newest_flag(account.flags(account.scan("account_scores").collect()))
    given = {name: str(visit.form.get(name, "")) for name in ("kind", "until", "on", "note")}
    if given["until"] == "day":
        given["until"] = str(visit.form.get("day", ""))
    try:
        say(visit, account.id, given.pop("kind"), flag=flag, **given)
    except UserError as error:
        return account_page.page(visit, account, problem=str(error), status=422)
    return RedirectResponse(f"{asking.of_account(account.id)}#feedback", status_code=303)


PAGES = (
    Page(
        path="/accounts/{account_id:path}/feedback",
        roles=ROLES,
        show=of_account(keep),
        methods=("POST",),
    ),
)
