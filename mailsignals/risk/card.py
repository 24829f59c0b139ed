"""What is learnt each night without any label, as JSON: the calibration of quiet, and the record of each level."""

import dataclasses
import json
from collections.abc import Sequence

from mailsignals.risk.quiet import Band, QuietModel
from mailsignals.risk.track_record import LevelRecord

FORMAT = 1


def card_text(model: QuietModel, bands: Sequence[Band], record: Sequence[LevelRecord]) -> str:
    """Return a card that can be kept: the model with its data, its calibration by band, and the record."""
    content = {
        "format": FORMAT,
        "quiet": dataclasses.asdict(model),
        "bands": [dataclasses.asdict(band) for band in bands],
        "track_record": [dataclasses.asdict(one) for one in record],
    }
    return json.dumps(content, sort_keys=True)


def record_of_card(text: str) -> tuple[LevelRecord, ...] | None:
    """Return the record of a card; None where another version of the program made it."""
    content = json.loads(text)
    if content.get("format") != FORMAT:
        return None
    return tuple(LevelRecord(**one) for one in content["track_record"])
