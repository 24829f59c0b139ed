"""The kinds of problems that the API reports (RFC 9457), and what to do about each."""

from collections.abc import Mapping

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5
"""Seconds after which a program should repeat a request that came before the first figures."""

TITLES: Mapping[str, str] = {
    "sign-in-needed": "Sign-in required",
    "not-permitted": "Not permitted",
    "not-found": "Not found",
    "method-not-allowed": "The API is read-only",
    "list-gone": "The list was replaced",
    "bad-parameter": "Invalid parameter",
    "too-many-requests": "Too many requests",
    "nothing-prepared": "The figures are being prepared",
    "bug": "Internal error",
    "refused": "Request refused",
}
"""The title of each kind of problem."""

OF_STATUS: Mapping[int, tuple[str, str]] = {
    401: ("sign-in-needed", "Send a token: Authorization: Bearer TOKEN."),
    403: ("not-permitted", "Your roles don't include this. Ask your operator for access."),
    404: ("not-found", "Nothing at this address is visible to you. Check the address."),
    405: ("method-not-allowed", "Use GET."),
    429: ("too-many-requests", "Wait a minute, then repeat the request."),
    500: ("bug", "Check the log of mailsignals for details."),
}
"""The kind of problem and what to do, for statuses that alone determine both."""

NOT_PREPARED = (
    "Repeat the request in a few seconds. The first preparation of a large store takes some minutes."
)


def problem_document(status: int, kind: str, detail: str) -> dict[str, str | int]:
    """Return a problem document with its type, title, status and detail."""
    return {
        "type": f"urn:mailsignals:problem:{kind}",
        "title": TITLES[kind],
        "status": status,
        "detail": detail,
    }


def not_prepared() -> dict[str, str | int]:
    """Return the problem document of a request that came before the first figures."""
    return problem_document(503, "nothing-prepared", NOT_PREPARED)
