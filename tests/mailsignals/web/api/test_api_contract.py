"""The description of the API and what it does are the same."""

from typing import Any

import hypothesis.strategies as st
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import positive_data_acceptance

from mailsignals.web.api.app import description
from mailsignals.web.app import application
from mailsignals.workspace import Workspace
from tests.mailsignals.web.conftest import site_of

EXAMPLES = 15
"""Of each operation, and of each mode: what fits the description, and what does not."""

POSITIVE, NEGATIVE = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE

PATHS = description()["paths"]
OPERATIONS = [
    (path, mode)
    for path, operations in PATHS.items()
    for mode in (POSITIVE, NEGATIVE)
    # Any text may be an id, and where there is no parameter nothing can be wrong with it.
    if mode is POSITIVE or any(each["in"] == "query" for each in operations["get"].get("parameters", []))
]

HERE = {"Host": "127.0.0.1"}
"""Under no other name is a dashboard known that asks nobody to sign in."""

Schema = Any
"""What schemathesis makes of a description; it names no type for it."""


@pytest.fixture(scope="session")
def described(company: Workspace) -> Schema:
    """What the running API says of itself."""
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", application(site_of(company)), headers=HERE)


@pytest.mark.slow
@pytest.mark.parametrize(("path", "mode"), OPERATIONS)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_api_does_what_its_description_says(
    described: Schema, path: str, mode: schemathesis.GenerationMode, data: st.DataObject
) -> None:
    """Statuses, types, headers and rows are those that are described, and what is not described is refused.

    That all that fits is taken cannot hold: no pattern says which cursors were given, or which days a calendar has.
    """
    case = data.draw(described[path]["GET"].as_strategy(generation_mode=mode))
    case.call_and_validate(headers=HERE, excluded_checks=[positive_data_acceptance])


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/accounts/{account_id}", "/accounts/{account_id}/history"])
def test_an_account_that_is_there_is_as_described(described: Schema, company: Workspace, path: str) -> None:
    """So is one without any mail, flag or recorded day."""
    for account_id in company.book.accounts["account_id"]:
        case = described[path]["GET"].Case(path_parameters={"account_id": account_id})
        assert (
            case.call_and_validate(headers=HERE, excluded_checks=[positive_data_acceptance]).status_code
            == 200
        )
