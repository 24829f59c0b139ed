"""Files and folders that other users of the machine can read, with the remedy."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from mailsignals.config import Settings
from mailsignals.file_modes import close_to_others, open_to_others
from mailsignals.store.upkeep.backup import backups


def open_files(settings: Settings, config: Path) -> list[str]:
    """Return a sentence with the remedy for each file that is not for its owner alone.

    The store and the backups are closed where that is possible. The configuration and the files that it names are not
    the program's, so they are only named: secrets if their group can read them, other files if everybody can.

    Args:
        settings: the company's.
        config: the file of the configuration.
    """
    own = [settings.store.path, *backups(settings.schedule.backup_folder)]
    left = [path for folder in own for path in close_to_others(folder)]
    named = list(_named_files(settings, ""))
    secret = [(key, path) for key, path in named if _is_secret(key)]
    plain = [("the configuration", config), *((key, path) for key, path in named if not _is_secret(key))]
    return [
        *(
            f"{path}: other users can read it, and it belongs to somebody else. Run `chmod go= {path}`."
            for path in left
        ),
        *open_to_others(secret, group=True),
        *open_to_others(plain, group=False),
    ]


def _is_secret(key: str) -> bool:
    """Return whether a key names the file of a secret; files of customers are none."""
    return not key.startswith("accounts.")


def _named_files(section: BaseModel, key: str) -> Iterator[tuple[str, Path]]:
    """Yield the keys at and below a section that name a file, with the file."""
    fields = type(section).model_fields
    for name, value in section:
        own = ".".join(filter(None, (key, fields[name].alias or name)))
        if isinstance(value, BaseModel):
            yield from _named_files(value, own)
        elif isinstance(value, Path) and value.is_file():
            yield own, value
