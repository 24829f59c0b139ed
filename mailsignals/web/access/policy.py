"""Access decisions: the requester of a request, and the response if it is refused."""

import datetime as dt
import functools
import os
from collections.abc import Callable, Collection

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mailsignals.config.dashboard import DashboardSection, OidcSection
from mailsignals.readmodel.editions import Edition
from mailsignals.readmodel.roles import EVERYBODY, Viewer
from mailsignals.store.tables.audit import Audit, AuditEntry, AuditKind
from mailsignals.store.tables.tokens import Tokens
from mailsignals.web.access.auditing import Auditor
from mailsignals.web.access.cookies import Sessions
from mailsignals.web.access.hosts import answers_to, own_origins
from mailsignals.web.access.identity_of_request import Did, Requester, anonymous, bring, note, note_refusal
from mailsignals.web.access.notices import is_api, notice
from mailsignals.web.access.oidc import Issuer
from mailsignals.web.access.proxy import client_of, named_by
from mailsignals.web.access.rates import RETRY_SECONDS, Rates, RequestCount
from mailsignals.web.access.roles import viewer_of, warn_of_groups
from mailsignals.web.access.same_origin import SAFE, is_ours
from mailsignals.web.access.targets import BACK, SIGN_IN, is_signing_in, sign_in_for
from mailsignals.web.access.tokens import bearer_in, viewer_of_token
from mailsignals.web.site import Site


class Access:
    """The access rules of one dashboard under its current configuration; safe to use from any thread."""

    def __init__(
        self, site: Site, *, is_open: Callable[[Request], bool], rates: Rates | None, bound: str | None
    ) -> None:
        store = site.settings().store.path
        self.site = site
        self.auditor = Auditor(Audit(store), keep=lambda: dt.timedelta(days=self.dashboard.audit_days))
        self.sessions = Sessions(site.settings, site.now)
        self._tokens = Tokens(store)
        self._is_open, self._rates, self._bound = is_open, rates or Rates(), bound
        self._issuer: Issuer | None = None

    @property
    def dashboard(self) -> DashboardSection:
        """The current configuration of access to the dashboard."""
        return self.site.settings().dashboard

    def close(self) -> None:
        """Write pending audit entries and close connections."""
        self.auditor.flush()
        if self._issuer is not None:
            self._issuer.close()

    def issuer(self) -> Issuer:
        """Return the issuer that signs people in; a new one after the configuration has changed."""
        section, back_to = self.dashboard.oidc, f"{self.dashboard.url}{BACK}"
        if self._issuer is None or (self._issuer.section, self._issuer.back_to) != (section, back_to):
            if self._issuer is not None:
                self._issuer.close()
            self._issuer = Issuer(section, secret=functools.partial(_secret_of, section), back_to=back_to)
        return self._issuer

    def admit(self, request: Request) -> Response | None:
        """Return the response that refuses or redirects a request; None if it may go on.

        The request carries its requester from then on.
        """
        client = self._client(request)
        stranger = anonymous(self.site.settings().company.timezone)
        bring(request, stranger, client=client)
        elsewhere = self._elsewhere(request)
        if elsewhere is not None:
            return elsewhere
        found = self.who(request)
        who = stranger if found is None or isinstance(found, str) else found
        bring(request, who, client=client)
        improper = self._improper(request, who, client)
        if improper is not None:
            return improper
        if isinstance(found, str):
            note(request, Did(detail=found))
            return self._unknown(request, found)
        if who.is_known or is_signing_in(request.scope["path"]) or self._is_open(request):
            return None
        return self._to_sign_in(request)

    def _elsewhere(self, request: Request) -> Response | None:
        """Return the refusal of a request to another host, or to pages that are switched off."""
        if self.dashboard.access == "off":
            return self._say(
                request,
                "The dashboard is switched off",
                'Set dashboard.access to "oidc", "proxy" or "open".',
                status=404,
            )
        if answers_to(request.headers.get("host", ""), self.dashboard, bound=self._bound):
            return None
        note_refusal(request, "unknown host name")
        text = "Open the dashboard under localhost, or under the host of dashboard.url."
        return self._say(request, "Unknown host name", text, status=400)

    def _improper(self, request: Request, who: Requester, client: str) -> Response | None:
        """Return the refusal of a request that exceeds a rate limit, or comes from a page of another site."""
        if not self._has_rate(request, who, client):
            wait = {"Retry-After": f"{RETRY_SECONDS}"}
            text = "Wait a minute, then try again."
            return self._say(request, "Too many requests", text, status=429, headers=wait)
        if self._is_ours(request):
            return None
        note(request, Did(detail="from another site"))
        text = "Nothing was changed. Open the page in the dashboard and send the form from there."
        return self._say(request, "The form came from another site", text, status=403)

    def is_to_be_noted(self, entry: AuditEntry) -> bool:
        """Return whether an entry belongs in the audit log: all but refusals beyond the rate limit.

        A refusal counts towards the limit.
        """
        return entry.kind is not AuditKind.REFUSED or self._rates.permits(
            RequestCount.REFUSAL, entry.who or entry.client
        )

    def who(self, request: Request) -> Requester | str | None:
        """Return the requester, the reason why they are refused, or None without any credentials."""
        dashboard = self.dashboard
        bearer = (
            bearer_in(request.headers.getlist("authorization")) if is_api(request.scope["path"]) else None
        )
        if bearer is not None and (dashboard.access != "proxy" or bearer.is_ours):
            return viewer_of_token(bearer, self._tokens, self.site.settings(), now=self.site.now())
        if dashboard.access == "open":
            viewer = Viewer(address=None, roles=EVERYBODY, timezone=self.site.settings().company.timezone)
            return Requester(viewer=viewer, name="", way="open")
        if dashboard.access == "proxy":
            return self._by_proxy(request)
        session = self.sessions.of(request)
        if session is None:
            return None
        viewer = viewer_of(
            session.address, session.groups, self.site.settings(), csms=self._csms(request), signed_in=True
        )
        return Requester(viewer=viewer, name=session.address, way="session", session=session)

    def _by_proxy(self, request: Request) -> Requester | str:
        proxy = self.dashboard.proxy
        groups = request.headers.getlist(proxy.groups_header) if proxy.groups_header else []
        named = named_by(_peer(request), request.headers.getlist(proxy.header), groups, proxy)
        if isinstance(named, str):
            return named
        warn_of_groups(named.groups, self.dashboard.roles)
        viewer = viewer_of(
            named.address, named.groups, self.site.settings(), csms=self._csms(request), signed_in=False
        )
        return Requester(viewer=viewer, name=named.address, way="proxy")

    def _csms(self, request: Request) -> Collection[str]:
        edition = self.site.edition(request)
        return _csms_in(edition) if edition else frozenset()

    def _client(self, request: Request) -> str:
        forwarded = request.headers.getlist("x-forwarded-for")
        return client_of(_peer(request), forwarded, self.dashboard.proxy)

    def _has_rate(self, request: Request, who: Requester, client: str) -> bool:
        """Return true if the requester is within the rate limit; there is none without sign-in on one machine."""
        if self.dashboard.access == "open":
            return True
        if not who.is_known and not self._is_open(request):
            return self._rates.permits(RequestCount.SIGN_IN, client)
        asked = RequestCount.API if is_api(request.scope["path"]) else RequestCount.PAGE
        if request.method not in SAFE:
            asked = RequestCount.CHANGE
        return self._rates.permits(asked, who.name or client)

    def _is_ours(self, request: Request) -> bool:
        return is_ours(
            request.method,
            site=request.headers.get("sec-fetch-site"),
            origin=request.headers.get("origin"),
            own=own_origins(request.headers.get("host", ""), self.dashboard),
        )

    def _unknown(self, request: Request, why: str) -> Response:
        headers = {"WWW-Authenticate": "Bearer"} if is_api(request.scope["path"]) else None
        text = f"The request was refused, because {why}. Sign in again, or send a valid token."
        return self._say(request, "You are not signed in", text, status=401, headers=headers)

    def _to_sign_in(self, request: Request) -> Response:
        if is_api(request.scope["path"]):
            return self._unknown(request, "it has no token and no session")
        if "HX-Request" in request.headers:  # a part of a page: the whole page must be loaded again
            return Response(status_code=401, headers={"HX-Refresh": "true"})
        if request.method in SAFE:
            return RedirectResponse(sign_in_for(request), status_code=303)
        return self._say(
            request,
            "Your session has ended",
            "Nothing was changed. Sign in, then send the form again.",
            status=401,
            links={SIGN_IN: "Sign in"},
        )

    def _say(self, request: Request, title: str, text: str, **options: object) -> Response:
        return notice(request, self.site, title, text, **options)  # type: ignore[arg-type]  # handed through


def _peer(request: Request) -> str | None:
    return request.client.host if request.client else None


@functools.lru_cache(maxsize=2)
def _csms_in(edition: Edition) -> frozenset[str]:
    """Return the CSMs of the account list, in lower case."""
    named = edition.table("accounts")["csm"].drop_nulls().str.to_lowercase()
    return frozenset(named.unique().to_list())


def _secret_of(section: OidcSection) -> str:
    return section.secret.read(os.environ).strip()
