"""What Google's token endpoint says when it gives no token, by a name of ours."""

from typing import NamedTuple

from tests.support.loopback import Answer


class Refusal(NamedTuple):
    """An error of the token endpoint (RFC 6749, 5.2)."""

    status: int
    error: str
    description: str

    def answer(self) -> Answer:
        """As JSON."""
        return Answer.of({"error": self.error, "error_description": self.description}, self.status)


def _invalid_grant(description: str) -> Refusal:
    return Refusal(400, "invalid_grant", description)


REFUSALS = {
    "not_delegated": Refusal(
        401,
        "unauthorized_client",
        "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of "
        "the scopes requested.",
    ),
    "no_such_user": _invalid_grant("Invalid email or User ID"),
    "not_an_address": _invalid_grant("Not a valid email"),
    "deleted_user": _invalid_grant("Account has been deleted"),
    "just_deleted_user": _invalid_grant("The account has been deleted"),
    "long_gone_user": Refusal(400, "invalid_request", 'Invalid impersonation "sub" field.'),
    "clock_skew": _invalid_grant(
        "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat "
        "and exp values in the JWT claim."
    ),
    "wrong_key": _invalid_grant("Invalid JWT Signature."),
    "wrong_audience": _invalid_grant("Invalid JWT: Failed audience check."),
    "unknown_account": _invalid_grant("Invalid grant: account not found"),
    "disabled_account": _invalid_grant("Robot is disabled"),
    "revoked": _invalid_grant("Token has been expired or revoked."),
    "malformed": _invalid_grant("Bad Request"),
    "invalid_scope": Refusal(400, "invalid_scope", "Invalid OAuth scope or ID token audience provided."),
    "disabled_client": Refusal(401, "disabled_client", "The OAuth client was disabled."),
    "deleted_client": Refusal(401, "deleted_client", "The OAuth client was deleted."),
    "invalid_client": Refusal(401, "invalid_client", "The OAuth client was not found."),
    "wrong_secret": Refusal(401, "invalid_client", "Unauthorized"),
    "access_denied": Refusal(403, "access_denied", "Account restricted"),
    "admin_policy": Refusal(400, "admin_policy_enforced", "Access is blocked by your administrator."),
    "org_internal": Refusal(
        403, "org_internal", "This client is restricted to users within its organization."
    ),
    "unsupported": Refusal(400, "unsupported_grant_type", "Invalid grant_type"),
}
