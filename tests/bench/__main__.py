"""`python -m tests.bench [PREFIX…]`: measure, print the table, keep it, and fail when a limit does not hold."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

from tests.bench import assessing, certifying, exchanging, grouping, launching, overview, seeing, verifying
from tests.bench.rows import Row, failed, table, write
from tests.services import once

RESULTS = Path("build/bench.json")
Bench = Callable[[], Iterator[Row]]

BENCHES: tuple[tuple[tuple[str, ...], Bench], ...] = (
    (overview.NAMES, overview.measure),
    (seeing.NAMES, seeing.measure),
    (assessing.NAMES, assessing.measure),
    (certifying.NAMES, certifying.measure),
    (verifying.NAMES, verifying.measure),
    (launching.NAMES, launching.measure),
    (exchanging.NAMES, exchanging.measure),
    (grouping.NAMES, grouping.measure),
)


def main(prefixes: list[str]) -> int:
    """Measure what the prefixes choose, or everything; 1 when a limit does not hold, 2 when nothing is chosen."""
    for name in [name for name in os.environ if name.startswith("CERTIFY_") and not name.startswith("CERTIFY_TEST_")]:
        del os.environ[name]
    chosen = [bench for bench in BENCHES if any(_is_wanted(name, prefixes) for name in bench[0])]
    if not chosen:
        names = ", ".join(name for bench in BENCHES for name in bench[0])
        print(f"aucune mesure ne commence ainsi ; il y a : {names}", file=sys.stderr)  # noqa: T201
        return 2
    once.begin_run()
    try:
        rows = [row for names, bench in chosen for row in _run(names, bench) if _is_wanted(row.name, prefixes)]
    finally:
        once.end_run()
    write(rows, RESULTS)
    print(table(rows))  # noqa: T201
    return 0 if all(row.holds for row in rows) else 1


def _is_wanted(name: str, prefixes: list[str]) -> bool:
    return not prefixes or name.startswith(tuple(prefixes))


def _run(names: tuple[str, ...], bench: Bench) -> list[Row]:
    print(f"→ {names[0]}…", file=sys.stderr, flush=True)  # noqa: T201
    begin = perf_counter()
    rows: list[Row] = []
    try:
        rows.extend(bench())
    except Exception:  # noqa: BLE001 — a bench that breaks must not hide the others
        import traceback

        traceback.print_exc()
        rows.extend(failed(name) for name in names if name not in {row.name for row in rows})
    print(f"  {perf_counter() - begin:.0f} s", file=sys.stderr, flush=True)  # noqa: T201
    return rows


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
