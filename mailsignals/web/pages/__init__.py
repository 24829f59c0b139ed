"""All pages, in the order of the menu."""

from mailsignals.web.pages import accounts, sla
from mailsignals.web.visit import Page

PAGES: tuple[Page, ...] = (*accounts.PAGES, *sla.PAGES)
