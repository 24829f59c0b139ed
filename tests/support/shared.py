"""What is dear to make, and the same for every worker of a test run, is made once."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from tests.support.copies import copy_company


def copy_of(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """This worker's own copy of a folder that the first worker to ask for it makes; others wait until it is done.

    Args:
        factory: of this worker.
        name: of the folder; another one for everything that is made otherwise.
        make: fills the folder, which is there and empty.
    """
    base = factory.getbasetemp()
    # The workers of xdist have folders side by side; who runs alone has the run's folder.
    root = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    whole, draft = root / "shared" / name, root / "shared" / f"{name}.draft"
    whole.parent.mkdir(exist_ok=True)
    with FileLock(whole.with_suffix(".lock")):
        if not whole.exists():
            shutil.rmtree(draft, ignore_errors=True)  # of a worker that failed
            draft.mkdir()
            make(draft)
            draft.rename(whole)
    own = factory.mktemp(name) / "company"
    copy_company(whole, own)
    return own
