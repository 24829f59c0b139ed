"""The folder of a demo: whether it may be used, and its configuration for a dashboard."""

import shutil
from pathlib import Path

from mailsignals.demo.company import MARK
from mailsignals.demo.simulation import CONFIG_FILE, STORIES_FILE
from mailsignals.errors import UserError

HOST = "127.0.0.1"
DIGESTS, BACKTEST = "digests", "backtest"
_MADE = ("store", DIGESTS, BACKTEST)
"""Folders that a demo makes; nothing else is ever removed."""


def make_room(folder: Path) -> bool:
    """Remove what an earlier demo made in a folder; return true if there was one.

    Raises:
        UserError: the folder holds something other than a demo, or cannot be read or emptied.
    """
    try:
        if not folder.exists():
            return False
        if _is_demo(folder):
            for name in _MADE:
                if (folder / name).exists():
                    shutil.rmtree(folder / name)
            return True
        if folder.is_dir() and not any(folder.iterdir()):
            return False
    except OSError as error:
        raise UserError(
            f"{folder}: cannot be used ({error.strerror or error}). Name another folder with --folder."
        ) from None
    raise UserError(f"{folder}: not a demo, so nothing in it was changed. Name another folder with --folder.")


def _is_demo(folder: Path) -> bool:
    config = folder / CONFIG_FILE
    if not (folder / STORIES_FILE).is_file() or not config.is_file():
        return False
    return config.read_text(encoding="utf-8", errors="replace").startswith(MARK)


def dashboard_address(port: int) -> str:
    """Return the address of the dashboard at a port of this machine, such as ``http://127.0.0.1:8321``."""
    return f"http://{HOST}:{port}"


def with_dashboard(config: str, port: int) -> str:
    """Return the text of a demo's configuration with a dashboard at a port, to which links in digests lead."""
    return f'{config}\n[service]\nport = {port}\n\n[dashboard]\nurl = "{dashboard_address(port)}"\n'
