"""The token endpoint of Entra."""

import base64
import itertools
import json
from collections.abc import Sequence
from urllib.parse import parse_qs

from tests.support.loopback import Answer, Request

SECRET = "right-secret"  # a test's


class Entra:
    """Gives out tokens."""

    def __init__(self) -> None:
        self.roles: Sequence[str] = ("Mail.ReadBasic.All",)
        self.refusal: tuple[int, str, str] | None = None
        """Status, error and description that every request for a token is answered."""
        self.tokens: set[str] = set()
        self.asked = 0
        self.device: list[tuple[str, str]] = []
        """What polls for a device code are answered before they succeed: error and description."""
        self._numbers = itertools.count(1)

    def token(self) -> str:
        """A new access token."""
        claims = {"roles": list(self.roles), "jti": next(self._numbers)}
        payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        token = f"e30.{payload}.x"
        self.tokens.add(token)
        return token

    def revoke(self) -> None:
        """End all tokens."""
        self.tokens.clear()

    def accepts(self, authorization: str) -> bool:
        """Whether a request carries a good token."""
        return authorization.removeprefix("Bearer ") in self.tokens

    def answer(self, request: Request, *, root: str) -> Answer:
        """Discovery, or a token, or why there is none."""
        authority = f"{root.replace('http://', 'https://')}tenant"
        if request.path.endswith("openid-configuration"):
            return Answer.of(
                {
                    "authorization_endpoint": f"{authority}/oauth2/v2.0/authorize",
                    "token_endpoint": f"{authority}/oauth2/v2.0/token",
                    "device_authorization_endpoint": f"{authority}/oauth2/v2.0/devicecode",
                    "issuer": f"{authority}/v2.0",
                }
            )
        form = {name: values[-1] for name, values in parse_qs(request.body.decode()).items()}
        if request.path.endswith("/devicecode"):
            return Answer.of(
                {
                    "user_code": "ABCD",
                    "device_code": "d",
                    "verification_uri": "https://microsoft.com/devicelogin",
                    "message": "Open https://microsoft.com/devicelogin and type ABCD.",
                    "expires_in": 900,
                    "interval": 0,
                }
            )
        self.asked += 1
        return self._token(form)

    def _token(self, form: dict[str, str]) -> Answer:
        if self.refusal is not None:
            return _refused(*self.refusal)
        if "client_secret" in form and form["client_secret"] != SECRET:
            return _refused(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
        if form.get("grant_type", "").endswith("device_code"):
            if self.device:
                return _refused(400, *self.device.pop(0))
            return self._given(refresh_token="r", id_token=_identity(), scope="Mail.ReadBasic")
        return self._given()

    def _given(self, **more: str) -> Answer:
        return Answer.of({"access_token": self.token(), "token_type": "Bearer", "expires_in": 3599, **more})


def _refused(status: int, error: str, description: str) -> Answer:
    codes = [
        int(word) for word in description.replace("AADSTS", " ").replace(":", " ").split() if word.isdecimal()
    ]
    return Answer.of({"error": error, "error_description": description, "error_codes": codes[:1]}, status)


def _identity() -> str:
    claims = {
        "oid": "o",
        "tid": "tenant",
        "preferred_username": "ana@us.test",
        "sub": "s",
        "aud": "client",
        "iss": "i",
        "exp": 4_102_444_800,
        "iat": 0,
    }
    return f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.x"
