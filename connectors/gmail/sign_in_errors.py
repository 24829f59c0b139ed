"""What Google's token endpoint means by its errors; decisions only."""

from connectors.base import ConnectorError, GiveUpError, SignInError
from connectors.gmail.errors import CONSOLE, SCOPE

_CLOCK = ("short-lived", " iat ", " exp ", "token used too early", "in the future", "timeframe")
_NOBODY = ("invalid email", "not a valid email", "user id", "impersonation", "no such user")
_DELETED = ("has been deleted", "account deleted")


def gmail_sign_in_error(
    code: str, description: str, *, mailbox: str, client: str, scope: str = SCOPE
) -> ConnectorError:
    """The error for an answer of the token endpoint (RFC 6749, 5.2, and Google's own texts).

    ``client`` is the client id of the service account, for the words of the Admin console.
    """
    text = description.lower()
    if code == "unauthorized_client":
        return SignInError(
            mailbox,
            "the service account may not act for users with the permission we need.",
            f"{CONSOLE}: add client ID {client or 'of the service account'} with exactly the scope {scope}. "
            "It can take up to 24 hours to work.",
            state="not authorised",
        )
    if code in {"invalid_grant", "invalid_request"}:
        return _invalid_grant(text, mailbox)
    if code in {"access_denied", "admin_policy_enforced", "org_internal"}:
        return SignInError(
            mailbox,
            "a policy of your Google Workspace forbids this sign-in.",
            "Allow the app: Admin console > Security > Access and data control > API controls > Manage app access.",
            state="blocked by policy",
        )
    if code == "invalid_scope":
        return SignInError(
            mailbox,
            "Google does not know the permission that we ask for.",
            f"{CONSOLE}: the scope must read {scope}.",
            state="scope missing",
            everywhere=True,
        )
    if code in {"disabled_client", "deleted_client", "invalid_client"}:
        return _key_refused(mailbox, "the service account or OAuth client is disabled, deleted or unknown.")
    return SignInError(
        mailbox,
        f"Google refused the sign-in ({code[:60] or 'no reason given'}).",
        "Run `mailsignals check`; docs/operate/google-workspace.md says what has to be granted.",
        state="sign-in refused",
    )


def _invalid_grant(text: str, mailbox: str) -> ConnectorError:
    if any(sign in text for sign in _DELETED):
        return GiveUpError(
            mailbox,
            "the account was deleted.",
            "Restore it (Admin console > Directory > Users > Recently deleted), or take the address out of the "
            "configuration; the mail that is stored stays.",
            state="deleted",
        )
    if any(sign in text for sign in _NOBODY):
        return GiveUpError(
            mailbox,
            "Google knows no such user, or the user is suspended.",
            "Look in Admin console > Directory > Users; an alias or a group cannot be read, its owner's address can.",
            state="not found",
        )
    if "signature" in text:
        return _key_refused(mailbox, "the service account's key is no longer valid.")
    if "robot is disabled" in text or "account disabled" in text:
        return _key_refused(mailbox, "the service account is disabled.")
    if any(sign in text for sign in _CLOCK):
        return SignInError(
            mailbox,
            "the clock of this machine is wrong, so Google does not accept the sign-in.",
            "Set the clock, for example by switching time synchronisation on.",
            state="clock skew",
        )
    return SignInError(
        mailbox,
        "the permission was withdrawn, or has expired.",
        "Sign in again with `mailsignals check`.",
        state="signed out",
    )


def _key_refused(mailbox: str, problem: str) -> SignInError:
    return SignInError(
        mailbox,
        problem,
        "Make a new key: Google Cloud console > IAM and admin > Service accounts > Keys; then put it in the place "
        "of the old one.",
        state="key refused",
        everywhere=True,
    )
