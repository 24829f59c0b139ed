"""Roles of people by address and group, under the current configuration."""

from collections.abc import Collection, Iterable

from mailsignals.config import Settings
from mailsignals.config.dashboard import RolesSection
from mailsignals.readmodel.roles import Role, Viewer


def roles_of(
    address: str, groups: Iterable[str], lists: RolesSection, *, csms: Collection[str]
) -> frozenset[Role]:
    """Return the roles of a person.

    Args:
        address: of the person, in lower case.
        groups: of the person; case-sensitive.
        lists: ``dashboard.roles``.
        csms: the CSMs of the account list, in lower case.
    """
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
    """Return the viewer of an address, without roles if the configuration gives none."""
    allowed = settings.may_sign_in(address)
    roles = roles_of(address, groups, settings.dashboard.roles, csms=csms) if allowed else frozenset()
    return Viewer(address=address, roles=roles, timezone=settings.timezone_of(address), signed_in=signed_in)


def named_groups(groups: Iterable[str], lists: RolesSection) -> tuple[str, ...]:
    """Return the groups that have a role in the configuration, sorted."""
    wanted = {entry for role in Role for entry in getattr(lists, role.value)}
    return tuple(sorted(wanted.intersection(groups)))


def whom_to_ask(lists: RolesSection) -> tuple[str, ...]:
    """Return the addresses of operators in the configuration."""
    return tuple(entry for entry in lists.operator if "@" in entry)


def address_in(text: str) -> str | None:
    """Return a verified address in lower case; None if the text is not an address.

    Only ASCII is accepted, because some letters of other alphabets become plain letters in lower case. The part before
    the @ stays whole: only the mail system knows if ``ana+x@`` and ``ana@`` are the same person.
    """
    address = text.strip()
    local, at, domain = address.rpartition("@")
    odd = not address.isascii() or any(
        letter <= " " or letter in '\x7f"<>(),:;@[\\]' for letter in local + domain
    )
    return None if odd or not (local and at and "." in domain) else address.lower()
