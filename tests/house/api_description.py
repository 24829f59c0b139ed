"""Write docs/programmer/openapi.json from the API itself: ``python3 dev.py docs``."""

import json

from mailsignals.web.api.app import description
from tests.house.conftest import ROOT

FILE = ROOT / "docs" / "programmer" / "openapi.json"


def text() -> str:
    """Return the text of docs/programmer/openapi.json."""
    return json.dumps(description(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
