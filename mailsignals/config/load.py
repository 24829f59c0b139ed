"""Finds and reads config.toml."""

import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mailsignals.config.environment import override
from mailsignals.config.problems import ConfigOrigin, explain
from mailsignals.config.retired import retired_warnings, without_retired
from mailsignals.config.schedule import probe_warning
from mailsignals.config.settings import Settings
from mailsignals.config.source_lines import lines_of
from mailsignals.errors import UserError

_NAME = "config.toml"


def load_settings(path: Path | None, *, environ: Mapping[str, str]) -> Settings:
    """Return the settings in a file, with the keys that ``MAILSIGNALS_SECTION__KEY`` in ``environ`` overrides.

    Without a path, the file is ``config.toml`` in the current folder, else in the user's configuration folder.
    Relative paths start at the folder of the file. Obsolete keys are ignored, and named in the settings' ``warnings``.

    Raises:
        UserError: no file was found, with the searched places; or the file, line and key of each problem.
    """
    file = find_config(path, environ=environ)
    text = _read(file)
    written = _parse(text, file)
    document, variables = override(written, environ)
    origin = ConfigOrigin(file=file, lines=lines_of(text), variables=variables)
    try:
        settings = Settings.model_validate(without_retired(document))
    except ValidationError as error:
        raise explain(error, origin=origin) from None
    warnings = retired_warnings(written, document, origin=origin)
    probes = probe_warning(settings.service)
    return _anchored(settings.with_warnings([*warnings, *([probes] if probes else [])]), file.parent)


def find_config(path: Path | None, *, environ: Mapping[str, str]) -> Path:
    """Return the configuration file: a path, or the first one at the usual places that exists.

    Raises:
        UserError: there is none; with the searched places.
    """
    return _find([path] if path is not None else places(environ, platform=sys.platform))


def places(environ: Mapping[str, str], *, platform: str) -> list[Path]:
    """Return the paths at which a configuration is searched if none is given, in order.

    ``platform`` is as in ``sys.platform``. The user's folder follows the XDG base directory specification, and the
    conventions of Windows and macOS.
    """
    home = environ.get("USERPROFILE" if platform == "win32" else "HOME", "")
    if platform == "win32":
        folder = environ.get("APPDATA", "")
    elif platform == "darwin":
        folder = home and f"{home}/Library/Application Support"
    else:
        folder = environ.get("XDG_CONFIG_HOME", "")
        if not folder.startswith("/"):  # the specification ignores relative paths
            folder = home and f"{home}/.config"
    return [Path(_NAME), *([Path(folder) / "mailsignals" / _NAME] if folder else [])]


def _find(candidates: Sequence[Path]) -> Path:
    for candidate in candidates:
        if _exists(candidate):
            return candidate
    looked = ", ".join(str(candidate) for candidate in candidates)
    raise UserError(
        f"No configuration found; searched {looked}. Create one with `mailsignals init`, or use "
        "--config FILE. `mailsignals demo` works without one."
    )


def _exists(file: Path) -> bool:
    try:
        return file.exists()
    except OSError:
        return True  # no permission; reading it reports that


def _read(file: Path) -> str:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UserError(
            f"{file} can't be read: {error.strerror}. Check the path and its permissions."
        ) from None
    try:
        return content.decode(
            "utf-8-sig"
        )  # Windows editors write a byte order mark, which TOML doesn't allow
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(f"{file}, line {line}: not UTF-8 text. Save the file as UTF-8.") from None


def _parse(text: str, file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise UserError(f"{file}: not valid TOML: nested too deeply. Use fewer brackets.") from None
    except ValueError as error:
        raise UserError(f"{file}: not valid TOML: {error}. Texts need quotes, lists brackets.") from None


def _anchored(settings: Settings, folder: Path) -> Settings:
    """The settings with their relative paths starting at a folder."""
    store = settings.store.model_copy(update={"path": folder / settings.store.path})
    return settings.model_copy(
        update={
            "store": store,
            "accounts": settings.accounts.anchored(folder),
            "dashboard": settings.dashboard.anchored(folder),
            "digest": settings.digest.anchored(folder),
            "gmail": settings.gmail.anchored(folder),
            "microsoft365": settings.microsoft365.anchored(folder),
            "schedule": settings.schedule.anchored(folder),
        }
    )
