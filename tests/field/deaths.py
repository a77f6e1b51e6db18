"""How a test asks a server to die in the middle of a sync."""

from pathlib import Path

WAYS = ("before", "after")
"""Before, or after, what was sent is committed."""
TAKING = ("/field/sync", "/field/photo")


def orders(folder: Path, way: str) -> list[Path]:
    """Return the files that ask for one death each: while an entry is taken, while a photo is."""
    return [order(folder, way, address) for address in TAKING]


def order(folder: Path, way: str, address: str) -> Path:
    """Return the file that asks for one death while something sent to an address is taken."""
    return folder / f"die-{way}-{address.rpartition('/')[2]}"
