"""Names of a package that are imported when somebody first asks for one of them."""

import importlib
from collections.abc import Callable, Sequence
from typing import Any


def lazy_names(package: str, /, **places: Sequence[str]) -> Callable[[str], Any]:
    """A package's ``__getattr__`` that imports the module a name is in.

    Args:
        package: its ``__name__``.
        places: the names in each of its modules.
    """
    module_of = {name: module for module, names in places.items() for name in names}

    def get(name: str) -> Any:  # noqa: ANN401  # whatever the module has by this name
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{package}.{module_of[name]}"), name)

    return get
