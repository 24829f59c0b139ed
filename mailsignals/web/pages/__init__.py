"""All pages, in the order of the menu."""

from mailsignals.web.page import WebPage
from mailsignals.web.pages import (
    account,
    account_feedback,
    account_mails,
    accounts,
    feedback,
    model,
    sla,
    system,
    team,
)

PAGES: tuple[WebPage, ...] = (
    *accounts.PAGES,
    *account_mails.PAGES,
    *account_feedback.PAGES,
    *account.PAGES,
    *sla.PAGES,
    *team.PAGES,
    *model.PAGES,
    *system.PAGES,
    *feedback.PAGES,
)
