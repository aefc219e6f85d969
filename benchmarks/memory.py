"""What a fit needs beyond the data, in a process of its own."""

from __future__ import annotations

from benchmarks import data
from benchmarks.engines import ENGINES, K, fitted, warm_up
from benchmarks.report import Bar, Report, Row
from benchmarks.timing import extra_memory, in_fresh_process, seconds_of

CUSTOMERS = 1_000_000
MEMBERSHIPS_BAR = 1.5
# Thread stacks, allocators and code that was not touched before: does not grow with the data.
SMALL_MB = 8


def run(customers: int, runs: int) -> Report:
    """Measure both engines, and the methods on a table of customers."""
    memberships = customers * K * 8 / 2**20
    rows, bars = [], []
    for name in ENGINES:
        found = engine_fit(name, customers)
        part = found["extra_mb"] / memberships
        note = f"data {found['data_mb']:,.0f} MB, memberships {memberships:,.0f} MB"
        rows.append(Row(f"{name}, matrix", found["seconds"], None, None, found["extra_mb"], note))
        bars.append(
            Bar(
                f"{name}: at most the data plus {MEMBERSHIPS_BAR} times the memberships",
                f"the data plus {part:.2f} times",
                found["extra_mb"] <= MEMBERSHIPS_BAR * memberships + SMALL_MB,
            )
        )
        found = in_fresh_process("memory.method_fit", name, customers)
        note = f"table {found['data_mb']:,.0f} MB, scaled matrix included in the memory"
        rows.append(Row(f"{name}, table", found["seconds"], None, None, found["extra_mb"], note))
    return Report("memory", customers, rows, bars)


def engine_fit(name: str, customers: int) -> dict[str, float]:
    """Return what fit and memberships need beyond the scaled matrix, in a fresh process."""
    return in_fresh_process("memory.measure_engine", name, customers)


def measure_engine(name: str, customers: int) -> dict[str, float]:
    """Fit an engine in this process."""
    scaled = data.scaled(customers)
    warm_up(name)
    extra, timed = extra_memory(lambda: seconds_of(lambda: fitted(name, scaled)))
    return {
        "extra_mb": extra,
        "data_mb": scaled.nbytes / 2**20,
        "seconds": timed.seconds,
    }


def method_fit(name: str, customers: int) -> dict[str, float]:
    """Fit a method to a table in this process."""
    from segmentation.data.schema import FEATURE_NAMES
    from segmentation.methods.registry import METHODS

    table = data.customers(customers)
    warm_up(name)
    model = METHODS[name](features=list(FEATURE_NAMES))
    extra, timed = extra_memory(lambda: seconds_of(lambda: model.fit(table)))
    used = table.memory_usage(deep=True).sum() / 2**20
    return {"extra_mb": extra, "data_mb": float(used), "seconds": timed.seconds}
