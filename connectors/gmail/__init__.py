"""Reads mailboxes of Google Workspace and Gmail, by their metadata alone.

quota      the cost of methods, and the limits
auth       the three ways to sign in                sign_in_errors, errors   the meaning of errors
api        the requests, with retries             fetch                    many messages, none lost
parse      message resources to messages            history                  the changes in a page of history
outage_check   some messages fail, or the whole mailbox
session    fetching and pages                       backfill, incremental, reconcile   the three ways to read
connector  one mailbox                              provider, groups         all of them
"""

from typing import TYPE_CHECKING

from connectors.gmail.quota import LEGACY, QUOTAS, STANDARD, Quota
from connectors.lazy_names import lazy_names

if TYPE_CHECKING:
    from connectors.gmail.auth import GmailBearerToken, InstalledApp, ServiceAccount, SignIn
    from connectors.gmail.provider import Gmail, GmailOptions
    from connectors.gmail.token import access_token
else:
    __getattr__ = lazy_names(  # Google's libraries take half a second to import
        __name__,
        auth=("GmailBearerToken", "InstalledApp", "ServiceAccount", "SignIn"),
        provider=("Gmail", "GmailOptions"),
        token=("access_token",),
    )

__all__ = [
    "LEGACY",
    "QUOTAS",
    "STANDARD",
    "Gmail",
    "GmailBearerToken",
    "GmailOptions",
    "InstalledApp",
    "Quota",
    "ServiceAccount",
    "SignIn",
    "access_token",
]
