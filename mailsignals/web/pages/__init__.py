"""All pages, in the order of the menu."""

from mailsignals.web.page import Page
from mailsignals.web.pages import (
    account,
    account_feedback,
    account_mails,
    accounts,
    accounts_export,
    feedback,
    model,
    sla,
    system,
    team,
)

PAGES: tuple[Page, ...] = (
    *accounts.PAGES,
    *accounts_export.PAGES,
    *account_mails.PAGES,
    *account_feedback.PAGES,
    *account.PAGES,
    *sla.PAGES,
    *team.PAGES,
    *model.PAGES,
    *system.PAGES,
    *feedback.PAGES,
)
