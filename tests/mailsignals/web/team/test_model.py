"""The page Model."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from mailsignals.flags.flags import FLAG_SCHEMA
from mailsignals.readmodel.roles import Role
from mailsignals.readmodel.tables.models import (
    CALIBRATION_SCHEMA,
    CONTENDERS_SCHEMA,
    MODELS_SCHEMA,
    WORDS_SCHEMA,
)
from mailsignals.readmodel.tables.models import settled_of as settled_flags
from mailsignals.web.markdown import section
from mailsignals.web.model_figures import by_end, by_quarter, comparison
from mailsignals.web.site import Site
from mailsignals.workspace import Workspace
from tests.mailsignals.web.conftest import site_of
from tests.mailsignals.web.team.visitors import SETTLED_SCHEMA, a_visitor, as_visitor, by_hand

MODEL = "churn-leaving-20260301-0a1b2c3d"
CARD = "# churn\n\n## Trained on\n\n- 12 rows\n\n| figure | this |\n|---|---|\n| PR-AUC | 0.2 |\n"


@pytest.fixture
def site(company: Workspace) -> Site:
    """The dashboard of the simulated company, which trained no model."""
    return site_of(company)


def a_flag(**more: object) -> dict[str, object]:
    """A settled flag that was right."""
    return {
        "account_id": "A1",
        "name": "Acme",
        "csm": "ana@us.test",
        "opened_on": dt.date(2026, 1, 5),
        "opening_risk": 0.2,
        "opening_source": MODEL,
        "state": "churned",
        "became": "left",
        "known_on": dt.date(2026, 2, 1),
        "right": True,
        **more,
    }


def settled_of(*rows: dict[str, object]) -> pl.DataFrame:
    """The prepared table of these flags."""
    return pl.DataFrame(rows, schema=SETTLED_SCHEMA)


def with_model(folder: Path, site: Site, **more: pl.DataFrame) -> Site:
    """A dashboard on which a model is in use."""
    words = [
        ("card", CARD),
        ("departures", "As many left as expected."),
        ("precision", "Of 3 flags 2 were right."),
    ]
    figures = [
        ("few active days", False, "pr_auc", "PR-AUC", 0.1, 0.05, 0.2),
        ("leaving", True, "pr_auc", "PR-AUC", 0.2, 0.1, 0.3),
        ("random alarms", False, "recall_at_budget", "recall at the alarm budget", 0.2, None, None),
    ]
    tables = {
        "model_words": pl.DataFrame(words, schema=WORDS_SCHEMA, orient="row"),
        "models": pl.DataFrame(
            [(MODEL, True, dt.datetime(2026, 3, 1, tzinfo=dt.UTC), True, None)],
            schema=MODELS_SCHEMA,
            orient="row",
        ),
        "contenders": pl.DataFrame(figures, schema=CONTENDERS_SCHEMA, orient="row"),
        "calibration": pl.DataFrame(
            [(0.1, 0.08, 40.0), (0.02, 0.03, 40.0)], schema=CALIBRATION_SCHEMA, orient="row"
        ),
        **more,
    }
    return by_hand(folder, site, **tables)


def test_without_a_model(site: Site) -> None:
    """The page says what churn signals weigh, in the configuration's words, and how to train a model."""
    page = as_visitor(site, a_visitor(Role.HEAD)).get("/model").text
    assert "No model of churn is in use" in page
    assert "Chance of going quiet" in page
    assert "Volume and regularity of the customer&#39;s emails." in page
    assert "<code>mailsignals train</code>" in page


def test_without_scores(site: Site, tmp_path: Path) -> None:
    """Nothing is recorded, so there is no flag; the page says what records."""
    page = as_visitor(by_hand(tmp_path, site), a_visitor(Role.OPERATOR)).get("/model").text
    assert "<code>mailsignals flag record</code>" in page


def test_with_a_model(site: Site, tmp_path: Path) -> None:
    """Which, how it did beside others, what it said and what came, and its card without a title of its own."""
    page = as_visitor(with_model(tmp_path, site), a_visitor(Role.HEAD)).get("/model").text
    assert MODEL in page
    assert "0.100 to 0.300" in page
    assert '"said": [0.02, 0.1]' in page.replace("&#34;", '"')
    assert "<h3>Trained on</h3>" in page
    assert "<h1>churn</h1>" not in page
    assert '<span class="state good">Fits</span>' in page


def test_a_retired_model(site: Site, tmp_path: Path) -> None:
    """It is listed with the reason, and the page says that it is not used."""
    words = pl.DataFrame([("retired", "It is retired.")], schema=WORDS_SCHEMA, orient="row")
    models = pl.DataFrame(
        [(MODEL, False, None, False, "the kind linear is gone")], schema=MODELS_SCHEMA, orient="row"
    )
    made = by_hand(tmp_path, site, model_words=words, models=models)
    page = as_visitor(made, a_visitor(Role.HEAD)).get("/model").text
    assert '<span class="state doubtful">Retired</span> <bdi>It is retired.</bdi>' in page
    assert "retired: the kind linear is gone" in page


def test_a_model_in_doubt(site: Site, tmp_path: Path) -> None:
    """The doubt is said in words, in the place of the word that it fits."""
    words = pl.DataFrame([("doubt", "Twice as many left.")], schema=WORDS_SCHEMA, orient="row")
    page = as_visitor(with_model(tmp_path, site, model_words=words), a_visitor(Role.HEAD)).get("/model").text
    assert '<span class="state doubtful">Check</span> The model may no longer fit' in page
    assert "<bdi>Twice as many left.</bdi>" in page
    assert "Fits" not in page


def test_flags_by_quarter_and_by_end() -> None:
    """With the interval of few cases, by when it was known; what nobody said anything of was wrong."""
    flags = settled_of(
        a_flag(), a_flag(became="nothing", right=False), a_flag(known_on=dt.date(2025, 12, 31), became="kept")
    )
    first, last = by_quarter(flags)
    assert first == {"quarter": "Q1 2026", "right": 1, "settled": 2, "share": "50% (9 to 91)"}
    assert (last["quarter"], last["settled"]) == ("Q4 2025", 1)
    assert [(row["right"], row["flags"]) for row in by_end(flags)] == [
        (True, 1),
        (True, 1),
        (False, 0),
        (False, 1),
    ]


def test_contenders_side_by_side() -> None:
    """Random alarms stand last, and a contender without a figure has a dash."""
    rows = [
        ("random alarms", False, "recall_at_budget", "recall", 0.2, None, None),
        ("linear", True, "recall_at_budget", "recall", 0.5, 0.4, 0.6),
        ("linear", True, "brier_skill", "Brier skill", 0.1, None, None),
    ]
    found = comparison(pl.DataFrame(rows, schema=CONTENDERS_SCHEMA, orient="row"))
    assert found["columns"] == [("linear", True), ("random alarms", False)]
    assert found["rows"] == [
        ("Brier skill", [("0.100", ""), ("–", "")]),  # noqa: RUF001  # as it is printed
        ("recall", [("0.500", "0.400 to 0.600"), ("0.200", "")]),
    ]


def test_an_operator_sees_what_flags_came_to_and_not_whose_they_were(site: Site, tmp_path: Path) -> None:
    """The counts are everybody's who sees the page; accounts are shown to those who see accounts."""
    made = with_model(tmp_path, site, settled=settled_of(a_flag()))
    assert "Acme" in as_visitor(made, a_visitor(Role.HEAD)).get("/model").text
    operator = as_visitor(made, a_visitor(Role.OPERATOR, address="op@us.test")).get("/model").text
    assert "Q1 2026" in operator
    assert "Acme" not in operator


@pytest.mark.parametrize("role", [Role.CSM, Role.LEAD])
def test_who_is_turned_away(site: Site, role: Role) -> None:
    """CSMs and leads of support."""
    assert as_visitor(site, a_visitor(role)).get("/model").status_code == 403


def test_flags_that_are_held_back_are_in_no_table(company: Workspace) -> None:
    """A settled flag that was held back is not listed, and not counted."""
    flag = dict.fromkeys(FLAG_SCHEMA.names())
    left = {
        "opened_on": dt.date(2026, 1, 1),
        "state": "churned",
        "churned_on": dt.date(2026, 2, 1),
        "closed_on": dt.date(2026, 2, 1),
    }
    ids = company.book.accounts["account_id"].head(2).to_list()
    flags = pl.DataFrame(
        [
            {**flag, **left, "account_id": name, "held_back": held}
            for name, held in zip(ids, (True, False), strict=True)
        ],
        schema=FLAG_SCHEMA,
    )
    found = settled_flags(
        flags, company.book.accounts, as_of=dt.datetime(2026, 3, 2, tzinfo=dt.UTC), timezone="UTC"
    )
    assert found["account_id"].to_list() == ids[1:]


def test_hostile_names(site: Site, tmp_path: Path) -> None:
    """In a card, in a flag and in the name of a model."""
    name = "<script>alert(1)</script>\N{RIGHT-TO-LEFT OVERRIDE}"
    words = pl.DataFrame(
        [("card", f"# x\n\n- {name}\n\n[a](javascript:alert(1))"), ("precision", "Of 1 flag 1 was right.")],
        schema=WORDS_SCHEMA,
        orient="row",
    )
    models = pl.DataFrame([(name, False, None, False, None)], schema=MODELS_SCHEMA, orient="row")
    made = by_hand(tmp_path, site, settled=settled_of(a_flag(name=name)), model_words=words, models=models)
    page = as_visitor(made, a_visitor(Role.HEAD)).get("/model").text
    assert "<script>alert" not in page
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in page


def test_markdown_is_shown_as_text() -> None:
    """Markup in it does nothing, links are none, and headings stand below the page's own."""
    found = section("# Title\n\n## <b>One</b>\n\n[a](javascript:alert(1)) ![x](http://x.test/y)", below=2)
    assert "<h3>&lt;b&gt;One&lt;/b&gt;</h3>" in found
    assert "<a" not in found
    assert "<img" not in found
    assert "Title" not in found
