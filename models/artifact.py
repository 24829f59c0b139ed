"""A trained model as JSON: numbers that one can read and check, and nothing that a program could run.

No pickle is written or read. The text carries a hash of its content, so that a file that was changed or cut short is
refused; the id ends in that hash.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from models.drift import Reference
from models.index import Index, Term
from models.inputs import TIER
from models.train import Candidate, Fitted

FORMAT = 2
TARGET = "churn"
"""Begins the id of every model: what it gives the chance of."""


class BrokenArtifactError(ValueError):
    """A text that holds no model, or was changed."""


class RetiredArtifactError(ValueError):
    """A text of an earlier format, whose kinds of model are gone; it can be listed, and is never used."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Artifact:
    """Everything that is needed to use a model, and to say where it comes from."""

    fitted: Fitted
    weights: Mapping[str, float]
    """Of the scorecard's blocks, by which the inputs' score was made."""
    reference: Reference
    """The distribution of its inputs when it was trained."""
    manifest: Mapping[str, Any]
    """Where it comes from: dates, counts, versions, figures; ``sets_order``."""

    @property
    def sets_order(self) -> bool:
        """Return whether its chance of leaving orders the accounts; else it is one of two causes of risk."""
        return bool(self.manifest.get("sets_order", False))

    @property
    def tiers(self) -> tuple[str, ...]:
        """The tiers that have an input of their own."""
        names = (term.name for term in self.fitted.index)
        return tuple(name.removeprefix(TIER) for name in names if name.startswith(TIER))

    @property
    def id(self) -> str:
        """``churn-leaving-20260601-1a2b3c4d``: target, kind, day of training, hash."""
        kind = self.fitted.candidate.name.replace(" ", "-")
        day = str(self.manifest["as_of"])[:10].replace("-", "")
        return f"{TARGET}-{kind}-{day}-{self._hash()[:8]}"

    def to_text(self) -> str:
        """JSON with its own hash."""
        return json.dumps({"sha256": self._hash(), **self._content()}, indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the model of a text.

        Raises:
            RetiredArtifactError: it is of an earlier format.
            BrokenArtifactError: it is of a later one, was changed, or is no model.
        """
        try:
            document = json.loads(text)
            claimed = document.pop("sha256")
            _check_format(document)
            _check_hash(document, claimed)
            return cls._of(document)
        except (BrokenArtifactError, RetiredArtifactError):
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BrokenArtifactError(f"it is not a model ({type(error).__name__}: {error})") from None

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
                candidate=Candidate(contract=bool(document["contract"])),
                intercept=float(document["intercept"]),
                index=_index_of(document["terms"]),
                width=float(document["width"]),
            ),
            weights={name: float(weight) for name, weight in document["weights"].items()},
            reference=Reference.from_json(document["reference"]),
            manifest=document["manifest"],
        )


def retired_words(document: Mapping[str, Any]) -> str:
    """Return why a document of an earlier format is not used: ``it is of the kind linear, which is gone``."""
    kind = str(document.get("kind", "of before"))
    return (
        "silence needs no model any more"
        if document.get("target") == "silence"
        else f"the kind {kind} is gone"
    )


def _check_format(document: Mapping[str, Any]) -> None:
    written = int(document["format"])
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
    """A term without limits has none."""
    shared = {"name": term.name, "centre": term.centre, "slope": term.slope}
    return shared | ({"low": term.low, "high": term.high} if np.isfinite([term.low, term.high]).all() else {})


def _index_of(terms: list[dict[str, Any]]) -> Index:
    return tuple(
        Term(
            name=str(term["name"]),
            centre=float(term["centre"]),
            slope=float(term["slope"]),
            low=float(term.get("low", -np.inf)),
            high=float(term.get("high", np.inf)),
        )
        for term in terms
    )
