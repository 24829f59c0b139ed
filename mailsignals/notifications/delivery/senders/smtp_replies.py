"""The meaning of a mail server's replies (RFC 5321, 4.2; RFC 4954, 6); decisions only."""

from mailsignals.notifications.delivery.senders.base import LaterError, RefusedError, SendError
from mailsignals.wording.html import one_line

_SHOWN = 200


def server_reply(code: int, text: bytes | str) -> str:
    """Return a reply on one line: code and text."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return one_line(f"{code} {words}", most=_SHOWN)


def is_temporary(code: int) -> bool:
    """Return whether a reply code is temporary (400 to 499), so that a retry may succeed."""
    return 400 <= code < 500


def sign_in(code: int, text: bytes | str, *, server: str) -> SendError:
    """Return the error for a refusal of the greeting, of encryption or of the sign-in."""
    if is_temporary(code):
        return LaterError(server, f"the mail server is busy ({server_reply(code, text)}).", everywhere=True)
    if code in {530, 534, 535, 538}:
        return RefusedError(
            server,
            f"the mail server refused the sign-in ({server_reply(code, text)}).",
            "Check digest.smtp.user and its password or token; many services require an app password.",
            everywhere=True,
            sign_in=True,
        )
    return RefusedError(
        server,
        f"the mail server refused the connection ({server_reply(code, text)}).",
        "Correct digest.smtp.host, port and security.",
        everywhere=True,
    )


def unsupported_server(server: str, *, security: str) -> SendError:
    """Return the error for a server without STARTTLS or without the configured sign-in."""
    remedy = (
        'For a port with TLS from the start (usually 465), set digest.smtp.security = "tls".'
        if security == "starttls"
        else "Correct digest.smtp.auth, or leave user empty if no sign-in is required."
    )
    return RefusedError(
        server,
        "the mail server does not support STARTTLS or this sign-in; nothing is sent unencrypted.",
        remedy,
        everywhere=True,
    )


def unknown_certificate(server: str, reason: str) -> SendError:
    """Return the error for a server with an invalid certificate."""
    return RefusedError(
        server,
        f"the mail server's certificate is not trusted ({reason}).",
        "Use the host name of the certificate; for your own certificate authority set digest.smtp.ca_file.",
        everywhere=True,
    )


def not_ascii(server: str) -> SendError:
    """Return the error for a user or password with characters that the protocol does not support."""
    return RefusedError(
        server,
        "user or password has characters that this sign-in does not support.",
        "Use ASCII characters only.",
        everywhere=True,
        sign_in=True,
    )


def out_of_reach(server: str, error: Exception, *, everywhere: bool) -> SendError:
    """Return the error for no connection, or one that ended before the whole email was sent."""
    return LaterError(
        server,
        f"the mail server does not respond ({type(error).__name__}).",
        "If this lasts, check digest.smtp.host, port and security, and the firewall.",
        everywhere=everywhere,
    )


def no_international_addresses(recipient: str) -> SendError:
    """Return the error for an address beyond ASCII on a server without SMTPUTF8 (RFC 6531)."""
    return RefusedError(
        recipient,
        "the mail server does not support the characters of this address.",
        "Use an address of ASCII characters.",
    )


def from_refused(code: int, text: bytes, *, sender: str) -> SendError:
    """Return the error for a refused sender address."""
    if is_temporary(code):
        return LaterError(
            sender, f"the mail server accepts no email now ({server_reply(code, text)}).", everywhere=True
        )
    return RefusedError(
        sender,
        f"the mail server does not allow sending as this address ({server_reply(code, text)}).",
        "Correct digest.from, or allow digest.smtp.user to send as this address.",
        everywhere=True,
        sign_in=code == 530,
    )


def recipient_refused(code: int, text: bytes, *, recipient: str) -> SendError:
    """Return the error for a refused recipient."""
    if is_temporary(code):
        return LaterError(
            recipient,
            f"the mail server accepts no email for this recipient now ({server_reply(code, text)}).",
        )
    return RefusedError(
        recipient,
        f"the mail server refuses this recipient ({server_reply(code, text)}).",
        "Correct the address in the account list, or ask the mail server's administrator.",
    )


def content_refused(code: int, text: bytes, *, recipient: str) -> SendError:
    """Return the error for a refused email."""
    if is_temporary(code):
        return LaterError(
            recipient, f"the mail server did not accept the email now ({server_reply(code, text)})."
        )
    return RefusedError(
        recipient,
        f"the mail server refused the email ({server_reply(code, text)}).",
        "Ask the mail server's administrator.",
    )
