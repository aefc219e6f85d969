"""Seconds per customer as the data grow tenfold."""

from __future__ import annotations

from benchmarks import data
from benchmarks.engines import ENGINES, fitted, warm_up
from benchmarks.report import Bar, Report, Row
from benchmarks.timing import medians

CUSTOMERS = 10_000_000
BAR = 1.3


def run(customers: int, runs: int) -> Report:
    """Measure both engines on a tenth of the customers and on all of them."""
    scaled = data.scaled(customers)
    sizes = (max(1, customers // 10), customers)
    rows, bars = [], []
    for name in ENGINES:
        warm_up(name)
        tasks = {n: lambda n=n, name=name: fitted(name, scaled[:n])[0].n_iter_ for n in sizes}
        found = medians(tasks, runs)
        each = [found[n].seconds / n * 1e6 for n in sizes]
        for n, micro in zip(sizes, each, strict=True):
            quality = f"{micro:.2f} s per million, {found[n].result} passes"
            rows.append(Row(f"{name}, {n:,} customers", found[n].seconds, quality=quality))
        bars.append(
            Bar(
                f"{name}: seconds per customer at most {BAR} times those at {sizes[0]:,}",
                f"{each[1] / each[0]:.2f}",
                each[1] <= BAR * each[0],
            )
        )
    note = "Above a million, generated customers are repeated with changed order values."
    return Report("growth", customers, rows, bars, [note])
