"""A trained model as JSON: numbers that one can read and check, and nothing that a program could run.

No pickle is written or read. The text carries a hash of its content, so that a file that was changed or cut short is
refused; the id ends in that hash.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Self

from models.alarms import Thresholds
from models.calibration import Calibration
from models.drift import Reference
from models.index import Index, Pair, Term
from models.inputs import TIER
from models.train import Candidate, CandidateKind, Fitted

FORMAT = 1


class BrokenArtifactError(ValueError):
    """A text that is no model of ours, or was changed."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Artifact:
    """Everything that is needed to use a model, and to say where it comes from."""

    target: str
    """``churn``, or ``silence`` where nobody is known to have left."""
    fitted: Fitted
    weights: Mapping[str, float]
    """Of the scorecard's blocks, by which the inputs' score was made."""
    thresholds: Thresholds
    reference: Reference
    """What the inputs looked like when it was trained."""
    manifest: Mapping[str, Any]
    """Where it comes from: instants, counts, versions, figures."""

    @property
    def tiers(self) -> tuple[str, ...]:
        """The tiers that have an input of their own."""
        names = (term.name for term in self.fitted.index)
        return tuple(name.removeprefix(TIER) for name in names if name.startswith(TIER))

    @property
    def id(self) -> str:
        """``churn-linear-20260601-1a2b3c4d``: target, kind, day of training, hash."""
        kind = self.fitted.candidate.name.replace(" ", "-")
        day = str(self.manifest["as_of"])[:10].replace("-", "")
        return f"{self.target}-{kind}-{day}-{self._hash()[:8]}"

    def to_text(self) -> str:
        """JSON with its own hash."""
        return json.dumps({"sha256": self._hash(), **self._content()}, indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Raises BrokenArtifactError, saying what is wrong."""
        try:
            document = json.loads(text)
            claimed = document.pop("sha256")
            if document["format"] != FORMAT:
                raise BrokenArtifactError(
                    f"it has format {document['format']}, and this program reads {FORMAT}"
                )
            if claimed != _hash_of(document):
                raise BrokenArtifactError("its content is not what its hash says")
            return cls._of(document)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            if isinstance(error, BrokenArtifactError):
                raise
            raise BrokenArtifactError(f"it is no model ({type(error).__name__}: {error})") from None

    def _content(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "target": self.target,
            "kind": self.fitted.candidate.kind.value,
            "contract": self.fitted.candidate.contract,
            "terms": [_term_to_json(term) for term in self.fitted.index],
            "calibration": dataclasses.asdict(self.fitted.calibration),
            "weights": dict(self.weights),
            "thresholds": _thresholds_to_json(self.thresholds),
            "reference": self.reference.to_json(),
            "manifest": dict(self.manifest),
        }

    def _hash(self) -> str:
        return _hash_of(json.loads(json.dumps(self._content())))

    @classmethod
    def _of(cls, document: Mapping[str, Any]) -> Self:
        calibration = document["calibration"]
        fitted = Fitted(
            candidate=Candidate(kind=CandidateKind(document["kind"]), contract=bool(document["contract"])),
            index=_index_of(document["terms"]),
            calibration=Calibration(
                slope=float(calibration["slope"]),
                intercepts=tuple(map(float, calibration["intercepts"])),
                days=tuple(map(int, calibration["days"])),
            ),
        )
        return cls(
            target=str(document["target"]),
            fitted=fitted,
            weights={name: float(weight) for name, weight in document["weights"].items()},
            thresholds=_thresholds_of(document["thresholds"]),
            reference=Reference.from_json(document["reference"]),
            manifest=document["manifest"],
        )


def _hash_of(document: Mapping[str, Any]) -> str:
    plain = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def _term_to_json(term: Term) -> dict[str, Any]:
    """A linear term has a slope, a boosted one edges and steps, and perhaps pairs."""
    shared = {"name": term.name, "centre": term.centre}
    if not term.steps:
        return shared | {"slope": term.slope}
    pairs = [{"other": pair.other, "table": pair.table} for pair in term.pairs]
    return shared | {"edges": term.edges, "steps": term.steps} | ({"pairs": pairs} if pairs else {})


def _index_of(terms: list[dict[str, Any]]) -> Index:
    return tuple(
        Term(
            name=str(term["name"]),
            centre=float(term["centre"]),
            slope=float(term.get("slope", 0.0)),
            edges=tuple(map(float, term.get("edges", ()))),
            steps=tuple(map(float, term.get("steps", ()))),
            pairs=tuple(
                Pair(other=str(pair["other"]), table=tuple(tuple(map(float, row)) for row in pair["table"]))
                for pair in term.get("pairs", ())
            ),
        )
        for term in terms
    )


def _thresholds_to_json(thresholds: Thresholds) -> dict[str, float] | None:
    """None where no alarm is ever affordable."""
    return dataclasses.asdict(thresholds) if thresholds.opens < float("inf") else None


def _thresholds_of(document: Mapping[str, float] | None) -> Thresholds:
    never = {"opens": float("inf"), "stays": float("inf")}
    return Thresholds(**{name: float(value) for name, value in (document or never).items()})
