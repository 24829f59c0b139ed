"""The table of scenarios: each is a function of a tenant, under the number it is known by."""

from collections.abc import Callable
from typing import Generic, TypeVar

Tenant = TypeVar("Tenant")


class Table(Generic[Tenant]):
    """Scenarios by number; each says in its docstring what has to come out."""

    def __init__(self) -> None:
        self.scenarios: dict[str, Callable[[Tenant], None]] = {}

    def __call__(self, number: str) -> Callable[[Callable[[Tenant], None]], Callable[[Tenant], None]]:
        """Put a function into the table; one number may have several."""

        def put(scenario: Callable[[Tenant], None]) -> Callable[[Tenant], None]:
            self.scenarios[f"{number} {scenario.__name__}"] = scenario
            return scenario

        return put
