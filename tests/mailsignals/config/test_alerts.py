"""What ``[alerts]`` refuses."""

from pathlib import Path

import pytest

from mailsignals.errors import UserError
from tests.mailsignals.config.test_digest import ENABLED, load

DIGEST = f'{ENABLED}via = "folder"\nfolder = "out"\n'


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("enabled = true", "alerts.enabled: requires digest.enabled"),
        (f'enabled = true\ntiers = ["enterprize"]\n{DIGEST}', "did you mean enterprise"),
        ("at_share = 1.0", "alerts.at_share"),
        ("hours = []", "08:00-18:00"),
        ('hours = ["8-18"]', "8-18"),
        ("minutes_between = -1", "alerts.minutes_between"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, text: str, named: str) -> None:
    """With the key, and what to do."""
    with pytest.raises(UserError, match=named):
        load(tmp_path, f"[alerts]\n{text}")


def test_what_is_not_enabled_may_be_unfinished(tmp_path: Path) -> None:
    """A tier of that name may come later; no tier at all tells of breaches alone."""
    assert not load(tmp_path, '[alerts]\ntiers = ["later"]').alerts.enabled
    assert load(tmp_path, f"[alerts]\nenabled = true\ntiers = []\n{DIGEST}").alerts.tiers == ()
