"""What Graph says when it refuses."""

from tests.support.loopback import Answer


def graph_error(status: int, code: str, message: str = "", **headers: str) -> Answer:
    """An error as Graph words it."""
    document = {"error": {"code": code, "message": message or code, "innerError": {"request-id": "0000"}}}
    return Answer.of(document, status, **headers)


def invalid_token() -> Answer:
    """401 for a token that is over or unknown."""
    return graph_error(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.")


def access_denied() -> Answer:
    """403: no consent, or not in the scope of the role assignment."""
    return graph_error(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")


def no_mailbox() -> Answer:
    """404: no licence, on premises, or soft-deleted."""
    return graph_error(
        404,
        "MailboxNotEnabledForRESTAPI",
        "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
    )


def resource_not_found() -> Answer:
    """404: what the same user may be answered a day later."""
    return graph_error(404, "ResourceNotFound", "Resource could not be discovered.")


def invalid_user(user: str) -> Answer:
    """404: nobody of this name."""
    return graph_error(404, "ErrorInvalidUser", f"The requested user '{user}' is invalid.")


def item_not_found() -> Answer:
    """404: no such message or folder."""
    return graph_error(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def stale(code: str = "SyncStateNotFound", status: int = 410, **headers: str) -> Answer:
    """The state that a link stands for is no longer kept."""
    return graph_error(status, code, "The sync state generation is not found; generation=518", **headers)


def throttled(retry_after: str | None = "3") -> Answer:
    """429 because too many requests of one app are under way in one mailbox."""
    headers = {"Retry_After": retry_after} if retry_after is not None else {}
    return graph_error(
        429, "ApplicationThrottled", "Application is over its MailboxConcurrency limit.", **headers
    )


def corrupt() -> Answer:
    """500 for an item that Exchange cannot give out."""
    return graph_error(500, "ErrorCorruptData", "Data is corrupt.")


def not_allowed(field: str) -> Answer:
    """403 for a field that Mail.ReadBasic does not cover."""
    return graph_error(403, "ErrorAccessDenied", f"Access to {field} is denied.")


def bad_request(message: str) -> Answer:
    """400 for a query that makes no sense."""
    return graph_error(400, "BadRequest", message)
