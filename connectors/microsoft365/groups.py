"""The members of a group, from the directory."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from connectors.base import ConnectorError, GiveUpError, SignInError
from connectors.mail import mailbox_address
from connectors.microsoft365.api import GraphAnswerError, GraphApi
from connectors.microsoft365.errors import GraphErrorKind
from connectors.microsoft365.links import below
from connectors.provider import Mailbox


def graph_group_members(api: GraphApi, group: str) -> Iterator[Mailbox]:
    """Yield the mailboxes of people in the group and in groups within it.

    The group is given by its address or its id.

    Raises:
        ConnectorError: the group can't be read.
    """
    try:
        name = _id(api, group) if "@" in group else group
        path = f"groups/{quote(name)}/transitiveMembers/microsoft.graph.user"
        for entry in _entries(api, f"{api.root}{path}?$select=id,mail,userPrincipalName&$top=500"):
            address = mailbox_address(str(entry.get("mail") or entry.get("userPrincipalName") or ""))
            if address:
                yield Mailbox(address=address, identity=str(entry["id"]) if entry.get("id") else None)
    except GraphAnswerError as error:
        raise _missing(group) if error.verdict.kind is GraphErrorKind.MISSING else error from error
    except GiveUpError as error:
        raise _denied(group, error) from error


def _id(api: GraphApi, address: str) -> str:
    doubled = address.replace("'", "''")
    wanted = quote(f"mail eq '{doubled}'")
    found = next(_entries(api, f"{api.root}groups?$select=id&$filter={wanted}"), None)
    if found is None:
        raise _missing(address)
    return str(found["id"])


def _entries(api: GraphApi, url: str) -> Iterator[dict[str, Any]]:
    link: str | None = url
    while link is not None:
        answer = api.get(link)
        value = answer.get("value")
        yield from (entry for entry in (value if isinstance(value, list) else []) if isinstance(entry, dict))
        following = answer.get("@odata.nextLink")
        link = following if isinstance(following, str) and below(following, api.root) else None


def _missing(group: str) -> GiveUpError:
    return GiveUpError(
        group,
        "the group does not exist.",
        "Correct microsoft365.group; Entra portal > Groups lists all groups.",
        state="not found",
    )


def _denied(group: str, error: ConnectorError) -> ConnectorError:
    if error.state != "not authorised":
        return error
    return SignInError(
        group,
        "the app is not allowed to read the members of the group.",
        "Entra portal > App registrations > API permissions: add GroupMember.Read.All and User.ReadBasic.All "
        "(application), with admin consent; or list the mailboxes instead.",
        state="not authorised",
    )
