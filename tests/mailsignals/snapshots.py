"""Snapshots of which something is known otherwise."""

import copy

from mailsignals.workspace import Snapshot


def known_otherwise(snapshot: Snapshot, **values: object) -> Snapshot:
    """A copy of a snapshot in which some properties have other values."""
    other = copy.copy(snapshot)
    other.__dict__.update(values)
    return other
