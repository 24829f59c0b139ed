"""What must hold before anything is served."""

from mailsignals.config import Settings
from mailsignals.errors import UserError


def refuse_openness(settings: Settings, host: str) -> None:
    """See to it that nobody but whoever is at this machine gets in unasked.

    Raises:
        UserError: others could; it says what to configure.
    """
    from mailsignals.web.access.hosts import why_not  # noqa: PLC0415  # the dashboard, which few commands need

    problem = why_not(settings.dashboard, host)
    if problem:
        raise UserError(problem)
