"""The pins of constraints.txt in pyproject.toml, where uv looks for them: ``python3 dev.py docs``."""

import re

from tests.house.conftest import ROOT

FILE = ROOT / "pyproject.toml"
LIST = re.compile(r"^constraint-dependencies = \[\n.*?^\]\n", re.MULTILINE | re.DOTALL)


def pins() -> list[str]:
    """The lines of constraints.txt that pin a version, each as ``name==version``."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def text() -> str:
    """pyproject.toml with the pins as they are now."""
    copied = "".join(f'    "{pin}",\n' for pin in pins())
    return LIST.sub(f"constraint-dependencies = [\n{copied}]\n", FILE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
