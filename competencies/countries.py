"""Countries of birth and their official French codes (Code officiel géographique)."""

from collections.abc import Mapping
from functools import cache
from importlib import resources


@cache
def countries() -> Mapping[str, str]:
    """Give the French name of each country or territory by its code, France first, then by name."""
    text = resources.files("competencies").joinpath("data", "countries.txt").read_text(encoding="utf-8")
    rows = [line.split(" ", 1) for line in text.splitlines() if line and not line.startswith("#")]
    first, *others = ((code, name) for code, name in rows)
    return dict([first, *sorted(others, key=lambda row: _folded(row[1]))])


def _folded(name: str) -> str:
    return name.translate(str.maketrans("ÉÅéèêëïîôç", "EAeeeeiioc")).casefold()
