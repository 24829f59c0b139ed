"""Names of a package that are imported on first use."""

import importlib
from collections.abc import Callable, Sequence
from typing import Any


def lazy_names(package: str, /, **places: Sequence[str]) -> Callable[[str], Any]:
    """Return a package's ``__getattr__``, which imports the module of a name on first use.

    Args:
        package: its ``__name__``.
        places: the names by the module that defines them.
    """
    module_of = {name: module for module, names in places.items() for name in names}

    def get(name: str) -> Any:  # noqa: ANN401  # whatever the module has by this name
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{package}.{module_of[name]}"), name)

    return get
