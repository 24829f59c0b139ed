"""Sessions in a signed cookie: the address, groups, start and last use."""

import dataclasses
import datetime as dt
import hashlib
import secrets
from typing import Any, Literal

from itsdangerous import BadData, URLSafeSerializer

IDLE = dt.timedelta(hours=8)
"""A session ends after this time without a request."""
RENEWED_AFTER = dt.timedelta(minutes=5)
"""The age of the last use in the cookie after which the cookie is renewed."""
SIGN_IN_LASTS = dt.timedelta(minutes=10)
"""The time limit of a sign-in."""

COOKIE, SIGN_IN_COOKIE = "mailsignals", "mailsignals-sign-in"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session of a signed-in person."""

    id: str
    address: str
    groups: tuple[str, ...]
    """The groups with a role at sign-in."""
    began_at: dt.datetime
    used_at: dt.datetime
    """The last use, to within ``RENEWED_AFTER``."""

    def ends_at(self, lasts: dt.timedelta) -> dt.datetime:
        """Return the date and time at which the session ends if it is not used again."""
        return min(self.began_at + lasts, self.used_at + IDLE)

    def used(self, at: dt.datetime) -> "Session":
        """Return a copy of the session that was last used at a date and time."""
        return dataclasses.replace(self, used_at=at)

    def lives(self, *, at: dt.datetime, lasts: dt.timedelta) -> bool:
        """Return whether the session has begun and is not over yet."""
        return self.began_at <= at < self.ends_at(lasts)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A sign-in in progress: the person was redirected to the issuer."""

    state: str
    nonce: str
    verifier: str
    target: str
    """The path to open after sign-in."""
    began_at: dt.datetime

    @classmethod
    def begun(cls, target: str, *, at: dt.datetime) -> "SignIn":
        """Return a new sign-in with random state, nonce and verifier."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state=state, nonce=nonce, verifier=verifier, target=target, began_at=at)

    def lives(self, *, at: dt.datetime) -> bool:
        """Return whether the sign-in has begun and has not expired yet."""
        return self.began_at <= at < self.began_at + SIGN_IN_LASTS


class Seal:
    """Signs the contents of cookies and verifies them."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def session(self, text: str) -> Session | None:
        """Return the session in a cookie; None if its signature is invalid."""
        match self._read(text, salt=COOKIE):
            case [str(name), str(address), list(groups), int(began), int(used)]:
                return Session(
                    id=name,
                    address=address,
                    groups=tuple(map(str, groups)),
                    began_at=_instant(began),
                    used_at=_instant(used),
                )
            case _:
                return None

    def of_session(self, session: Session) -> str:
        """Return the signed text of a session, for its cookie."""
        times = _seconds(session.began_at), _seconds(session.used_at)
        return self._write([session.id, session.address, list(session.groups), *times], salt=COOKIE)

    def sign_in(self, text: str) -> SignIn | None:
        """Return the sign-in in a cookie; None if its signature is invalid."""
        match self._read(text, salt=SIGN_IN_COOKIE):
            case [str(state), str(nonce), str(verifier), str(target), int(began)]:
                return SignIn(
                    state=state, nonce=nonce, verifier=verifier, target=target, began_at=_instant(began)
                )
            case _:
                return None

    def of_sign_in(self, sign_in: SignIn) -> str:
        """Return the signed text of a sign-in, for its cookie."""
        content = [sign_in.state, sign_in.nonce, sign_in.verifier, sign_in.target, _seconds(sign_in.began_at)]
        return self._write(content, salt=SIGN_IN_COOKIE)

    def _signer(self, salt: str) -> URLSafeSerializer:
        options = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        return URLSafeSerializer(self._key, salt=salt, signer_kwargs=options)

    def _read(self, text: str, *, salt: str) -> Any:  # any JSON value  # noqa: ANN401
        try:
            return self._signer(salt).loads(text)
        except BadData:
            return None

    def _write(self, content: list[Any], *, salt: str) -> str:
        return str(self._signer(salt).dumps(content))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """A cookie that scripts can't read and other sites don't send with their forms."""

    name: str
    secure: bool
    """True if the dashboard uses https; the name then also binds the cookie to this host."""

    @property
    def full_name(self) -> str:
        """The name of the cookie in browsers."""
        return f"__Host-{self.name}" if self.secure else self.name

    def options(self, *, lasts: dt.timedelta) -> dict[str, Any]:
        """Arguments of ``set_cookie``; ``Lax``, because people follow links in emails."""
        samesite: Literal["lax"] = "lax"
        return {
            "key": self.full_name,
            "max_age": max(0, int(lasts.total_seconds())),
            "path": "/",
            "secure": self.secure,
            "httponly": True,
            "samesite": samesite,
        }


def _seconds(at: dt.datetime) -> int:
    return int(at.timestamp())


def _instant(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
