"""A company: its configuration and account book, its store, and all that is known of it at an instant."""

from mailsignals.workspace.snapshot import Snapshot
from mailsignals.workspace.workspace import Workspace

__all__ = ["Snapshot", "Workspace"]
