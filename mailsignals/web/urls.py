"""Query parameters of URLs: invalid ones are dropped, and links change single ones."""

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote, urlencode

import pydantic

from mailsignals.web.page import PageRequest

Asked = TypeVar("Asked", bound=pydantic.BaseModel)

SHORT = 200
"""The number of characters of a parameter that are read."""


def query_parameters(visit: PageRequest, model: type[Asked]) -> Asked:
    """Return the query parameters of a page as a model, without those that are not valid."""
    return read_query(model, {name: value[:SHORT] for name, value in visit.query.items()})


def read_query(model: type[Asked], given: Mapping[str, str]) -> Asked:
    """Return query parameters as a model, without those that are not valid."""
    try:
        return model.model_validate(given)
    except pydantic.ValidationError as error:
        wrong = {str(problem["loc"][0]) for problem in error.errors()}
        return model.model_validate({name: value for name, value in given.items() if name not in wrong})


def address(path: str, query: pydantic.BaseModel, **changes: object) -> str:
    """Return a path with a query in its shortest form; it leads to the first page unless ``page`` changes."""
    usual = {name: field.default for name, field in type(query).model_fields.items()}
    return shortest(path, {**query.model_dump(exclude={"page"}), **changes}, usual=usual)


def shortest(path: str, values: Mapping[str, object], *, usual: Mapping[str, object]) -> str:
    """Return a path with query parameters; those that are null, empty or the default are left out."""
    told = {
        name: value for name, value in values.items() if value not in {None, ""} and value != usual.get(name)
    }
    return f"{path}?{urlencode(told)}" if told else path


def account_url(account_id: str, *more: str) -> str:
    """Return the URL of an account's page, or of a page below it."""
    return "/".join(["/accounts", quote(account_id, safe=""), *more])
