"""The nightly calibration without churn dates, as JSON: the chance of going quiet, and each level's track record."""

import dataclasses
import json
from collections.abc import Sequence

from mailsignals.risk.quiet import Band, QuietModel
from mailsignals.risk.track_record import LevelRecord

FORMAT = 2


def card_text(model: QuietModel, bands: Sequence[Band], record: Sequence[LevelRecord]) -> str:
    """Return a card as JSON text: the model of going quiet, its calibration by band, and the track record."""
    content = {
        "format": FORMAT,
        "quiet": dataclasses.asdict(model),
        "bands": [dataclasses.asdict(band) for band in bands],
        "track_record": [dataclasses.asdict(one) for one in record],
    }
    return json.dumps(content, sort_keys=True)


def record_of_card(text: str) -> tuple[LevelRecord, ...] | None:
    """Return the track record in a card; None if another version of the program wrote it."""
    content = json.loads(text)
    if content.get("format") != FORMAT:
        return None
    return tuple(LevelRecord(**one) for one in content["track_record"])
