"""Sessions and sign-ins in the signed cookies of browsers."""

import datetime as dt
import functools
import secrets
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from mailsignals.config import Settings
from mailsignals.secret_files import SecretFile, secret
from mailsignals.store.tables.ended_sessions import EndedSessions
from mailsignals.web.access.sessions import (
    COOKIE,
    SIGN_IN_COOKIE,
    SIGN_IN_LASTS,
    Cookie,
    Seal,
    Session,
    SignIn,
)


class Sessions:
    """The sessions of one dashboard; safe to use from any thread."""

    def __init__(self, settings: Callable[[], Settings], now: Callable[[], dt.datetime]) -> None:
        self._settings, self._now = settings, now
        self._ended = EndedSessions(settings().store.path)

    @functools.cached_property
    def _seal(self) -> Seal:
        return Seal(secret(self._settings().store.path, SecretFile.SESSIONS))

    @property
    def _lasts(self) -> dt.timedelta:
        return dt.timedelta(hours=self._settings().dashboard.session_hours)

    def _cookie(self, name: str) -> Cookie:
        return Cookie(name=name, secure=self._settings().dashboard.url.startswith("https://"))

    def of(self, request: Request) -> Session | None:
        """Return the session of a request; None if there is none or it has ended."""
        text = request.cookies.get(self._cookie(COOKIE).full_name)
        session = self._seal.session(text) if text else None
        if session is None or not session.lives(at=self._now(), lasts=self._lasts):
            return None
        return None if self._ended.has(session.id) else session

    def begin(self, answer: Response, address: str, groups: tuple[str, ...]) -> None:
        """Start a session with a new id."""
        at = self._now()
        session = Session(
            id=secrets.token_urlsafe(16), address=address, groups=groups, began_at=at, used_at=at
        )
        self.keep(answer, session)

    def keep(self, answer: Response, session: Session) -> None:
        """Set the cookie of a session in a response."""
        options = self._cookie(COOKIE).options(lasts=session.ends_at(self._lasts) - self._now())
        answer.set_cookie(value=self._seal.of_session(session), **options)

    def end(self, answer: Response, session: Session) -> None:
        """End a session, also for copies of its cookie."""
        self._ended.end(session.id, at=self._now(), until=session.began_at + self._lasts)
        answer.set_cookie(value="", **self._cookie(COOKIE).options(lasts=dt.timedelta()))

    def remember(self, answer: Response, sign_in: SignIn) -> None:
        """Set the cookie of a sign-in in a response."""
        options = self._cookie(SIGN_IN_COOKIE).options(lasts=SIGN_IN_LASTS)
        answer.set_cookie(value=self._seal.of_sign_in(sign_in), **options)

    def remembered(self, request: Request) -> SignIn | None:
        """Return the sign-in in the cookie of a request; None if there is none, or it has expired."""
        text = request.cookies.get(self._cookie(SIGN_IN_COOKIE).full_name)
        sign_in = self._seal.sign_in(text) if text else None
        return sign_in if sign_in and sign_in.lives(at=self._now()) else None

    def forget(self, answer: Response) -> None:
        """Delete the cookie of a sign-in, so that it can't be used twice."""
        answer.set_cookie(value="", **self._cookie(SIGN_IN_COOKIE).options(lasts=dt.timedelta()))
