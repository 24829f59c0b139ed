"""Whether the dashboard's access works, as far as one can see from here: for ``mailsignals check``."""

import contextlib
import os
from collections.abc import Iterator

from mailsignals import clock
from mailsignals.cli.serving_rules import refuse_openness
from mailsignals.config import Settings
from mailsignals.errors import UserError


def access_problems(settings: Settings) -> Iterator[str]:
    """What keeps people from the dashboard, or lets too many in; each a sentence that says what to do."""
    dashboard = settings.dashboard
    try:
        refuse_openness(settings, settings.service.host)
    except UserError as error:
        yield str(error)
    if dashboard.access in {"oidc", "proxy"}:
        roles = dashboard.roles
        if not (roles.lead or roles.head or roles.operator):
            yield (
                "dashboard.roles is empty, so CSMs see their accounts and nobody sees the rest. "
                "Name at least an operator and a head there."
            )
    if dashboard.access == "oidc":
        yield from _oidc_problems(settings)


def _oidc_problems(settings: Settings) -> Iterator[str]:
    from mailsignals.web.access.oidc import Issuer, OidcError  # noqa: PLC0415  # the dashboard, as above

    section = settings.dashboard.oidc
    try:
        if section.has_secret:
            section.secret.read(os.environ)
        with contextlib.closing(Issuer(section, secret=str, back_to="")) as issuer:
            issuer.discovered(at=clock.now())
    except UserError as error:
        yield str(error)
    except OidcError as error:
        yield f"dashboard.oidc.issuer: {error}."
