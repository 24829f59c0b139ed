"""Whose address is believed, issuer by issuer; and which roles follow."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mailsignals.accounts.addresses import address_in
from mailsignals.config.dashboard import DashboardSection, OidcSection, ProxySection, RolesSection
from mailsignals.readmodel.roles import Role
from mailsignals.web.access.hosts import answers_to, host_named, openness_problem, own_origins
from mailsignals.web.access.identity import identity
from mailsignals.web.access.proxy import ProxyIdentity, client_of
from mailsignals.web.access.roles import named_groups, roles_of, warn_of_groups, whom_to_ask
from mailsignals.web.access.targets import safe_target

TENANT = "https://login.microsoftonline.com/8f1c/v2.0"
GOOGLE = "https://accounts.google.com"
OTHER = "https://id.us.test/realms/us"
ANA = "ana@us.test"


@pytest.mark.parametrize(
    ("issuer", "claims", "address"),
    [
        (OTHER, {"email": "Ana@US.test", "email_verified": True}, ANA),
        (OTHER, {"email": ANA, "email_verified": "true"}, ANA),
        (OTHER, {"email": ANA, "email_verified": "false"}, None),
        (OTHER, {"email": ANA}, None),
        (OTHER, {"preferred_username": ANA, "email_verified": True}, None),
        (GOOGLE, {"email": ANA, "email_verified": True, "hd": "us.test"}, ANA),
        (GOOGLE, {"email": ANA, "email_verified": True}, None),
        (GOOGLE, {"email": ANA, "email_verified": False, "hd": "us.test"}, None),
        (TENANT, {"preferred_username": "Ana@us.test"}, ANA),
        (TENANT, {"email": ANA, "email_verified": True}, None),
        (TENANT, {"preferred_username": "evil@evil.test", "email": ANA}, "evil@evil.test"),
        (TENANT, {"preferred_username": "ana_us.test#EXT#@other.onmicrosoft.com"}, None),
        (TENANT, {"preferred_username": ANA, "acct": 1}, None),
        (TENANT, {"preferred_username": ANA, "iss": TENANT, "idp": "https://sts.windows.net/9/"}, None),
        (TENANT, {"preferred_username": ANA, "iss": TENANT, "idp": TENANT, "acct": 0}, ANA),
    ],
)
def test_an_address_is_as_good_as_whoever_checked_it(
    issuer: str, claims: dict[str, Any], address: str | None
) -> None:
    """Verified where issuers verify, of an organisation at Google, and the tenant's own at Microsoft."""
    found = identity(claims, OidcSection(issuer=issuer))
    assert found == ProxyIdentity(address, ()) if address else isinstance(found, str)


@pytest.mark.parametrize(
    ("issuer", "claim", "claims", "address"),
    [
        (TENANT, "email", {"email": ANA, "xms_edov": True}, ANA),
        (TENANT, "email", {"email": ANA, "xms_edov": "1"}, ANA),
        (TENANT, "email", {"email": ANA, "xms_edov": False}, None),
        (TENANT, "email", {"email": ANA, "email_verified": True}, None),
        (OTHER, "upn", {"upn": ANA, "email": "x@us.test"}, ANA),
        (OTHER, "email", {"email": ANA}, None),
    ],
)
def test_another_claim_may_hold_the_address(
    issuer: str, claim: str, claims: dict[str, Any], address: str | None
) -> None:
    """The configuration names it; an email needs proof all the same."""
    found = identity(claims, OidcSection(issuer=issuer, address_claim=claim))
    assert found == ProxyIdentity(address, ()) if address else isinstance(found, str)


@pytest.mark.parametrize(
    ("claims", "claim", "groups"),
    [
        ({"groups": ["a", "b"]}, "groups", ("a", "b")),
        ({"groups": "a"}, "groups", ("a",)),
        ({"groups": ["a", 1, None, ["b"]]}, "groups", ("a",)),
        ({"groups": {"a": 1}}, "groups", ()),
        ({"a.b": ["c"], "a": {"b": ["d"]}}, "a.b", ("c",)),
        ({"a": {"b": ["d"]}}, "a.b", ("d",)),
        ({"a": "b"}, "a.b", ()),
        ({}, "groups", ()),
    ],
)
def test_groups_are_texts_in_a_claim(claims: dict[str, Any], claim: str, groups: tuple[str, ...]) -> None:
    """Anything else is no group."""
    person = {"email": ANA, "email_verified": True}
    found = identity(person | claims, OidcSection(issuer=OTHER, groups_claim=claim))
    assert found == ProxyIdentity(ANA, groups)


@given(st.text(max_size=12), st.text(max_size=12))
def test_no_two_addresses_become_one(local: str, domain: str) -> None:
    """What is believed is what was given, in lower case and without blanks around it, and can be read in one way."""
    found = address_in(f"{local}@{domain}.test")
    if found is not None:
        given = f"{local}@{domain}.test".strip()
        assert found == "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in given)
        assert found.count("@") == 1
        assert not set(found) & set(' ,;<>()[]"\\:\t\n')


@pytest.mark.parametrize(
    "text",
    [
        "an\u212a@us.test",
        "\u0131@us.test",
        "ana@us.test\nbo@us.test",
        "ana",
        "@us.test",
        "ana@us",
        '"a"@us.test',
    ],
)
def test_what_is_no_plain_address_is_none(text: str) -> None:
    """Letters that turn into others in lower case (a Kelvin sign), two addresses, parts that are missing."""
    assert address_in(text) is None


def test_a_tag_makes_another_person() -> None:
    """Whoever can sign in as ``ana+x`` is not thereby ``ana``."""
    lists = RolesSection(head=(ANA,))
    assert roles_of(ANA, (), lists, csms=()) == {Role.HEAD}
    assert roles_of("ana+x@us.test", (), lists, csms=()) == frozenset()


def test_roles_add_up() -> None:
    """By address in any case, by group in its exact case, and by the account book."""
    lists = RolesSection(head=("Ana@Us.Test", "heads"), lead=("heads",), operator=("ops",))
    assert roles_of(ANA, (), lists, csms={ANA}) == {Role.HEAD, Role.CSM}
    assert roles_of("bo@us.test", ("heads", "Ops"), lists, csms=()) == {Role.HEAD, Role.LEAD}
    assert roles_of("bo@us.test", (), lists, csms=()) == frozenset()
    assert named_groups(["x", "ops", "heads", "Ops"], lists) == ("heads", "ops")


@pytest.mark.parametrize("group", [ANA, ANA.upper(), f" {ANA}", f"group:{ANA}", f"group: {ANA}"])
@pytest.mark.scenario("group-named-like-an-address")
def test_no_group_gives_the_role_of_a_person(group: str) -> None:
    """Who may name groups at the provider doesn't become head by naming one like the head's address."""
    for listed in (ANA, ANA.upper()):
        lists = RolesSection(head=(listed,))
        assert roles_of("bo@us.test", (group,), lists, csms={ANA}) == frozenset()
        assert named_groups([group], lists) == ()
        assert roles_of(ANA, (), lists, csms=()) == {Role.HEAD}


@pytest.mark.scenario("group-named-like-an-address")
def test_a_group_with_an_at_sign_is_named_as_one() -> None:
    """Providers name groups by addresses too; with the prefix they have a role, and nobody's address has it."""
    lists = RolesSection(head=(f"group:{ANA}",), operator=("group:ops", "@berlin", "Team @ Berlin", ANA))
    assert roles_of("bo@us.test", (ANA,), lists, csms=()) == {Role.HEAD}
    assert roles_of(ANA, (), lists, csms=()) == {Role.OPERATOR}
    for name in ("ops", "group:ops", "@berlin", "Team @ Berlin"):
        assert roles_of("bo@us.test", (name,), lists, csms=()) == {Role.OPERATOR}, name
    assert whom_to_ask(lists) == (ANA,)


@pytest.mark.parametrize(
    "entry", ["ana@us", "an\u0131@us.test", '"ana"@us.test', "a@b@us.test", "group:", "group: "]
)
@pytest.mark.scenario("group-named-like-an-address")
def test_an_entry_that_may_be_either_is_refused(entry: str) -> None:
    """It looks like an address and can't be one; the sentence shows how to write both."""
    with pytest.raises(ValidationError, match=r"group:|names no group"):
        RolesSection(head=(entry,))


@pytest.mark.scenario("group-named-like-an-address")
def test_a_group_that_lost_its_role_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """After an upgrade the operator learns why, without the address in the log."""
    for _ in range(3):
        warn_of_groups(["heads@us.test", "other"], RolesSection(head=("heads@us.test",)))
    (record,) = caplog.records
    assert record.message == "group_like_an_address"
    assert "heads@us.test" not in str(vars(record))


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("us.test", "us.test"),
        ("US.test:443", "us.test"),
        ("[::1]:8321", "::1"),
        ("127.0.0.1", "127.0.0.1"),
        ("us.test/x", None),
        ("us.test?x", None),
        ("us.test#x", None),
        ("a@us.test", None),
        ("us.test:x", None),
        ("us.test\\x", "us.test\\x"),
        ("[::1", None),
        ("", None),
    ],
)
def test_the_host_of_a_header(header: str, host: str | None) -> None:
    """A name with or without a port; whatever a URL could hold besides is none."""
    assert host_named(header) == host


def test_the_address_that_it_listens_at_is_its_name_too() -> None:
    """Without a name of its own a machine is called by its address; where it listens everywhere, that is no name."""
    dashboard = DashboardSection(access="oidc", url="https://m.us.test")
    assert answers_to("10.0.0.9:8321", dashboard, bound="10.0.0.9")
    assert not answers_to("10.0.0.9:8321", dashboard, bound="0.0.0.0")
    assert not answers_to("10.0.0.9:8321", dashboard, bound=None)


def test_the_origins_of_our_pages() -> None:
    """As browsers write them: without the usual port, and encrypted where the dashboard is."""
    behind = DashboardSection(url="https://M.us.test:443")
    assert own_origins("m.us.test", behind) == {"https://m.us.test"}
    assert own_origins("localhost:8321", behind) == {"https://m.us.test", "http://localhost:8321"}
    assert own_origins("[::1]:80", DashboardSection()) == {"http://[::1]"}


@pytest.mark.parametrize(
    ("access", "url", "host", "may"),
    [
        ("open", "", "127.0.0.1", True),
        ("open", "", "127.8.8.8", True),
        ("open", "", "::1", True),
        ("open", "http://localhost:8321", "localhost", True),
        ("open", "https://m.us.test", "127.0.0.1", False),
        ("open", "", "0.0.0.0", False),
        ("open", "", "::", False),
        ("open", "", "localhost.us.test", False),
        ("oidc", "https://m.us.test", "0.0.0.0", True),
        ("proxy", "https://m.us.test", "10.0.0.9", True),
        ("off", "", "0.0.0.0", True),
    ],
)
def test_what_is_open_stays_on_this_machine(access: Any, url: str, host: str, may: bool) -> None:
    """Everything else asks who somebody is, or shows nothing."""
    assert (openness_problem(DashboardSection(access=access, url=url), host) is None) == may


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.7", ["203.0.113.5"], "203.0.113.5"),
        ("10.0.0.7", ["1.1.1.1, 203.0.113.5"], "203.0.113.5"),
        ("10.0.0.7", ["1.1.1.1", "203.0.113.5"], "203.0.113.5"),
        ("10.0.0.7", ["nonsense"], "10.0.0.7"),
        ("10.0.0.7", [], "10.0.0.7"),
        ("10.0.0.8", ["203.0.113.5"], "10.0.0.8"),
        (None, ["203.0.113.5"], ""),
    ],
)
def test_whoever_is_behind_the_proxy(peer: str | None, forwarded: list[str], client: str) -> None:
    """What the proxy itself added counts, and from a proxy alone."""
    proxy = ProxySection.model_validate({"from": ["10.0.0.7"]})
    assert client_of(peer, forwarded, proxy) == client


@given(st.text(max_size=30))
def test_a_target_is_a_path_of_ours(text: str) -> None:
    """However it is written, a browser stays with us."""
    for target in (safe_target(text), safe_target(f"/{text}"), safe_target(f"/{text}/")):
        assert target.startswith("/")
        assert not target.startswith(("//", "/\\"))
        assert target.isprintable()
        assert "\\" not in target
