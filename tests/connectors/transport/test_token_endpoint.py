import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.transport.token_endpoint import UnwellEndpointError, json_answer, token_answer

TOKEN = "a-secret-token"
GRANT = {"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"}

pytestmark = pytest.mark.scenario("unwell-token-endpoint")


@given(
    status=st.sampled_from((200, 302, 400, 401, 403, 429, 502)),
    body=st.binary(max_size=60)
    | st.integers(0, 60).map(lambda end: json.dumps(GRANT).encode()[:end])
    | st.sampled_from(
        (b"[]", b"null", b"1", b"[" * 5_000, b'{"access_token": 7}', b'{"access_token": "a\\nb"}')
    ),
)
def test_what_is_no_answer_of_oauth_is_transient(status: int, body: bytes) -> None:
    """Any other body than a JSON object, or half a grant, may be repeated; the error has nothing of the body."""
    outcome: object
    try:
        outcome = token_answer(status, {}, body)
    except UnwellEndpointError as error:
        outcome = str(error)
    sentences = {
        f"the sign-in service answered {status}",
        "the answer of the sign-in service is not a JSON object",
        "the answer of the sign-in service is incomplete",
        "the answer of the sign-in service has no token",
    }
    assert outcome in sentences if isinstance(outcome, str) else outcome == json.loads(body)


@pytest.mark.parametrize("seconds", [-1, 10**12, "soon", None, [], True, 1e400, float("nan")])
def test_a_lifetime_that_makes_no_sense_is_transient(seconds: object) -> None:
    """A library would end with an error of its own, or keep the token for ever."""
    with pytest.raises(UnwellEndpointError, match="incomplete"):
        json_answer(200, {}, json.dumps({**GRANT, "expires_in": seconds}))


def test_grants_and_rejections_pass() -> None:
    """A token with or without a lifetime, a rejection, and a description of endpoints are for the caller to read."""
    for document in (GRANT, {**GRANT, "expires_in": "3599"}, {"access_token": TOKEN}):
        assert token_answer(200, {}, json.dumps(document)) == document
    rejection = {"error": "invalid_grant", "error_description": "Bad Request"}
    assert token_answer(400, {}, json.dumps(rejection)) == rejection
    assert json_answer(200, {}, '{"token_endpoint": "x"}') == {"token_endpoint": "x"}
