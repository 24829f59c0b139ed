"""The nightly calibration without churn dates, as JSON: the chance of going quiet, and each level's track record."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

from mailsignals.risk.quiet import Band, QuietModel
from mailsignals.risk.track_record import LevelRecord
from models.finite_json import number, read_finite, whole_number

FORMAT = 2


class BrokenCardError(ValueError):
    """Raised for a card that was damaged; it can be computed again."""


def card_text(model: QuietModel, bands: Sequence[Band], record: Sequence[LevelRecord]) -> str:
    """Return a card as JSON text: the model of going quiet, its calibration by band, and the track record."""
    content = {
        "format": FORMAT,
        "quiet": dataclasses.asdict(model),
        "bands": [dataclasses.asdict(band) for band in bands],
        "track_record": [dataclasses.asdict(one) for one in record],
    }
    return json.dumps(content, sort_keys=True, allow_nan=False)


def record_of_card(text: str) -> tuple[LevelRecord, ...] | None:
    """Return the track record in a card; None if another version of the program wrote it.

    Raises:
        BrokenCardError: the text is not a card, or has a value that is not finite.
    """
    try:
        content = read_finite(text)
        if content["format"] != FORMAT:
            return None
        return tuple(_record_of(one) for one in content["track_record"])
    except KeyError as error:
        raise BrokenCardError(f"the calibration of the day is damaged: {error} is missing") from None
    except (TypeError, ValueError) as error:
        raise BrokenCardError(f"the calibration of the day is damaged: {error}") from None


def _record_of(document: Mapping[str, Any]) -> LevelRecord:
    shares = {
        name: None if document[name] is None else number(document[name])
        for name in ("share", "all_share", "left_share", "all_left_share")
    }
    n, events = (whole_number(document[name]) for name in ("n", "events"))
    return LevelRecord(level=str(document["level"]), n=n, events=events, **shares)
