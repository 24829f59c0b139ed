"""Short names for values, the same in every process."""

import hashlib
import json


def fingerprint(value: object) -> str:
    """32 hexadecimal digits of the SHA-256 of a value's JSON; the caller brings sets and mappings in order."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:32]
