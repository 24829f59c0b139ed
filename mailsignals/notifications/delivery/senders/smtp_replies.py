"""What a mail server means by its replies (RFC 5321, 4.2; RFC 4954, 6); decisions only."""

from mailsignals.notifications.delivery.senders.base import LaterError, RefusedError, SendError
from mailsignals.wording.html import one_line

_SHOWN = 200


def server_reply(code: int, text: bytes | str) -> str:
    """A reply on one line."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return one_line(f"{code} {words}", most=_SHOWN)


def is_temporary(code: int) -> bool:
    """Return whether a reply code is temporary (400 to 499), so that a retry may succeed."""
    return 400 <= code < 500


def sign_in(code: int, text: bytes | str, *, server: str) -> SendError:
    """A refusal before the mail: of the greeting, of encryption, or of our sign-in."""
    if is_temporary(code):
        return LaterError(server, f"the mail server is busy ({server_reply(code, text)}).", everywhere=True)
    if code in {530, 534, 535, 538}:
        return RefusedError(
            server,
            f"the mail server does not accept our sign-in ({server_reply(code, text)}).",
            "Compare digest.smtp.user and its password or token with the account; many services want a password "
            "made for the application.",
            everywhere=True,
            sign_in=True,
        )
    return RefusedError(
        server,
        f"the mail server does not talk to us ({server_reply(code, text)}).",
        "Correct digest.smtp.host, port and security.",
        everywhere=True,
    )


def unsupported_server(server: str, *, security: str) -> SendError:
    """The server lacks what we need of it."""
    remedy = (
        'If its port is encrypted from the start, set digest.smtp.security = "tls" (mostly port 465).'
        if security == "starttls"
        else "Correct digest.smtp.auth, or leave user empty if it wants no sign-in."
    )
    return RefusedError(
        server,
        "the mail server offers no STARTTLS, or not our way to sign in; nothing is sent unencrypted.",
        remedy,
        everywhere=True,
    )


def unknown_certificate(server: str, reason: str) -> SendError:
    """The server cannot prove who it is."""
    return RefusedError(
        server,
        f"the mail server's certificate is not to be trusted ({reason}).",
        "Write its name as the certificate has it; for an authority of your own set digest.smtp.ca_file.",
        everywhere=True,
    )


def not_ascii(server: str) -> SendError:
    """A user or password that the protocol cannot carry."""
    return RefusedError(
        server,
        "user or password holds characters that this way of signing in cannot carry.",
        "Choose a password of ASCII characters.",
        everywhere=True,
        sign_in=True,
    )


def out_of_reach(server: str, error: Exception, *, everywhere: bool) -> SendError:
    """No connection, or one that ended before the mail was whole."""
    return LaterError(
        server,
        f"the mail server does not answer, or not to the end ({type(error).__name__}).",
        "If this lasts, check digest.smtp.host, port and security, and the firewall.",
        everywhere=everywhere,
    )


def no_international_addresses(recipient: str) -> SendError:
    """An address beyond ASCII, and a server without SMTPUTF8 (RFC 6531)."""
    return RefusedError(
        recipient,
        "the mail server takes no addresses with such characters.",
        "Use an address of ASCII characters.",
    )


def from_refused(code: int, text: bytes, *, sender: str) -> SendError:
    """The server does not let us send as this address."""
    if is_temporary(code):
        return LaterError(
            sender, f"the mail server takes no mail now ({server_reply(code, text)}).", everywhere=True
        )
    return RefusedError(
        sender,
        f"the mail server does not let us send as this address ({server_reply(code, text)}).",
        "Correct digest.from, or let the user of digest.smtp send as it.",
        everywhere=True,
        sign_in=code == 530,
    )


def recipient_refused(code: int, text: bytes, *, recipient: str) -> SendError:
    """The server takes no mail for this recipient."""
    if is_temporary(code):
        return LaterError(
            recipient, f"the mail server takes no mail for them now ({server_reply(code, text)})."
        )
    return RefusedError(
        recipient,
        f"the mail server takes no mail for them ({server_reply(code, text)}).",
        "Correct the address in the accounts file, or ask the mail server's administrator.",
    )


def content_refused(code: int, text: bytes, *, recipient: str) -> SendError:
    """The server does not take this mail."""
    if is_temporary(code):
        return LaterError(recipient, f"the mail server did not take the mail ({server_reply(code, text)}).")
    return RefusedError(
        recipient,
        f"the mail server refused the mail ({server_reply(code, text)}).",
        "Ask the mail server's administrator.",
    )
