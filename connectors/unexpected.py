"""Logs errors that nobody expected, without anything from the mail that caused them."""

import logging
import traceback
from pathlib import Path


def log_unexpected(to: str, what: str, error: BaseException) -> None:
    """Log the kind of an unexpected error and the lines that led to it, without its text.

    The text may contain an address or a subject, and a log must not.

    Args:
        to: the name of the logger.
        what: the consequence, such as ``an email is skipped``.
        error: the error.
    """
    frames = traceback.extract_tb(error.__traceback__)
    lines = (f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in frames)
    logging.getLogger(to).error("%s: %s at %s", what, type(error).__name__, " > ".join(lines))
