"""Short fingerprints of values that are the same in every process."""

import hashlib
import json


def fingerprint(value: object) -> str:
    """Return 32 hexadecimal digits of the SHA-256 of a value's JSON; the caller sorts sets and mappings."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:32]
