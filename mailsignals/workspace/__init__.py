"""A company: its configuration and account list, its store, and snapshots of its data as of a time."""

from mailsignals.workspace.snapshot import Snapshot
from mailsignals.workspace.workspace import Workspace

__all__ = ["Snapshot", "Workspace"]
