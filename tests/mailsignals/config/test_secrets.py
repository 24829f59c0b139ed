from pathlib import Path

import keyring
import pytest

from mailsignals.config import load_settings
from mailsignals.config.secrets import SecretPlace
from mailsignals.errors import UserError


def ring(service: str, user: str) -> str | None:
    """A keyring with one entry."""
    return "from the keyring" if (service, user) == ("mailsignals", "key") else None


def place(*, file: Path | None = None, variable: str = "", entry: str = "") -> SecretPlace:
    """Where a key may be."""
    return SecretPlace(key="gmail.key", what="the key", file=file, variable=variable, entry=entry)


def test_a_secret_comes_from_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a file, an environment variable, or the keyring."""
    (tmp_path / "key").write_text("from the file")
    monkeypatch.setattr(keyring, "get_password", ring)
    assert place(file=tmp_path / "key").read({}) == "from the file"
    assert place(variable="KEY").read({"KEY": " from the variable "}) == "from the variable"
    assert place(entry="mailsignals/key").read({}) == "from the keyring"


def test_a_secret_that_is_not_there_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the key of the configuration, and what should be there."""
    monkeypatch.setattr(keyring, "get_password", ring)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    wrong = {
        "key_file": [place(file=tmp_path / "absent"), place(file=tmp_path / "binary")],
        "key_env": [place(variable="KEY")],
        "keyring set": [place(entry="mailsignals/other")],
        "key_keyring": [place()],
    }
    for named, places in wrong.items():
        for each in places:
            with pytest.raises(UserError, match=named):
                each.read({"KEY": ""})


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('api_root = "http://example.com/"', "https"),
        ('mailboxes = ["ana@us.test", "ana@us.test"]', "twice"),
        ('mailboxes = ["no address"]', "mailboxes"),
        ('quota = "modern"', "legacy"),
        ('key = "secret"', "unknown key"),
        ("history_days = -1", "history_days"),
    ],
)
def test_a_wrong_section_is_an_error(tmp_path: Path, line: str, says: str) -> None:
    """What is not safe or makes no sense is refused with the place; a secret itself is no key."""
    file = tmp_path / "config.toml"
    file.write_text(f'[company]\nname = "Us"\ndomains = ["us.test"]\n[gmail]\n{line}\n', encoding="utf-8")
    with pytest.raises(UserError, match=says):
        load_settings(file, environ={})


def test_paths_start_at_the_configuration(tmp_path: Path) -> None:
    """A relative path of a secret is seen from the folder of config.toml."""
    file = tmp_path / "config.toml"
    file.write_text(
        '[company]\nname = "Us"\ndomains = ["us.test"]\n[gmail]\nkey_file = "key.json"\n', encoding="utf-8"
    )
    assert load_settings(file, environ={}).gmail.key.file == tmp_path / "key.json"
