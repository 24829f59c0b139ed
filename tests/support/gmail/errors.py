"""Error answers as Google words them."""

import datetime as dt

from tests.support.loopback import Answer

PROJECT_NUMBER = "415104041262"

_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


def api_error(
    code: int,
    message: str,
    *,
    reason: str,
    domain: str = "global",
    status: str | None = None,
    more: dict[str, str] | None = None,
    details: list[dict[str, object]] | None = None,
) -> Answer:
    """An error of the API; ``more`` goes into its only entry of ``errors``."""
    error: dict[str, object] = {
        "code": code,
        "message": message,
        "errors": [{"message": message, "domain": domain, "reason": reason, **(more or {})}],
        "status": status or _STATUS[code],
    }
    if details is not None:
        error["details"] = details
    return Answer.of({"error": error}, code)


def _error_info(reason: str, **metadata: str) -> list[dict[str, object]]:
    return [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": reason,
            "domain": "googleapis.com",
            "metadata": {"service": "gmail.googleapis.com", **metadata},
        }
    ]


# --- the request is wrong ------------------------------------------------------------------------


def unknown_parameter(name: str) -> Answer:
    """A query parameter that the method does not have."""
    return api_error(
        400,
        f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
        f"Field '{name}' could not be found in request message.",
        reason="badRequest",
    )


def invalid_value(field: str, kind: str, value: str) -> Answer:
    """A query parameter that cannot be read."""
    return api_error(400, f"Invalid value at '{field}' ({kind}), \"{value}\"", reason="badRequest")


def invalid_argument(message: str) -> Answer:
    """An argument that Gmail itself refuses, such as ``Invalid pageToken``."""
    return api_error(400, message, reason="invalidArgument")


def invalid_field(path: str) -> Answer:
    """``fields`` names something that the answer does not have."""
    return api_error(
        400,
        f"Invalid field selection {path}",
        reason="invalidParameter",
        more={"location": "fields", "locationType": "parameter"},
    )


def too_many_parts(received: int, limit: int) -> Answer:
    """A batch of more requests than are allowed."""
    return api_error(
        400,
        f"Inner request count exceeds the limit. Received: {received}, Limit: {limit}",
        reason="badRequest",
    )


def not_found() -> Answer:
    """A message, thread or history id that is not there."""
    return api_error(404, "Requested entity was not found.", reason="notFound")


def no_such_page(path: str) -> Answer:
    """A path that no method has: Google answers with a page."""
    return html(404, f"The requested URL <code>{path}</code> was not found on this server.")


# --- who asks ------------------------------------------------------------------------------------


def login_required() -> Answer:
    """A request without a token."""
    return api_error(
        401,
        "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or "
        "other valid authentication credential.",
        reason="required",
        more={"location": "Authorization", "locationType": "header"},
        details=_error_info("CREDENTIALS_MISSING"),
    )


def invalid_credentials() -> Answer:
    """A token that is unknown, expired or revoked."""
    message = (
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
        "valid authentication credential."
    )
    error = {
        "code": 401,
        "message": message,
        "errors": [
            {
                "message": "Invalid Credentials",
                "domain": "global",
                "reason": "authError",
                "location": "Authorization",
                "locationType": "header",
            }
        ],
        "status": "UNAUTHENTICATED",
    }
    realm = 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
    return Answer.of({"error": error}, 401, WWW_Authenticate=realm)


def insufficient_scopes() -> Answer:
    """A token without a scope of the method."""
    return api_error(
        403,
        "Request had insufficient authentication scopes.",
        reason="insufficientPermissions",
        details=_error_info("ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
    )


def forbidden(message: str) -> Answer:
    """What the scope or the delegation does not permit."""
    return api_error(403, message, reason="forbidden")


def precondition_failed(message: str = "Precondition check failed.") -> Answer:
    """A service account without a subject, or (``Mail service not enabled``) a user without Gmail."""
    return api_error(400, message, reason="failedPrecondition", status="FAILED_PRECONDITION")


def api_disabled() -> Answer:
    """The Gmail API is not switched on in the project."""
    return api_error(
        403,
        f"Gmail API has not been used in project {PROJECT_NUMBER} before or it is disabled. Enable it by visiting "
        f"https://console.developers.google.com/apis/api/gmail.googleapis.com/overview?project={PROJECT_NUMBER} "
        "then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our "
        "systems and retry.",
        reason="accessNotConfigured",
        domain="usageLimits",
        more={"extendedHelp": "https://console.developers.google.com"},
        details=_error_info("SERVICE_DISABLED", consumer=f"projects/{PROJECT_NUMBER}"),
    )


def domain_policy() -> Answer:
    """The administrator does not allow the application."""
    return api_error(403, "The domain administrators have disabled Gmail apps.", reason="domainPolicy")


# --- too much ------------------------------------------------------------------------------------


def queries_per_minute(*, per: str = " per user") -> Answer:
    """The quota of this minute is used up, for the user or (``per=""``) for the project."""
    return api_error(
        403,
        f"Quota exceeded for quota metric 'Queries' and limit 'Queries per minute{per}' of service "
        f"'gmail.googleapis.com' for consumer 'project_number:{PROJECT_NUMBER}'.",
        reason="rateLimitExceeded",
        domain="usageLimits",
        details=_error_info(
            "RATE_LIMIT_EXCEEDED",
            consumer=f"projects/{PROJECT_NUMBER}",
            quota_metric="gmail.googleapis.com/default",
        ),
    )


def user_rate_limit() -> Answer:
    """The user's moving average is too high."""
    return api_error(403, "User Rate Limit Exceeded", reason="userRateLimitExceeded", domain="usageLimits")


def user_rate_limit_until(until: dt.datetime) -> Answer:
    """The same, with an end in the text."""
    when = f"{until:%Y-%m-%dT%H:%M:%S}.{until.microsecond // 1000:03}Z"
    return api_error(429, f"User-rate limit exceeded.  Retry after {when}", reason="rateLimitExceeded")


def resource_exhausted() -> Answer:
    """Too much, without saying of what."""
    return api_error(429, "Resource has been exhausted (e.g. check quota).", reason="rateLimitExceeded")


def too_many_concurrent() -> Answer:
    """More requests at once than one user may have."""
    return api_error(429, "Too many concurrent requests for user", reason="rateLimitExceeded")


def daily_limit() -> Answer:
    """The quota of the day is used up."""
    return api_error(
        403,
        "Daily Limit Exceeded. The quota will be reset at midnight Pacific Time (PT). You may monitor your quota "
        "usage and adjust limits in the API Console.",
        reason="dailyLimitExceeded",
        domain="usageLimits",
    )


# --- Google's own trouble ------------------------------------------------------------------------


def backend_error(code: int = 503) -> Answer:
    """500 or 503, as JSON."""
    message = "Internal error encountered." if code == 500 else "The service is currently unavailable."
    return api_error(code, message, reason="backendError")


def html(code: int, text: str) -> Answer:
    """A page, as Google's front end sends it."""
    page = (
        f"<!DOCTYPE html>\n<html lang=en>\n<title>Error {code}</title>\n<p><b>{code}.</b> {text}\n</html>\n"
    )
    return Answer(status=code, headers={"Content-Type": "text/html; charset=UTF-8"}, body=page.encode())
