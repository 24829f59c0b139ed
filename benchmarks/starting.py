"""What it costs to start: the program's own modules beside polars alone.

Stages import what they measure themselves: the interpreter has started, and nothing else has.
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
    """The simulated company, and the order by which the service would start one of its jobs."""
    _run("--quiet", "demo", "--accounts", str(ACCOUNTS), "--folder", str(folder / COMPANY))
    config = importlib.import_module("mailsignals.config")
    settings = config.load_settings(folder / COMPANY / "config.toml", environ={})
    order = ("compact", dt.datetime(2026, 3, 2, tzinfo=dt.UTC), settings)
    (folder / ORDER).write_bytes(pickle.dumps(order))
    return {"accounts": ACCOUNTS}


def polars(_: Path) -> Figures:
    """The floor of whatever computes with tables."""
    importlib.import_module("polars")
    return {}


def version(_: Path) -> Figures:
    """``mailsignals --version``."""
    return _run("--version")


def list_commands(_: Path) -> Figures:
    """``mailsignals --help``."""
    return _run("--help")


def list_flags(folder: Path) -> Callable[[], Figures]:
    """``mailsignals flag``, in the folder of the company."""
    os.chdir(folder / COMPANY)
    return lambda: _run("flag")


def show_status(folder: Path) -> Callable[[], Figures]:
    """``mailsignals status``, in the folder of the company."""
    os.chdir(folder / COMPANY)
    return lambda: _run("status")


def read_order(folder: Path) -> Figures:
    """The start of a job, until it knows what to do."""
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
