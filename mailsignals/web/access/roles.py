"""Roles of people by address and group, under the current configuration."""

import functools
import logging
from collections.abc import Collection, Iterable

from mailsignals.config import Settings
from mailsignals.config.dashboard import RolesSection, is_address_entry
from mailsignals.readmodel.roles import Role, Viewer

log = logging.getLogger(__name__)


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
        if address in lists.addresses(role.value) or not own.isdisjoint(lists.groups(role.value))
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
    wanted = frozenset().union(*(lists.groups(role.value) for role in Role))
    return tuple(sorted(wanted.intersection(groups)))


def groups_like_addresses(groups: Iterable[str], lists: RolesSection) -> tuple[str, ...]:
    """Return the groups that are named like the address of a person with a role, sorted; they give no role."""
    listed = frozenset().union(*(lists.addresses(role.value) for role in Role))
    return tuple(sorted(group for group in groups if group.strip().lower() in listed))


@functools.lru_cache(maxsize=1000)
def _warn_of_group(group: str) -> None:  # noqa: ARG001  # the key: once for each group; an address stays out of logs
    log.warning("group_like_an_address", extra={"remedy": "for a group, write group:NAME in dashboard.roles"})


def warn_of_groups(groups: Iterable[str], lists: RolesSection) -> None:
    """Log once for each group that gives no role because it is named like a person's address."""
    for group in groups_like_addresses(groups, lists):
        _warn_of_group(group)


def whom_to_ask(lists: RolesSection) -> tuple[str, ...]:
    """Return the addresses of operators in the configuration, in their order."""
    return tuple(entry for entry in lists.operator if is_address_entry(entry))
