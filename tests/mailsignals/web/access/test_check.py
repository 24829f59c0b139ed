"""What keeps people from the dashboard, or lets too many in."""

import datetime as dt
from typing import Any

import pytest

from mailsignals import clock
from mailsignals.config import Settings
from mailsignals.errors import UserError
from mailsignals.web.access.check import access_problems, refuse_openness
from tests.support.issuer import Provider

NOW = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


def settings(host: str = "127.0.0.1", **dashboard: Any) -> Settings:
    """A configuration with these keys of the dashboard."""
    document = {
        "company": {"name": "Us", "domains": ["us.test"]},
        "service": {"host": host},
        "dashboard": dashboard,
    }
    return Settings.model_validate(document)


def by_issuer(issuer: str, **roles: Any) -> Settings:
    """A configuration by which people sign in at an issuer."""
    return settings(
        access="oidc",
        url="https://mail.us.test",
        oidc={"issuer": issuer, "client_id": "us"},
        roles=roles,
    )


def test_at_this_machine_nothing_is_wrong() -> None:
    """The configuration that is there without any."""
    assert access_problems(settings(), NOW) == []


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "mail.us.test"])
def test_an_open_door_is_refused(host: str) -> None:
    """Whoever starts the dashboard is told to let people sign in; a check says the same."""
    open_to_all = settings(host, access="open")
    with pytest.raises(UserError, match=r"dashboard\.access.*oidc.*proxy.*127\.0\.0\.1") as refused:
        refuse_openness(open_to_all, host)
    assert access_problems(open_to_all, NOW) == [str(refused.value)]
    refuse_openness(open_to_all, "127.0.0.1")


def test_roles_that_nobody_has_are_told_of() -> None:
    """Where people sign in, somebody has to see everything."""
    with Provider(now=clock.now).running() as provider:
        (problem,) = access_problems(by_issuer(provider.issuer), clock.now())
        assert problem.startswith("dashboard.roles is empty")
        assert access_problems(by_issuer(provider.issuer, head=["ana@us.test"]), clock.now()) == []


def test_an_issuer_that_cannot_be_reached_is_told_of() -> None:
    """With the key that names it."""
    with Provider(now=clock.now).running() as provider:
        gone = by_issuer(provider.issuer, head=["ana@us.test"])
    (problem,) = access_problems(gone, clock.now())
    assert problem.startswith("dashboard.oidc.issuer: http://127.0.0.1")


def test_a_secret_that_is_missing_is_told_of() -> None:
    """The variable that should hold it is named."""
    configured = by_issuer("https://issuer.test", head=["ana@us.test"])
    oidc = configured.dashboard.oidc.model_copy(update={"client_secret_env": "NO_SUCH_VARIABLE"})
    dashboard = configured.dashboard.model_copy(update={"oidc": oidc})
    (problem,) = access_problems(configured.model_copy(update={"dashboard": dashboard}), NOW)
    assert "NO_SUCH_VARIABLE" in problem
