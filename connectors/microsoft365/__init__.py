"""Reads mailboxes of Exchange Online through Microsoft Graph, by their metadata alone.

auth, token_cache   the four ways to sign in         sign_in_errors, errors   what refusals mean
api        the requests, repeated within bounds      parse      message resources to messages
folders    which folders to read                     session    single items, and pages
walk, reconcile   the ways to read                   connector  one mailbox
provider, groups  all of them
"""

from connectors.microsoft365.auth import ClientCertificate, ClientSecret, DeviceCode, GraphBearerToken, SignIn
from connectors.microsoft365.provider import Microsoft365, Microsoft365Options

__all__ = [
    "ClientCertificate",
    "ClientSecret",
    "DeviceCode",
    "GraphBearerToken",
    "Microsoft365",
    "Microsoft365Options",
    "SignIn",
]
