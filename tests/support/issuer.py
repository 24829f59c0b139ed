"""An OpenID provider on 127.0.0.1: discovery, authorization with PKCE, codes that work once, tokens signed by RSA."""

import base64
import dataclasses
import datetime as dt
import functools
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.support.loopback import Answer, Loopback, Request

CLIENT, SECRET = "dashboard", "not so secret"


@dataclasses.dataclass
class Code:
    """Somebody who signed in and has not come back yet."""

    claims: dict[str, Any]
    challenge: str
    redirect_uri: str


class Provider(Loopback):
    """Whoever is to sign in next does, without being asked for a password."""

    def __init__(self, *, now: Callable[[], dt.datetime]) -> None:
        super().__init__()
        self.now = now
        self.person: dict[str, Any] = {}
        """The claims of who signs in next."""
        self.codes: dict[str, Code] = {}
        self.changes: dict[str, Any] = {}
        """What stands in the next tokens instead; None: nothing does."""
        self.header: dict[str, str] = {"alg": "RS256"}
        self.auth_methods = ["client_secret_basic", "client_secret_post"]
        self.document: dict[str, Any] = {}
        """What stands in the discovery document instead."""
        self.refuses_with: str | None = None
        """The error with which people come back."""
        self.keys = KeySet([_key("first")])
        self.shown = self.keys
        """The keys that it publishes."""

    @property
    def issuer(self) -> str:
        """Its address, as tokens name it."""
        return self.root.rstrip("/")

    def rotate(self) -> None:
        """Sign with a new key from now on."""
        self.keys = self.shown = KeySet([_key("second")])

    def route(self, request: Request) -> Answer:
        """The server's own answer."""
        match request.method, request.path:
            case "GET", "/.well-known/openid-configuration":
                return Answer.of(self._discovery())
            case "GET", "/keys":
                return Answer.of(self.shown.as_dict(private=False))
            case "GET", "/authorize":
                return self._authorize(request)
            case "POST", "/token":
                return self._token(request)
            case _:
                return Answer.of({"error": "not_found"}, 404)

    def _discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "token_endpoint_auth_methods_supported": self.auth_methods,
            **self.document,
        }

    def _authorize(self, request: Request) -> Answer:
        """Send the person back with a code, or with why not."""
        back = {"state": request.one("state")}
        if request.one("client_id") != CLIENT or request.one("response_type") != "code":
            return Answer.of({"error": "invalid_request"}, 400)
        if "openid" not in request.one("scope").split() or request.one("code_challenge_method") != "S256":
            return Answer.of({"error": "invalid_request"}, 400)
        if self.refuses_with:
            back["error"] = self.refuses_with
        else:
            back["code"] = code = secrets.token_urlsafe(16)
            claims = {"sub": "1", "nonce": request.one("nonce"), **self.person}
            self.codes[code] = Code(claims, request.one("code_challenge"), request.one("redirect_uri"))
        location = f"{request.one('redirect_uri')}?{urlencode(back)}"
        return Answer(status=302, headers={"Location": location})

    def _token(self, request: Request) -> Answer:
        form = {name: values[-1] for name, values in parse_qs(request.body.decode()).items()}
        if not self._is_client(request, form):
            return Answer.of({"error": "invalid_client"}, 401)
        code = self.codes.pop(form.get("code", ""), None)
        hashed = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if (
            code is None
            or form.get("grant_type") != "authorization_code"
            or form.get("redirect_uri") != code.redirect_uri
            or base64.urlsafe_b64encode(hashed).rstrip(b"=").decode() != code.challenge
        ):
            return Answer.of({"error": "invalid_grant"}, 400)
        access = secrets.token_urlsafe(16)
        token = {"access_token": access, "token_type": "Bearer", "expires_in": 300}
        return Answer.of(token | {"id_token": self._id_token(code.claims, access)})

    def _is_client(self, request: Request, form: Mapping[str, str]) -> bool:
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if "client_secret_basic" in self.auth_methods:
            return request.headers.get("authorization") == f"Basic {basic}"
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)

    def _id_token(self, claims: Mapping[str, Any], access: str) -> str:
        at = int(self.now().timestamp())
        half = hashlib.sha256(access.encode()).digest()[:16]
        content = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": at,
            "exp": at + 300,
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
            **claims,
            **self.changes,
        }
        content = {name: value for name, value in content.items() if value is not None}
        if self.header["alg"] == "none":
            return f"{_part(self.header)}.{_part(content)}."
        key: Any = self.keys.keys[0]
        if self.header["alg"] == "HS256":  # signed with what everybody knows: the public key
            return _by_secret(self.header, content, key.as_pem(private=False))
        return jwt.encode({**self.header, "kid": key.kid}, content, key)


@functools.cache
def _key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})


def _part(content: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _by_secret(header: Mapping[str, str], content: Mapping[str, Any], key: bytes) -> str:
    signed = f"{_part(header)}.{_part(content)}"
    mac = hmac.new(key, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
