"""All pages, in the order of the menu."""

from mailsignals.web.pages import accounts, feedback, model, system, team
from mailsignals.web.visit import Page

PAGES: tuple[Page, ...] = (
    *accounts.PAGES,
    *team.PAGES,
    *model.PAGES,
    *system.PAGES,
    *feedback.PAGES,
)
