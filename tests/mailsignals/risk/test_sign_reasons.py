"""Further signs of going quiet, explained like every other term."""

import dataclasses
import math

import pytest

from mailsignals.risk.assess import assess
from mailsignals.risk.back_again import back_again_of
from mailsignals.risk.quiet import learn_quiet, quiet_of
from mailsignals.risk.terms import QUIET_FEATURES, SIGN_FEATURES, quiet_features
from mailsignals.signals.active_days import active_days
from models.quiet_signs import COUNTS, SIGNS, Sign
from tests.mailsignals.risk.office import AT, DAY, SETTINGS, Mailbox, facts_and_book

MAIL = {
    "busy": Mailbox("busy"),
    "alone": Mailbox("alone"),
    "usual": Mailbox("usual"),
}
for name, pause in (("busy", 3), ("alone", 9), ("usual", 5)):
    for number in range(0, 300, pause):
        MAIL[name].they((1 + number) * DAY)
        if name != "alone":
            MAIL[name].we((1.5 + number) * DAY)


def test_every_sign_has_a_sentence() -> None:
    """Each sign has a term with a figure, and a name that no other term of quiet has."""
    assert tuple(feature.name for feature in SIGN_FEATURES) == SIGNS
    assert {feature.value.meta.root_names()[0] for feature in SIGN_FEATURES} == {*COUNTS, "age_days"}
    assert quiet_features(["quiet_pace", "quiet_days_since"]) == QUIET_FEATURES


def test_terms_of_signs_add_up_and_are_told() -> None:
    """The parts of quiet are its log odds within 1e-9, and a sign that weighs most is the first reason."""
    found, accounts, people = facts_and_book(MAIL)
    timezone = SETTINGS.company.timezone
    days = active_days(found, timezone=timezone)
    touches = found.touches.select("account", "sent_at", "outbound", "person").collect()
    left = accounts.with_row_index("account").select("account", "churned_on")
    model = dataclasses.replace(
        learn_quiet(days, left, as_of=AT, timezone=timezone),
        signs=tuple(
            Sign(name=name, centre=1.0, spread=0.5, coefficient=1.0 if name == "our_pause" else 0.1)
            for name in SIGNS
        ),
    )
    quiet = quiet_of(days, model, as_of=AT, timezone=timezone, touches=touches)
    quiet = quiet.with_columns(back_again_of(quiet, None))
    risk = assess(found, accounts, people, SETTINGS, as_of=AT, quiet=quiet)
    rows = {row["account_id"]: row for row in risk.to_dicts()}
    for row in rows.values():
        parts = {part["input"]: part["adds"] for part in row["parts"] if part["cause"] == "quiet"}
        assert set(SIGNS) <= set(parts)
        assert sum(parts.values()) == pytest.approx(math.log(row["quiet"] / (1 - row["quiet"])), abs=1e-9)
    text = next(reason["text"] for reason in rows["alone"]["reasons"] if reason["cause"] == "quiet")
    assert text.startswith("Your team has not written to them for 150 days (typical customer: 2")
