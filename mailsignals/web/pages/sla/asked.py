"""What every page on service levels is asked: a period, a clock, and which of the promises."""

from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlencode

import pydantic

from mailsignals.readmodel.tables.tickets import Clock
from mailsignals.web.pages.sla.periods import USUAL

Figure = Literal["first_response", "next_response", "resolution"]


class Asked(pydantic.BaseModel):
    """What stands in the address of every such page; whatever makes no sense is left out rather than refused."""

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    period: str = USUAL
    since: Annotated[str, pydantic.Field(alias="from")] = ""
    until: Annotated[str, pydantic.Field(alias="to")] = ""
    clock: Clock = "calendar"
    figure: Figure = "first_response"
    sort: str = ""
    tier: str = ""
    csm: str = ""
    agent: str = ""
    state: str = ""
    q: str = ""
    page: Annotated[int, pydantic.Field(ge=1, le=1_000_000)] = 1


A = TypeVar("A", bound=pydantic.BaseModel)


def read(model: type[A], given: dict[str, str]) -> A:
    """What an address asks for, without what makes no sense."""
    try:
        return model.model_validate(given)
    except pydantic.ValidationError as error:
        wrong = {str(problem["loc"][0]) for problem in error.errors()}
        return model.model_validate({name: value for name, value in given.items() if name not in wrong})


def address(path: str, **asked: Any) -> str:  # noqa: ANN401  # whatever a query may hold
    """A path with what is asked of it; what is empty, or usual anyway, is left out."""
    usual = {"period": USUAL, "clock": "calendar", "page": 1}
    said = {
        name: value for name, value in asked.items() if value not in {None, ""} and usual.get(name) != value
    }
    return f"{path}?{urlencode(said)}" if said else path
