"""From an address and groups to what somebody may see, by the configuration of this moment."""

from collections.abc import Collection, Iterable

from mailsignals.config import Settings
from mailsignals.config.dashboard import RolesSection
from mailsignals.readmodel.roles import Role, Viewer


def roles_of(
    address: str, groups: Iterable[str], lists: RolesSection, *, csms: Collection[str]
) -> frozenset[Role]:
    """The roles of somebody; ``csms`` are those of the account book, in lower case. Groups are case-sensitive."""
    own = set(groups)
    found = {
        role
        for role in Role
        for entry in getattr(lists, role.value)
        if entry in own or ("@" in entry and entry.lower() == address)
    }
    return frozenset(found | ({Role.CSM} if address in csms else set()))


def viewer_of(
    address: str, groups: Iterable[str], settings: Settings, *, csms: Collection[str], signed_in: bool
) -> Viewer:
    """Somebody whose address is known; with no role at all if the configuration gives them none."""
    allowed = settings.may_sign_in(address)
    roles = roles_of(address, groups, settings.dashboard.roles, csms=csms) if allowed else frozenset()
    return Viewer(address=address, roles=roles, timezone=settings.timezone_of(address), signed_in=signed_in)


def named_groups(groups: Iterable[str], lists: RolesSection) -> tuple[str, ...]:
    """Those groups that the configuration gives a role to."""
    wanted = {entry for role in Role for entry in getattr(lists, role.value)}
    return tuple(sorted(wanted.intersection(groups)))


def whom_to_ask(lists: RolesSection) -> tuple[str, ...]:
    """The addresses of those who run mailsignals, as far as the configuration has them."""
    return tuple(entry for entry in lists.operator if "@" in entry)


def address_in(text: str) -> str | None:
    """An address that somebody else vouches for, in lower case; None if it is none.

    ASCII alone, because some letters of other alphabets turn into a plain one when they are put in lower case; and
    with all that stands before the @, since whether ``ana+x@`` is ``ana@`` is for that mail system to know. Dots of
    Gmail's addresses go, as everywhere else.
    """
    address = text.strip()
    local, at, domain = address.rpartition("@")
    odd = not address.isascii() or any(
        letter <= " " or letter in '\x7f"<>(),:;@[\\]' for letter in local + domain
    )
    return None if odd or not (local and at and "." in domain) else address.lower()
