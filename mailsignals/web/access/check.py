"""Checks whether the dashboard's access works, as far as that can be seen from here."""

import contextlib
import datetime as dt
import os
from collections.abc import Iterator

from mailsignals.config import Settings
from mailsignals.errors import UserError
from mailsignals.web.access.hosts import openness_problem


def refuse_openness(settings: Settings, host: str) -> None:
    """Refuse to serve the dashboard at an address where others would get in without signing in.

    Raises:
        UserError: they would; it says what to configure.
    """
    problem = openness_problem(settings.dashboard, host)
    if problem:
        raise UserError(problem)


def access_problems(settings: Settings, now: dt.datetime) -> list[str]:
    """Return what keeps people from the dashboard, or lets too many in, and what to do, in sentences.

    With ``dashboard.access = "oidc"`` this asks the issuer for its public documents.
    """
    return list(_problems(settings, now))


def _problems(settings: Settings, now: dt.datetime) -> Iterator[str]:
    dashboard = settings.dashboard
    problem = openness_problem(dashboard, settings.service.host)
    if problem:
        yield problem
    if dashboard.access in {"oidc", "proxy"}:
        roles = dashboard.roles
        if not (roles.lead or roles.head or roles.operator):
            yield (
                "dashboard.roles is empty, so CSMs see their accounts and nobody sees the rest. "
                "Name at least an operator and a head there."
            )
    if dashboard.access == "oidc":
        yield from _oidc_problems(settings, now)


def _oidc_problems(settings: Settings, now: dt.datetime) -> Iterator[str]:
    from mailsignals.web.access.oidc import Issuer, OidcError  # noqa: PLC0415  # needed for access = "oidc" alone

    section = settings.dashboard.oidc
    try:
        if section.has_secret:
            section.secret.read(os.environ)
        with contextlib.closing(Issuer(section, secret=str, back_to="")) as issuer:
            issuer.discovered(at=now)
    except UserError as error:
        yield str(error)
    except OidcError as error:
        yield f"dashboard.oidc.issuer: {error}."
