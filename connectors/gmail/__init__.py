"""Reads mailboxes of Google Workspace and Gmail, by their metadata alone.

quota      what methods cost and what is permitted
auth       the three ways to sign in                sign_in_errors, errors   what refusals mean
api        the requests, repeated within bounds     fetch                    many messages, none lost
parse      message resources to messages            history                  what a page of history says
doubt      whether it is some messages or the mailbox
session    fetching and pages                       listing, follow, reconcile   the three ways to read
connector  one mailbox                              provider, groups         all of them
"""

from connectors.gmail.auth import GmailBearerToken, InstalledApp, ServiceAccount, SignIn
from connectors.gmail.provider import Gmail, GmailOptions
from connectors.gmail.quota import LEGACY, QUOTAS, STANDARD, Quota

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
]
