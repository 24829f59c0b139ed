"""docs/programmer/openapi.json, written from the API itself: ``python3 dev.py docs``."""

import json

from mailsignals.web.api.app import description
from tests.house.conftest import ROOT

FILE = ROOT / "docs" / "programmer" / "openapi.json"


def text() -> str:
    """What docs/programmer/openapi.json should say."""
    return json.dumps(description(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
