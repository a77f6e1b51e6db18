"""Archives with a manifest: every file with its size and SHA-256, so that anybody can tell nothing was changed."""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Any

from certify.core import clock
from certify.core.listing import to_csv

_IN_MEMORY = 16 * 1024 * 1024
MANIFEST = "manifeste.json"


@dataclass(frozen=True)
class Table:
    """Rows of plain values under columns that have a key for machines and a label for people."""

    name: str
    columns: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[Any]]

    def csv(self) -> bytes:
        """Return the table for a spreadsheet; no cell runs as a formula."""
        readers = {
            label: (lambda row, place=place: _plain(row[place])) for place, (_key, label) in enumerate(self.columns)
        }
        return to_csv(self.rows, readers).encode()

    def objects(self) -> list[dict[str, Any]]:
        """Return the rows as JSON can hold them."""
        keys = [key for key, _label in self.columns]
        return [{key: _jsonable(value) for key, value in zip(keys, row, strict=True)} for row in self.rows]


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return value.isoformat() if isinstance(value, date | datetime) else value


def _jsonable(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_jsonable(one) for one in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


@dataclass
class Archive:
    """A ZIP being written, on the disk once it is large; its members are dated from its making."""

    facts: Mapping[str, Any]
    """What the manifest says before the list of files."""
    made_at: datetime
    members: list[dict[str, Any]] = field(default_factory=list)

    def __enter__(self) -> "Archive":
        self._out = SpooledTemporaryFile(max_size=_IN_MEMORY)
        self._zip = zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()
        self._out.close()

    def add(self, name: str, content: bytes, **facts: Any) -> None:
        """Add a member, noted in the manifest with whatever else is worth knowing about it."""
        self._write(name, content)
        digest = hashlib.sha256(content).hexdigest()
        self.members.append({"name": name, "size": len(content), "sha256": digest, **facts})

    def add_tables(self, tables: Iterable[Table], folder: str, **facts: Any) -> None:
        """Add tables as CSV."""
        for table in tables:
            self.add(f"{folder}/{table.name}.csv", table.csv(), rows=len(table.rows), **facts)

    def add_json(self, name: str, value: Any) -> None:
        """Add a value as JSON."""
        self.add(name, json.dumps(value, ensure_ascii=False, indent=2).encode())

    def finish(self) -> bytes:
        """Write the manifest and return the whole archive."""
        manifest = {**self.facts, "made_at": self.made_at.isoformat(), "files": self.members}
        self._write(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=2).encode())
        self._zip.close()
        self._out.seek(0)
        return self._out.read()

    def _write(self, name: str, content: bytes) -> None:
        local = self.made_at.astimezone(clock.PARIS)
        member = zipfile.ZipInfo(name, local.timetuple()[:6])
        member.compress_type = zipfile.ZIP_DEFLATED
        member.external_attr = 0o644 << 16
        self._zip.writestr(member, content)
