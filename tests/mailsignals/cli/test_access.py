"""Where ``serve`` and ``run`` refuse to start, and the commands about access."""

import datetime as dt
from pathlib import Path

import pytest

from mailsignals import clock
from mailsignals.store.tables.audit import Audit, AuditEntry, AuditKind
from mailsignals.store.tables.tokens import Tokens
from tests.mailsignals.cli.program import Program


def configure(folder: Path, text: str) -> None:
    """Add to the configuration."""
    with (folder / "config.toml").open("a", encoding="utf-8") as config:
        config.write(f"\n{text}\n")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "mail.us.test"])
def test_nothing_is_served_to_others_unasked(run: Program, stocked: Path, host: str) -> None:
    """Anywhere but on loopback, ``serve`` and ``run`` do not start before people sign in, and say what to configure."""
    run("serve", "--host", host).refused(host, "dashboard.access", "oidc", "proxy", "127.0.0.1")
    configure(stocked, f'[service]\nhost = "{host}"')
    run("serve").refused(host, "dashboard.access")
    run("run").refused(host, "dashboard.access")
    assert not (stocked / "store" / "locks").exists()


def test_an_address_elsewhere_is_not_open(run: Program, stocked: Path) -> None:
    """Where people reach the dashboard through something else, it must know who they are."""
    configure(stocked, '[dashboard]\nurl = "https://mail.us.test"')
    run("serve").refused("mail.us.test", "dashboard.access")
    run("run").refused("mail.us.test", "dashboard.access")


def test_there_may_be_no_pages(run: Program, stocked: Path) -> None:
    """With access "off" there is nothing that ``serve`` could show."""
    configure(stocked, '[dashboard]\naccess = "off"')
    run("serve").refused('dashboard.access is "off"')


def test_a_token_is_made_shown_once_and_revoked(run: Program, stocked: Path) -> None:
    """``create`` prints it and nothing else; ``list`` says what it may see; ``revoke`` ends it."""
    made = run("token", "create", "grafana", "--role", "csm", "--csm", "ANA@us.test", "--days", "30")
    assert (made.status, len(made.out.split())) == (0, 1)
    assert "`mailsignals token revoke grafana`" in made.err
    (row,) = run("token", "list", "--json").json
    assert (row["name"], row["role"], row["csm"], row["revoked_at"]) == (
        "grafana",
        "csm",
        "ana@us.test",
        None,
    )
    tokens, now = Tokens(stocked / "store"), clock.now()
    assert tokens.find(made.out.strip(), at=now) is not None
    assert tokens.find(made.out.strip(), at=now + dt.timedelta(days=31)) is None
    assert "valid" in run("token", "list").out
    assert run("token", "revoke", "grafana").status == 0
    assert tokens.find(made.out.strip(), at=now) is None
    assert "revoked" in run("token", "list").out
    run("token", "revoke", "grafanna").refused("unknown token")
    run("token", "create", "grafana", "--role", "head").refused("Choose another")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("x", "--role", "heads"), "'head'"),
        (("x", "--role", "csm"), "requires --csm"),
        (("x", "--role", "head", "--csm", "ana@us.test"), "--csm requires --role csm"),
        (("x", "--role", "csm", "--csm", "anna@us.test"), "did you mean ana@us.test"),
        ((" ", "--role", "head"), "Invalid token name"),
        (("x", "--role", "head", "--days", "0"), "--days"),
    ],
)
def test_a_token_for_nobody_is_not_made(
    run: Program, stocked: Path, arguments: tuple[str, ...], named: str
) -> None:
    """A slip of the finger is said, and nothing is made."""
    run("token", "create", *arguments).refused(named)
    assert run("token", "list", "--json").json == []


def test_the_audit_log_is_shown_and_filtered(run: Program, stocked: Path) -> None:
    """By instant, person and account; the newest first, in words for people and whole as JSON."""
    at = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    usual = {"way": "session", "client": "192.0.2.1", "status": 200}
    Audit(stocked / "store").add(
        [
            AuditEntry(
                at=at,
                who="ana@us.test",
                kind=AuditKind.SEEN,
                what="/accounts/A01",
                account_id="A01",
                **usual,  # type: ignore[arg-type]  # as named
            ),
            AuditEntry(
                at=at + dt.timedelta(days=1),
                who="token grafana",
                kind=AuditKind.EXPORTED,
                what="/api/v1/accounts",
                **usual,  # type: ignore[arg-type]  # as named
            ),
        ],
        durable=True,
    )
    assert [row["who"] for row in run("audit", "--json").json] == ["token grafana", "ana@us.test"]
    assert [row["what"] for row in run("audit", "--json", "--who", "Ana@us.test").json] == ["/accounts/A01"]
    assert [row["who"] for row in run("audit", "--json", "--since", "2026-03-02").json] == ["token grafana"]
    assert [row["who"] for row in run("audit", "--json", "--account", "A01").json] == ["ana@us.test"]
    assert run("audit", "--json", "--who", "token grafana").json[0]["kind"] == "exported"
    assert run("audit", "--json", "--refused").json == []
    shown = run("audit").out
    assert "2026-03-01 13:00:00" in shown
    assert "192.0.2.1" in shown


@pytest.mark.slow
def test_check_says_what_keeps_people_out(run: Program, stocked: Path) -> None:
    """Each problem in a sentence, and as JSON; with one, the check is passed in part."""
    assert run("check").status == 0
    configure(stocked, '[service]\nhost = "0.0.0.0"')
    ran = run("check")
    assert ran.status == 3
    assert "dashboard.access" in ran.err
    (row,) = run("check", "--json").json["access"]
    assert row["problem"] in ran.err
