import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsignals.accounts import read_book
from mailsignals.config import load_settings
from mailsignals.config.starter import EXAMPLE_DOMAIN, SOURCES, Source, first_accounts, first_config

NAMES = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1).filter(
    lambda text: text.strip()
)


@pytest.mark.slow
@settings(deadline=None)
@given(NAMES, st.lists(st.sampled_from(["us.test", "xn--brd-sna.example"]), min_size=1, unique=True))
def test_it_loads_as_it_was_meant(name: str, domains: list[str]) -> None:
    """Whatever the company is called, the text is a configuration with that name, and the book one with its example."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.toml"
        text = first_config(name, domains=domains, source="files", timezone="Europe/Berlin", mailboxes=[])
        file.write_text(text, encoding="utf-8")
        (file.parent / "accounts.csv").write_text(first_accounts(domains[0]), encoding="utf-8")
        settings = load_settings(file, environ={})
        book = read_book(settings.accounts.file, tiers=settings.tier_names)
    assert settings.company.name == name.strip()
    assert list(settings.company.domains) == domains
    assert settings.company.timezone == "Europe/Berlin"
    assert list(book.domains) == [EXAMPLE_DOMAIN]


@pytest.mark.parametrize("source", SOURCES)
def test_only_what_mail_comes_from_is_in_it(tmp_path: Path, source: Source) -> None:
    """With the mailboxes that were named, and short enough to be read at a glance."""
    mailboxes = [] if source == "files" else ["ana@us.test", "bo@us.test"]
    text = first_config("Us", domains=["us.test"], source=source, timezone="UTC", mailboxes=mailboxes)
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    settings = load_settings(tmp_path / "config.toml", environ={})
    used = {name for name in ("gmail", "microsoft365") if getattr(settings, name).used}
    assert used == {source} - {"files"}
    assert [*settings.gmail.mailboxes, *settings.microsoft365.mailboxes] == mailboxes
    lines = text.splitlines()
    assert len(lines) < 45
    assert max(map(len, lines)) <= 120
