"""What ``[dashboard]`` refuses, and where its paths begin."""

from pathlib import Path

import pytest

from mailsignals.config import Settings, load_settings
from mailsignals.errors import UserError

COMPANY = '[company]\nname = "Us"\ndomains = ["us.test"]\n'
OIDC = '[dashboard]\naccess = "oidc"\nurl = "https://m.us.test"\n[dashboard.oidc]\nclient_id = "us"\n'


def load(folder: Path, text: str) -> Settings:
    """The settings of a configuration with a company."""
    (folder / "config.toml").write_text(COMPANY + text, encoding="utf-8")
    return load_settings(folder / "config.toml", environ={})


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[dashboard]\naccess = "oidc"', "dashboard.url: is missing"),
        ('[dashboard]\naccess = "proxy"', "dashboard.url: is missing"),
        ('[dashboard]\naccess = "anybody"', "dashboard.access"),
        ('[dashboard]\nurl = "mail.us.test"', "dashboard.url"),
        ('[dashboard]\nurl = "https://us.test/mail"', "has a path"),
        ("[dashboard]\nsession_hours = 0.0", "dashboard.session_hours"),
        (OIDC, "dashboard.oidc.issuer: is missing"),
        (OIDC.replace("https:", "http:") + 'issuer = "https://id.test"', "not encrypted"),
        (OIDC + 'issuer = "http://id.test"', "not encrypted"),
        (
            OIDC + 'issuer = "https://login.microsoftonline.com/common/v2.0"',
            "lets anyone with a Microsoft account sign in",
        ),
        (
            OIDC + 'issuer = "https://login.microsoftonline.com/organizations/v2.0"',
            "lets anyone with a Microsoft account sign in",
        ),
        ('[dashboard.oidc]\nclient_secret = "secret"', "unknown key"),
        ('[dashboard.proxy]\nfrom = ["proxy.us.test"]', "dashboard.proxy.from"),
        ('[dashboard.proxy]\nfrom = ["10.0.0.5/24"]', "dashboard.proxy.from"),
    ],
)
def test_what_does_not_fit_together_is_refused(tmp_path: Path, text: str, named: str) -> None:
    """The sentence names the key and what to do; a secret can be no plain value."""
    with pytest.raises(UserError) as refused:
        load(tmp_path, text)
    assert named in str(refused.value)


def test_the_file_of_the_secret_begins_at_the_configuration(tmp_path: Path) -> None:
    """As all paths do; sign-in on this machine may do without encryption."""
    text = OIDC.replace("https://m.us.test", "http://localhost:8321")
    found = load(tmp_path, text + 'issuer = "http://127.0.0.1:9/"\nclient_secret_file = "client.txt"')
    assert found.dashboard.oidc.client_secret_file == tmp_path / "client.txt"
    assert found.dashboard.oidc.issuer == "http://127.0.0.1:9/"
