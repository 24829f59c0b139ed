from pathlib import Path

import pytest

from mailsignals.config import Settings, load_settings
from mailsignals.config.load import places
from mailsignals.errors import UserError

LEAST = '[company]\nname = "Us"\ndomains = ["us.example"]\n'


def load(folder: Path, text: str | bytes, **environ: str) -> Settings:
    """The settings of a file with this text."""
    file = folder / "config.toml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return load_settings(file, environ=environ)


def problem(folder: Path, text: str | bytes, **environ: str) -> str:
    """The error that a file with this text ends in, without the folder."""
    with pytest.raises(UserError) as error:
        load(folder, text, **environ)
    return str(error.value).replace(f"{folder}/", "")


def test_the_least_that_is_needed(tmp_path: Path) -> None:
    """A name and a domain are enough; paths start at the folder of the file."""
    settings = load(tmp_path, LEAST)
    assert settings.store.path == tmp_path / "store"
    assert settings.accounts.file == tmp_path / "accounts.csv"
    assert settings.tier_names == ("enterprise", "mid-market", "small")
    assert settings.risk.marks.no_checkin_days == 30


def test_an_absolute_path_stays(tmp_path: Path) -> None:
    """A whole path is used as it is."""
    assert load(tmp_path, LEAST + f'[store]\npath = "{tmp_path}/x"').store.path == tmp_path / "x"


def test_a_byte_order_mark_is_tolerated(tmp_path: Path) -> None:
    """A file of a Windows editor is read like any other."""
    assert load(tmp_path, b"\xef\xbb\xbf" + LEAST.encode()).company.name == "Us"


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    """A variable sets one key, nested by two underscores; its value is TOML where it can be, else a string."""
    settings = load(
        tmp_path,
        LEAST + '[risk.weights]\nours = 0.1\n[calendars.Office]\nmon = ["09:00-17:00"]\n',
        MAILSIGNALS_RISK__MARKS__NO_CHECKIN_DAYS="45",
        MAILSIGNALS_RISK__WEIGHTS__ACTIVITY="3.5",
        MAILSIGNALS_COMPANY__NAME="Acme Ltd",
        MAILSIGNALS_COMPANY__DOMAINS='["acme.example"]',
        MAILSIGNALS_CALENDARS__OFFICE__TIMEZONE="Europe/Berlin",
        MAILSIGNALS_STORE__PATH="/srv/mail",
    )
    assert settings.risk.marks.no_checkin_days == 45
    assert (settings.risk.weights.activity, settings.risk.weights.ours) == (3.5, 0.1)
    assert settings.company.name == "Acme Ltd"
    assert settings.company.domains == ("acme.example",)
    assert settings.calendars["Office"][0].timezone == "Europe/Berlin"
    assert settings.store.path == Path("/srv/mail")


def test_variables_without_two_underscores_are_not_ours(tmp_path: Path) -> None:
    """Other names, even with our prefix, are left alone."""
    assert load(tmp_path, LEAST, MAILSIGNALS_DATA="/x", OTHER__KEY="1") == load(tmp_path, LEAST)


def test_the_environment_is_checked_like_the_file(tmp_path: Path) -> None:
    """An unknown key or a wrong value in the environment is refused, naming the variable."""
    assert problem(tmp_path, LEAST, MAILSIGNALS_RISK__HIGH_SCOR="70") == (
        "Environment variable MAILSIGNALS_RISK__HIGH_SCOR: risk.high_scor: unknown key "
        "(did you mean high_risk?)."
    )
    assert problem(tmp_path, LEAST + "[risk]\nhigh_risk = 0.3", MAILSIGNALS_RISK__HIGH_RISK="many") == (
        "Environment variable MAILSIGNALS_RISK__HIGH_RISK: risk.high_risk: 'many' should be a valid number."
    )
    assert problem(tmp_path, LEAST, MAILSIGNALS_NOPE__KEY="1").startswith(
        "Environment variable MAILSIGNALS_NOPE__KEY: nope: unknown key (known keys: company, store,"
    )
    assert problem(tmp_path, LEAST, MAILSIGNALS_TIERS="ignored", MAILSIGNALS_COMPANY__NAME__X="1") == (
        "Environment variable MAILSIGNALS_COMPANY__NAME__X: company.name is not a table of keys. Unset it."
    )


def test_a_file_error_beside_an_override_names_the_file(tmp_path: Path) -> None:
    """A variable is blamed for its own key only, not for its neighbours in the same table."""
    found = problem(tmp_path, LEAST + "[risk]\nhigh_scor = 70", MAILSIGNALS_RISK__MIN_TOUCHES="6")
    assert found == "config.toml, line 5: risk.high_scor: unknown key (did you mean high_risk?)."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "config.toml: company: is missing; add it."),
        ("[company]\n", "config.toml, line 1: company.name: is missing; add it. The company's name"),
        (
            "[company\n",
            "config.toml: not valid TOML: Expected ']' at the end of a table declaration (at line 1,",
        ),
        ("a = " + "[" * 100_000, "config.toml: not valid TOML"),
        ("a = " + "1" * 5_000, "config.toml: not valid TOML"),
        (b"[company]\nname = '\xe9'\n", "config.toml, line 2: not UTF-8 text."),
    ],
)
def test_a_broken_file_says_where(tmp_path: Path, text: str | bytes, words: str) -> None:
    """A file that is empty, incomplete, no TOML or no UTF-8 ends in an error with the place."""
    assert problem(tmp_path, text).startswith(words)


def test_a_missing_file_names_every_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a configuration the error lists where it was looked for, and what works without one."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="mailsignals demo") as error:
        load_settings(None, environ={"HOME": "/home/ana", "XDG_CONFIG_HOME": "/etc/ana", "APPDATA": "/ana"})
    assert "config.toml, /" in str(error.value)
    with pytest.raises(UserError, match=r"searched other\.toml"):
        load_settings(Path("other.toml"), environ={})
    with pytest.raises(UserError, match="can't be read"):
        load_settings(tmp_path, environ={})


def test_the_current_folder_comes_before_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a path the file of the current folder is taken, else the one of the user's folder."""
    monkeypatch.chdir(tmp_path)
    user = places({"HOME": str(tmp_path), "APPDATA": str(tmp_path)}, platform="linux")[1]
    user.parent.mkdir(parents=True)
    user.write_text(LEAST)
    monkeypatch.setattr("sys.platform", "linux")
    assert load_settings(None, environ={"HOME": str(tmp_path)}).store.path == user.parent / "store"
    (tmp_path / "config.toml").write_text(LEAST)
    assert load_settings(None, environ={"HOME": str(tmp_path)}).store.path == Path("store")


@pytest.mark.parametrize(
    ("platform", "environ", "folder"),
    [
        ("linux", {"HOME": "/home/ana"}, "/home/ana/.config"),
        ("linux", {"HOME": "/home/ana", "XDG_CONFIG_HOME": "/cfg"}, "/cfg"),
        ("linux", {"HOME": "/home/ana", "XDG_CONFIG_HOME": "relative"}, "/home/ana/.config"),
        ("darwin", {"HOME": "/Users/ana"}, "/Users/ana/Library/Application Support"),
        ("win32", {"APPDATA": "/Users/ana/AppData/Roaming"}, "/Users/ana/AppData/Roaming"),
    ],
)
def test_the_users_folder_follows_the_system(platform: str, environ: dict[str, str], folder: str) -> None:
    """Each system has its own place for configurations of a user."""
    assert places(environ, platform=platform) == [
        Path("config.toml"),
        Path(folder) / "mailsignals" / "config.toml",
    ]


def test_without_a_home_only_the_current_folder_is_looked_at() -> None:
    """A service without a home folder has one place."""
    assert places({}, platform="linux") == [Path("config.toml")]


def test_the_real_configurations_load(openbmc: Path, edges: Path) -> None:
    """The configurations of the shared data are read whole."""
    assert load_settings(openbmc / "config.toml", environ={}).our_company.domains == ("d1283b1.com",)
    settings = load_settings(edges / "config.toml", environ={})
    assert settings.our_company.roles["cy@eu.us.example"] == "support"
    assert settings.calendars["office"][0].holidays == "DE-BE"
