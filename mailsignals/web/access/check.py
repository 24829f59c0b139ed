"""Check the configuration of access to the dashboard."""

import contextlib
import datetime as dt
import os
from collections.abc import Iterator

from mailsignals.config import Settings
from mailsignals.errors import UserError
from mailsignals.web.access.hosts import openness_problem


def refuse_openness(settings: Settings, host: str) -> None:
    """Refuse an address at which others could read the pages without signing in.

    Raises:
        UserError: they could; the text names the keys to configure.
    """
    problem = openness_problem(settings.dashboard, host)
    if problem:
        raise UserError(problem)


def access_problems(settings: Settings, now: dt.datetime) -> list[str]:
    """Return the problems of access to the dashboard and what to do, one text per problem.

    With ``dashboard.access = "oidc"`` this requests the public documents of the issuer.
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
            yield ("dashboard.roles is empty, so only CSMs have access. Add at least an operator and a head.")
    if dashboard.access == "oidc":
        yield from _oidc_problems(settings, now)


def _oidc_problems(settings: Settings, now: dt.datetime) -> Iterator[str]:
    from mailsignals.web.access.oidc import Issuer, OidcError  # noqa: PLC0415  # only for access = "oidc"

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
