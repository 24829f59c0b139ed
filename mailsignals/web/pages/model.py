"""The page Model: how far to trust risk, the model in use with its backtest and drift, and flag outcomes."""

from markupsafe import Markup
from starlette.responses import Response

from mailsignals.config.risk import Weights
from mailsignals.config.section import keys_of
from mailsignals.readmodel.queries.accounts import visible_rows
from mailsignals.readmodel.roles import Role
from mailsignals.web.markdown import section
from mailsignals.web.model_figures import (
    ENDS,
    by_end,
    by_quarter,
    comparison,
    curve,
    in_use_since,
    sentences_about,
)
from mailsignals.web.page import PageRequest, WebPage
from mailsignals.web.paging import part_of
from models.card import EVENT, FIGURES, MEANINGS

ROWS, MOVED = 25, 10


def show(visit: PageRequest) -> Response:
    """Return the page about the model in use: its quality, drift and flags."""
    edition = visit.edition
    words, registry = edition.table("model_words"), edition.table("models")
    settled, promotions = edition.table("settled"), edition.table("promotions")
    in_use = registry.filter("in_use")["model"].to_list()
    model = in_use[0] if in_use else None
    calibration, shifts = edition.table("calibration"), edition.table("shifts")
    return visit.render(
        "model.html.j2",
        model=model,
        since=in_use_since(promotions, model),
        event=EVENT,
        quiet=Markup("").join(section(text, below=2) for text in sentences_about(words, "quiet")),
        retired=sentences_about(words, "retired"),
        card=Markup("").join(section(text, below=2) for text in sentences_about(words, "card")),
        verdict=sentences_about(words, "verdict"),
        doubts=sentences_about(words, "doubt"),
        departures=sentences_about(words, "departures"),
        comparison=comparison(edition.table("contenders")),
        calibration=calibration.sort("said").to_dicts(),
        curve=curve(calibration, event=f"Share that {EVENT}"),
        shifts=shifts.head(MOVED).to_dicts(),
        moved=shifts["drifted"].any(),
        columns=shifts.height,
        meanings=[(FIGURES[name], meaning) for name, meaning in MEANINGS.items()],
        registry=registry.to_dicts(),
        promotions=promotions.to_dicts(),
        weights=_weights(visit),
        precision=sentences_about(words, "precision"),
        lesson=sentences_about(words, "lesson"),
        quarters=by_quarter(settled),
        ends=by_end(settled),
        became=ENDS,
        settled=settled.height,
        flags=part_of(visible_rows(settled, visit.viewer), visit.query, rows=ROWS),
    )


def _weights(visit: PageRequest) -> list[tuple[str, float, str]]:
    """Return name, weight and description of each group of churn signals."""
    weights = visit.site.settings().risk.weights
    return [
        (name, getattr(weights, name), field.description or "") for name, field in keys_of(Weights).items()
    ]


PAGES = (WebPage(path="/model", roles=frozenset({Role.HEAD, Role.OPERATOR}), show=show, title="Model"),)
