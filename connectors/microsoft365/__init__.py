"""Reads mailboxes of Exchange Online through Microsoft Graph, by their metadata alone.

auth, tenant   the four ways to sign in              sign_in_errors, errors   the meaning of errors
api        the requests, with retries              parse      message resources to messages
folders    which folders to read                     session    single items, and pages
delta, reconcile   the ways to read                  connector  one mailbox
provider, groups  all of them
"""

from typing import TYPE_CHECKING

from connectors.lazy_names import lazy_names

if TYPE_CHECKING:
    from connectors.microsoft365.api import graph_root, resource
    from connectors.microsoft365.auth import (
        ClientCertificate,
        ClientSecret,
        DeviceCode,
        GraphBearerToken,
        SignIn,
        TokenSource,
        tokens,
    )
    from connectors.microsoft365.provider import Microsoft365, Microsoft365Options
    from connectors.microsoft365.tenant import Tenant
else:
    __getattr__ = lazy_names(  # msal takes a fifth of a second to import
        __name__,
        api=("graph_root", "resource"),
        auth=(
            "GraphBearerToken",
            "ClientCertificate",
            "ClientSecret",
            "DeviceCode",
            "SignIn",
            "TokenSource",
            "tokens",
        ),
        provider=("Microsoft365", "Microsoft365Options"),
        tenant=("Tenant",),
    )

__all__ = [
    "ClientCertificate",
    "ClientSecret",
    "DeviceCode",
    "GraphBearerToken",
    "Microsoft365",
    "Microsoft365Options",
    "SignIn",
    "Tenant",
    "TokenSource",
    "graph_root",
    "resource",
    "tokens",
]
