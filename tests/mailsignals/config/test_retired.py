"""Keys of earlier versions: an old configuration is warned of and runs."""

import pickle
from pathlib import Path

import pytest

from mailsignals.config import Settings, load_settings
from mailsignals.config.retired import RETIRED
from mailsignals.config.section import keys_of
from mailsignals.config.settings import Settings as Sections
from mailsignals.errors import UserError

LEAST = '[company]\nname = "Us"\ndomains = ["us.example"]\n'
FILE = "config.toml, line 5: risk.high_score no longer has an effect: "
VARIABLE = "Environment variable MAILSIGNALS_RISK__HIGH_SCORE: risk.high_score no longer has an effect: "


def load(folder: Path, text: str, **environ: str) -> Settings:
    """The settings of the least configuration and this text, which starts on line 4."""
    file = folder / "config.toml"
    file.write_text(LEAST + text)
    return load_settings(file, environ=environ)


def starts(folder: Path, settings: Settings) -> list[str]:
    """The warnings up to what took the key's place, without the folder."""
    return [
        f"{text.replace(f'{folder}/', '').partition('effect: ')[0]}effect: " for text in settings.warnings
    ]


@pytest.mark.parametrize("value", ["80.0", "'high'", "[1]"])
def test_an_old_key_is_named_with_what_took_its_place(tmp_path: Path, value: str) -> None:
    """With file and line; its value is not looked at, and the settings are those without it."""
    old = load(tmp_path, f"[risk]\nhigh_score = {value}\nmin_touches = 7\n")
    assert starts(tmp_path, old) == [FILE]
    assert old.warnings[0].endswith("Use risk.high_risk and risk.medium_risk, which are shares such as 0.2.")
    assert (old.risk.min_touches, old.risk.high_risk) == (7, 0.2)
    new = load(tmp_path, "[risk]\nmin_touches = 7\n")
    assert new.warnings == ()
    assert new.risk == old.risk


def test_an_old_key_of_the_environment_names_the_variable(tmp_path: Path) -> None:
    """Each place that sets it is named: the variable, and the file too if it stands there as well."""
    environ = {"MAILSIGNALS_RISK__HIGH_SCORE": "70"}
    assert starts(tmp_path, load(tmp_path, "", **environ)) == [VARIABLE]
    both = load(tmp_path, "[risk]\nhigh_score = 80\n", **environ)
    assert starts(tmp_path, both) == [FILE, VARIABLE]
    beside = load(tmp_path, "[risk]\nhigh_score = 80\n", MAILSIGNALS_RISK__HIGH_RISK="0.4")
    assert starts(tmp_path, beside) == [FILE]
    assert beside.risk.high_risk == 0.4


def test_an_old_key_beside_a_mistake_does_not_hide_it(tmp_path: Path) -> None:
    """A key that never existed is refused all the same."""
    with pytest.raises(UserError, match=r"line 6: risk\.min_touch: unknown key"):
        load(tmp_path, "[risk]\nhigh_score = 80\nmin_touch = 1\n")


def test_warnings_survive_a_copy_into_another_process(tmp_path: Path) -> None:
    """Jobs get their settings from the service, in a process of their own."""
    old = load(tmp_path, "[risk]\nhigh_score = 80\n")
    assert pickle.loads(pickle.dumps(old)).warnings == old.warnings


def test_no_key_is_retired_and_known() -> None:
    """A retired key would hide one of the same name."""
    for section, key in (name[:2] for name in RETIRED if len(name) > 1):
        table = keys_of(Sections)[section].annotation
        assert isinstance(table, type)
        assert key not in keys_of(table)
