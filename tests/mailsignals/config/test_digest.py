"""What ``[digest]`` refuses, and where its paths begin."""

from pathlib import Path

import pytest

from mailsignals.config import Settings, load_settings
from mailsignals.errors import UserError

ENABLED = '[digest]\nenabled = true\nfrom = "a@us.test"\n'
COMPANY = '[company]\nname = "Us"\ndomains = ["us.test"]\n'


def load(folder: Path, text: str) -> Settings:
    """The settings of a configuration with a company."""
    (folder / "config.toml").write_text(COMPANY + text, encoding="utf-8")
    return load_settings(folder / "config.toml", environ={})


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[digest]\nenabled = true", "digest.from: is missing"),
        (ENABLED, "digest.smtp.host: is missing"),
        (ENABLED + 'via = "folder"', "digest.folder: is missing"),
        (
            ENABLED + 'via = "graph"\n[microsoft365]\nauth = "device_code"',
            "digest.via",
        ),
        (
            ENABLED + 'via = "graph"\n[microsoft365]\nauth = "token"',
            "digest.token_env",
        ),
        (
            ENABLED + 'via = "gmail"\n[gmail]\nauth = "oauth"',
            "service_account",
        ),
        (
            ENABLED + '[digest.smtp]\nhost = "m.test"\nuser = "a"',
            "digest.smtp.user: has no password",
        ),
        (
            ENABLED + '[digest.smtp]\nhost = "m.test"\npassword_env = "P"',
            "digest.smtp.user: is missing",
        ),
        (
            ENABLED + '[digest.smtp]\nhost = "m.test"\nauth = "xoauth2"',
            "digest.smtp.user",
        ),
        ('[digest.smtp]\nhost = "m.test"\nsecurity = "none"', "digest.smtp.security"),
        ('[digest]\nfrom = "Ana"', "digest.from"),
        ('[digest.smtp]\npassword = "secret"', "unknown key"),
        ('[digest.webhook]\nurl = "https://x.test/"', "unknown key"),
        ('[digest.webhook]\nkind = "irc"', "digest.webhook.kind"),
        ('[digest]\nsender = "a@us.test"\nvia = "pigeon"', "digest.via"),
    ],
)
def test_what_does_not_fit_together_is_refused(tmp_path: Path, text: str, named: str) -> None:
    """The sentence names the key and what to do; a secret can be no plain value."""
    with pytest.raises(UserError) as refused:
        load(tmp_path, text)
    assert named in str(refused.value)


def test_what_is_not_enabled_may_be_unfinished(tmp_path: Path) -> None:
    """Somebody writes it key by key."""
    assert not load(tmp_path, '[digest]\nvia = "folder"').digest.enabled


def test_paths_begin_at_the_file_and_domains_are_those_of_the_company(tmp_path: Path) -> None:
    """Unless they are named."""
    found = load(
        tmp_path,
        '[digest]\nfolder = "out"\n[digest.smtp]\npassword_file = "p"\n[digest.webhook]\nurl_file = "u"',
    )
    assert found.digest.folder == tmp_path / "out"
    assert found.digest.smtp.password.file == tmp_path / "p"
    assert found.digest.webhook.url.file == tmp_path / "u"
    assert found.mail_may_go_to == ("us.test",)
    assert load(tmp_path, '[digest]\nallowed_domains = ["mail.test"]').mail_may_go_to == ("mail.test",)
