"""Model: which is in use, how far to believe it, whether it still fits, and what its flags came to."""

import math
from typing import Annotated, Any

import polars as pl
import pydantic
from markupsafe import Markup
from starlette.responses import Response

from mailsignals.config.risk import Weights
from mailsignals.config.section import keys_of
from mailsignals.web.judgement import (
    ENDS,
    by_end,
    by_quarter,
    comparison,
    curve,
    inputs_that_moved,
    said,
    since,
)
from mailsignals.web.markdown import section
from mailsignals.web.pages.accounts import visible
from mailsignals.web.roles import Role
from mailsignals.web.visit import Page, Visit
from models.card import EVENT

ROWS, MOVED = 25, 10


class Query(pydantic.BaseModel):
    """Which part of the list of settled flags to show."""

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True)

    page: Annotated[int, pydantic.Field(ge=1)] = 1


def show(visit: Visit) -> Response:
    """The page."""
    edition = visit.edition
    words, registry = edition.table("model_words"), edition.table("models")
    settled, promotions = edition.table("settled"), edition.table("promotions")
    in_use = registry.filter("in_use")["model"].to_list()
    model = in_use[0] if in_use else None
    event = EVENT["silence" if model and model.startswith("silence-") else "churn"]
    calibration = edition.table("calibration")
    return visit.render(
        "model.html.j2",
        model=model,
        since=since(promotions, model),
        event=event,
        card=Markup("").join(section(text, below=2) for text in said(words, "card")),
        verdict=said(words, "verdict"),
        doubts=said(words, "doubt"),
        departures=said(words, "departures"),
        comparison=comparison(edition.table("contenders")),
        calibration=calibration.sort("said").to_dicts(),
        curve=curve(calibration, event=f"Share that {event}"),
        shifts=inputs_that_moved(edition.table("shifts"), MOVED),
        columns=edition.table("shifts").height,
        registry=registry.to_dicts(),
        promotions=promotions.to_dicts(),
        weights=_weights(visit),
        precision=said(words, "precision"),
        lesson=said(words, "lesson"),
        quarters=by_quarter(settled),
        ends=by_end(settled),
        became=ENDS,
        settled=settled.height,
        flags=_list(visible(settled, visit.viewer), visit),
    )


def _weights(visit: Visit) -> list[tuple[str, float, str]]:
    """The scorecard's blocks: name, weight, and what the configuration says of it."""
    weights = visit.site.settings().risk.weights
    return [
        (name, getattr(weights, name), field.description or "") for name, field in keys_of(Weights).items()
    ]


def _list(settled: pl.DataFrame, visit: Visit) -> dict[str, Any]:
    """A page of the settled flags of the accounts that somebody may see."""
    try:
        query = Query.model_validate(dict(visit.query))
    except pydantic.ValidationError:
        query = Query()
    pages = max(1, math.ceil(settled.height / ROWS))
    page = min(query.page, pages)
    rows = settled[(page - 1) * ROWS : page * ROWS].to_dicts()
    return {"rows": rows, "total": settled.height, "page": page, "pages": pages}


PAGES = (Page(path="/model", roles=frozenset({Role.HEAD, Role.OPERATOR}), show=show, title="Model"),)
