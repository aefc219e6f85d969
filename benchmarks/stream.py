"""A Parquet file that is fitted in less memory than its customers would take."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks import data
from benchmarks.engines import ENGINES
from benchmarks.report import Bar, Report, Row
from benchmarks.timing import in_fresh_process, seconds_of, status
from segmentation.data.schema import FEATURE_NAMES

CUSTOMERS = 30_000_000
LIMIT_MB = 2_048
# What is virtual but never used counts against the limit: arenas and buffers of every thread.
FRUGAL = {
    "MALLOC_ARENA_MAX": "2",
    "OPENBLAS_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}


def run(customers: int, runs: int) -> Report:
    """Fit both methods under `ulimit -v` and write segments and memberships."""
    matrix = customers * len(FEATURE_NAMES) * 8 / 2**20
    rows, bars = [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "customers.parquet"
        data.write_customers(path, customers)
        for name in ENGINES:
            limit = f"ulimit -v {LIMIT_MB * 1024}"
            try:
                found = in_fresh_process("stream.fit", name, str(path), prefix=limit, **FRUGAL)
            except RuntimeError as error:
                bars.append(Bar(f"{name}: fits within {LIMIT_MB:,} MB", str(error), False))
                continue
            passes = f"{found['passes']:.0f} passes" if found["passes"] else ""
            for what in ("fit", "predict"):
                words = "fit" if what == "fit" else "segments and memberships written"
                peak = found[f"{what}_peak"]
                quality = passes if what == "fit" else ""
                rows.append(Row(f"{name}, {words}", found[what], None, None, peak, quality))
            bars.append(
                Bar(
                    f"{name}: fits within {LIMIT_MB:,} MB of virtual memory",
                    f"{found['predict_peak']:,.0f} MB, the matrix alone has {matrix:,.0f} MB",
                    True,
                )
            )
    note = "Memory is the peak of all virtual memory of the process (VmPeak), libraries included."
    return Report("stream", customers, rows, bars, [note])


def fit(name: str, path: str) -> dict[str, float]:
    """Fit a method to a file in this process, write its answers beside it."""
    from segmentation.data.stream import fit_file, predict_file
    from segmentation.methods.registry import METHODS

    model = METHODS[name](features=list(FEATURE_NAMES))
    fitted = seconds_of(lambda: fit_file(model, path))
    peak = status("VmPeak")
    out = Path(path).with_name(f"{name}.parquet")
    predicted = seconds_of(lambda: predict_file(model, path, out))
    out.unlink()
    return {
        "fit": fitted.seconds,
        "predict": predicted.seconds,
        "passes": float(getattr(model, "n_iter_", 0)),
        "fit_peak": peak,
        "predict_peak": status("VmPeak"),
    }
