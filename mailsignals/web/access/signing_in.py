"""Routes to sign in with OpenID Connect and to sign out."""

import hmac
import logging
from collections.abc import Callable, Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from mailsignals.errors import UserError
from mailsignals.store.tables.audit import AuditKind
from mailsignals.web.access.identity import identity
from mailsignals.web.access.identity_of_request import Did, note
from mailsignals.web.access.notices import not_found, notice
from mailsignals.web.access.oidc import OidcError
from mailsignals.web.access.policy import Access
from mailsignals.web.access.proxy import ProxyIdentity
from mailsignals.web.access.roles import named_groups, warn_of_groups
from mailsignals.web.access.sessions import SignIn
from mailsignals.web.access.targets import BACK, HOME, SIGN_IN, SIGN_OUT, SIGNED_OUT, safe_target

log = logging.getLogger(__name__)


class _RefusedError(Exception):
    """A sign-in was refused; the text has the reason and the remedy."""

    def __init__(self, text: str, *, who: str | None = None) -> None:
        super().__init__(text)
        self.who = who
        """The address of the person, if it is known."""


def sign_in_routes(access: Access) -> Sequence[Route]:
    """Return the routes; they answer 404 unless ``dashboard.access`` is ``oidc``."""
    signing_in = _SigningIn(access)
    return [
        _route(SIGN_IN, signing_in.begin, access),
        _route(BACK, signing_in.come_back, access),
        _route(SIGN_OUT, signing_in.sign_out, access, method="POST"),
        _route(SIGNED_OUT, signing_in.signed_out, access),
    ]


def _route(path: str, answer: Callable[[Request], Response], access: Access, *, method: str = "GET") -> Route:
    def answered(request: Request) -> Response:
        if access.dashboard.access != "oidc":
            return not_found(request, access.site)
        return answer(request)

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(answered, request)

    return Route(path, endpoint, methods=[method])


class _SigningIn:
    def __init__(self, access: Access) -> None:
        self._access = access

    def begin(self, request: Request) -> Response:
        """Redirect to the issuer, and store the state of the sign-in in a cookie."""
        access, now = self._access, self._access.site.now()
        sign_in = SignIn.begun(safe_target(request.query_params.get("to", HOME)), at=now)
        another = request.query_params.get("as") == "another"
        try:
            url = access.issuer().sends_to(sign_in, at=now, choose=another)
        except (OidcError, UserError) as error:
            return self._refused(request, _broken(error))
        answer = RedirectResponse(url, status_code=303)
        access.sessions.remember(answer, sign_in)
        return answer

    def come_back(self, request: Request) -> Response:
        """Start a session for the person that the issuer names, and redirect to the requested page."""
        access = self._access
        try:
            sign_in, named = self._named(request)
        except _RefusedError as error:
            return self._refused(request, error)
        before = access.sessions.of(request)
        answer = RedirectResponse(sign_in.target, status_code=303)
        if before is not None:
            access.sessions.end(answer, before)
        access.sessions.forget(answer)
        groups = named_groups(named.groups, access.dashboard.roles)
        warn_of_groups(named.groups, access.dashboard.roles)
        access.sessions.begin(answer, named.address, groups)
        note(request, Did(kind=AuditKind.SIGNED_IN, name=named.address))
        return answer

    def _named(self, request: Request) -> tuple[SignIn, ProxyIdentity]:
        """Return the sign-in of a request, and the identity that the issuer states.

        Raises:
            _RefusedError: no sign-in was started in this browser, or the issuer refuses it.
        """
        access, given = self._access, request.query_params
        sign_in = access.sessions.remembered(request)
        if sign_in is None:
            raise _RefusedError(
                "Sign-in was not completed: it took too long, or was started in another browser. Try again."
            )
        if not hmac.compare_digest(given.get("state", "").encode(), sign_in.state.encode()):
            raise _RefusedError(
                "Sign-in was not completed: this response belongs to another attempt. Try again."
            )
        if "error" in given:
            raise _RefusedError(
                f"Sign-in was not completed: the sign-in page reported {given['error'][:100]!r}. Try again."
            )
        try:
            claims = access.issuer().claims(given.get("code", ""), sign_in, at=access.site.now())
        except (OidcError, UserError) as error:
            raise _broken(error) from None
        named = identity(claims, access.dashboard.oidc)
        if isinstance(named, str):
            raise _RefusedError(f"Your address is not trusted: {named}. Sign in with a company account.")
        if not access.site.settings().may_sign_in(named.address):
            raise _RefusedError(
                f"{named.address} is outside dashboard.allowed_domains. Sign in with another address.",
                who=named.address,
            )
        return sign_in, named

    def sign_out(self, request: Request) -> Response:
        """End the session, also for copies of its cookie."""
        answer = RedirectResponse(SIGNED_OUT, status_code=303)
        session = self._access.sessions.of(request)
        if session is not None:
            self._access.sessions.end(answer, session)
            note(request, Did(kind=AuditKind.SIGNED_OUT))
        return answer

    def signed_out(self, request: Request) -> Response:
        """Return the page after sign-out."""
        return notice(
            request,
            self._access.site,
            "You are signed out",
            "You may still be signed in at your identity provider.",
            status=200,
            links={f"{SIGN_IN}?as=another": "Sign in again"},
        )

    def _refused(self, request: Request, error: _RefusedError) -> Response:
        note(request, Did(kind=AuditKind.REFUSED, detail=str(error), name=error.who))
        answer = notice(
            request,
            self._access.site,
            "Sign-in failed",
            str(error),
            status=403,
            links={f"{SIGN_IN}?as=another": "Try again"},
        )
        self._access.sessions.forget(answer)
        return answer


def _broken(error: Exception) -> _RefusedError:
    """Log an error of the sign-in itself, and return the refusal for the person."""
    log.error("sign_in_failed", extra={"problem": str(error)})
    return _RefusedError(
        f"Sign-in does not work at the moment: {error}. Tell your operator, who finds more in the log."
    )
