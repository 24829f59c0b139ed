"""A trained model as JSON: readable numbers, and no code.

No pickle is written or read. The text contains a hash of its content, so that a changed or truncated file is refused.
The id ends in that hash.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from models.drift import Reference
from models.finite_json import number, point_in_time, read_finite, whole_number
from models.index import Index, Term
from models.inputs import TIER
from models.train import Candidate, Fitted

FORMAT = 2
TARGET = "churn"
"""First part of every model's id: the event that it predicts."""
_SNAPSHOTS = ("first_snapshot", "last_snapshot")


class BrokenArtifactError(ValueError):
    """Raised for a text that does not contain a model, or was changed."""


class RetiredArtifactError(ValueError):
    """Raised for a text of an earlier format: such models are listed, but not used."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Artifact:
    """A model with its parameters and its origin."""

    fitted: Fitted
    weights: Mapping[str, float]
    """Weights of the scorecard's blocks in training."""
    reference: Reference
    """Distribution of the inputs in training."""
    manifest: Mapping[str, Any]
    """Origin of the model: dates, counts, versions, figures; ``sets_order``."""

    @property
    def sets_order(self) -> bool:
        """Return whether the chance of churn orders the accounts; else it is one of two causes of risk."""
        return bool(self.manifest.get("sets_order", False))

    @property
    def tiers(self) -> tuple[str, ...]:
        """Return the tiers that have an input of their own."""
        names = (term.name for term in self.fitted.index)
        return tuple(name.removeprefix(TIER) for name in names if name.startswith(TIER))

    @property
    def id(self) -> str:
        """Return target, kind, day of training and hash: ``churn-leaving-20260601-1a2b3c4d``."""
        kind = self.fitted.candidate.name.replace(" ", "-")
        day = str(self.manifest["as_of"])[:10].replace("-", "")
        return f"{TARGET}-{kind}-{day}-{self._hash()[:8]}"

    def to_text(self) -> str:
        """Return the model as JSON text with its hash."""
        return json.dumps({"sha256": self._hash(), **self._content()}, indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the model of a text.

        Raises:
            RetiredArtifactError: the text has an earlier format.
            BrokenArtifactError: the text has a later format, was changed, does not contain a model, or has a value
                that is not finite.
        """
        try:
            document = read_finite(text)
            claimed = document.pop("sha256")
            _check_format(document)
            _check_hash(document, claimed)
            return cls._of(document)
        except (BrokenArtifactError, RetiredArtifactError):
            raise
        except KeyError as error:
            raise BrokenArtifactError(f"it is not a model: {error} is missing") from None
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            raise BrokenArtifactError(f"it is not a model: {error}") from None

    def _content(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "contract": self.fitted.candidate.contract,
            "width": self.fitted.width,
            "intercept": self.fitted.intercept,
            "terms": [_term_to_json(term) for term in self.fitted.index],
            "weights": dict(self.weights),
            "reference": self.reference.to_json(),
            "manifest": dict(self.manifest),
        }

    def _hash(self) -> str:
        return _hash_of(json.loads(json.dumps(self._content())))

    @classmethod
    def _of(cls, document: Mapping[str, Any]) -> Self:
        return cls(
            fitted=Fitted(
                candidate=Candidate(contract=_truth(document["contract"])),
                intercept=number(document["intercept"]),
                index=_index_of(document["terms"]),
                width=number(document["width"]),
            ),
            weights={name: number(weight) for name, weight in document["weights"].items()},
            reference=Reference.from_json(document["reference"]),
            manifest=_manifest_of(document["manifest"]),
        )


def retired_words(document: Mapping[str, Any]) -> str:
    """Return the reason why an earlier format is not used: ``it is of the kind linear, which is gone``."""
    kind = str(document.get("kind", "of before"))
    return (
        "silence needs no model any more"
        if document.get("target") == "silence"
        else f"the kind {kind} is gone"
    )


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def _manifest_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the origin of a model, whose dates are dates."""
    point_in_time(document["as_of"])
    for name in _SNAPSHOTS:
        if name in document:
            point_in_time(document[name], zone=False)
    return dict(document)


def _check_format(document: Mapping[str, Any]) -> None:
    written = whole_number(document["format"])
    if written < FORMAT:
        raise RetiredArtifactError(retired_words(document))
    if written != FORMAT:
        raise BrokenArtifactError(f"it has format {written}, and this program reads {FORMAT}")


def _check_hash(document: Mapping[str, Any], claimed: str) -> None:
    if claimed != _hash_of(document):
        raise BrokenArtifactError("its content does not match its hash")


def _hash_of(document: Mapping[str, Any]) -> str:
    plain = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def _term_to_json(term: Term) -> dict[str, Any]:
    """Return the term as values for JSON; infinite limits are left out."""
    shared = {"name": term.name, "centre": term.centre, "slope": term.slope}
    return shared | ({"low": term.low, "high": term.high} if np.isfinite([term.low, term.high]).all() else {})


def _index_of(terms: list[dict[str, Any]]) -> Index:
    return tuple(
        Term(
            name=str(term["name"]),
            centre=number(term["centre"]),
            slope=number(term["slope"]),
            low=number(term["low"]) if "low" in term else -np.inf,
            high=number(term["high"]) if "high" in term else np.inf,
        )
        for term in terms
    )
