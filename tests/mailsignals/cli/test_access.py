"""Where ``serve`` and ``run`` refuse to start, and the commands about access."""

from pathlib import Path

import pytest

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
