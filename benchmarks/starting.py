"""Cost of starting the program, relative to importing polars alone.

Stages import the measured modules themselves, in an interpreter that has imported nothing else.
"""

import contextlib
import datetime as dt
import importlib
import io
import os
import pickle
import threading
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import Figures

COMPANY, ORDER = "company", "order"
ACCOUNTS = 40


def write_demo(folder: Path) -> Figures:
    """Write the simulated company, and a request with which the service starts a job."""
    _run("--quiet", "demo", "--accounts", str(ACCOUNTS), "--folder", str(folder / COMPANY))
    config = importlib.import_module("mailsignals.config")
    settings = config.load_settings(folder / COMPANY / "config.toml", environ={})
    order = ("compact", dt.datetime(2026, 3, 2, tzinfo=dt.UTC), settings)
    (folder / ORDER).write_bytes(pickle.dumps(order))
    return {"accounts": ACCOUNTS}


def polars(_: Path) -> Figures:
    """Import polars, the minimum for any program with tables."""
    importlib.import_module("polars")
    return {}


def version(_: Path) -> Figures:
    """Run ``mailsignals --version``."""
    return _run("--version")


def list_commands(_: Path) -> Figures:
    """Run ``mailsignals --help``."""
    return _run("--help")


def list_flags(folder: Path) -> Callable[[], Figures]:
    """Run ``mailsignals flag`` in the folder of the company."""
    os.chdir(folder / COMPANY)
    return lambda: _run("flag")


def show_status(folder: Path) -> Callable[[], Figures]:
    """Run ``mailsignals status`` in the folder of the company."""
    os.chdir(folder / COMPANY)
    return lambda: _run("status")


def read_order(folder: Path) -> Figures:
    """Start a job, until it has read its request."""
    process = importlib.import_module("mailsignals.service.job_process")
    with (folder / ORDER).open("rb") as order:
        process.taken_over(order, threading.Event())
    return {}


def _run(*arguments: str) -> Figures:
    program = importlib.import_module("mailsignals.cli.app")
    with contextlib.redirect_stdout(io.StringIO()):
        status = program.main(arguments)
    if status:
        raise RuntimeError(f"mailsignals {' '.join(arguments)} ended with {status}")
    return {}
