"""What a benchmark found: measured rows, bars met or not, as a rich table, Markdown and JSON."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

from rich.console import Group
from rich.table import Table

LIBRARIES = (
    "numpy", "pandas", "scikit-learn", "scikit-fuzzy", "numba", "keras", "jax", "duckdb", "pyarrow",
)  # fmt: skip
HEADS = ("What", "Seconds", "Times ours", "First call, s", "Memory, MB", "Quality")


@dataclass(frozen=True)
class Row:
    """One thing measured.

    `ratio` is seconds over those of ours in the same run, `first_call` the seconds of the first
    call in the process (compilation), `memory_mb` what the work needs beyond its data.
    """

    what: str
    seconds: float
    ratio: float | None = None
    first_call: float | None = None
    memory_mb: float | None = None
    quality: str = ""

    def cells(self) -> tuple[str, ...]:
        """Return the row as text."""
        return (
            self.what,
            f"{self.seconds:.3g}",
            "" if self.ratio is None else f"{self.ratio:.3g}",
            "" if self.first_call is None else f"{self.first_call:.2g}",
            "" if self.memory_mb is None else f"{self.memory_mb:,.0f}",
            self.quality,
        )


@dataclass(frozen=True)
class Bar:
    """What had to be reached, what was reached, and whether it was enough."""

    bar: str
    reached: str
    met: bool


@dataclass(frozen=True)
class Report:
    """One family of measurements."""

    name: str
    customers: int
    rows: list[Row] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        """Name and size."""
        return f"{self.name}, {self.customers:,} customers"

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: dict) -> Report:
        """Rebuild a report from `as_dict`."""
        rows = [Row(**row) for row in facts["rows"]]
        bars = [Bar(**bar) for bar in facts["bars"]]
        return cls(facts["name"], facts["customers"], rows, bars, facts["notes"])

    def tables(self) -> Group:
        """Return the report for a terminal."""
        measured = Table(title=self.title, title_justify="left", title_style="bold")
        for place, head in enumerate(HEADS):
            measured.add_column(head, justify="right" if 0 < place < 5 else "left")
        for row in self.rows:
            measured.add_row(*row.cells())
        bars = Table("Bar", "Reached", "Met")
        for bar in self.bars:
            bars.add_row(bar.bar, bar.reached, "[green]yes" if bar.met else "[red]no")
        return Group(measured, *([bars] if self.bars else []), *self.notes)

    def markdown(self) -> str:
        """Return the report as a section of Markdown."""
        bars = [(bar.bar, bar.reached, "yes" if bar.met else "**no**") for bar in self.bars]
        parts = [f"## {self.title}", _table(HEADS, [row.cells() for row in self.rows])]
        parts += [_table(("Bar", "Reached", "Met"), bars)] if bars else []
        return "\n\n".join([*parts, *self.notes])


def results(reports: list[Report], date: str) -> str:
    """Return RESULTS.md."""
    intro = (
        "Medians over several runs; every peer in the same run as ours. Written by "
        "`python -m benchmarks all`."
    )
    parts = ["# Benchmarks", intro, machine(date), *(report.markdown() for report in reports)]
    return "\n\n".join(parts) + "\n"


def machine(date: str) -> str:
    """Describe the machine and the versions in Markdown."""
    names = [
        line.split(":", 1)[1].strip()
        for line in _lines("/proc/cpuinfo")
        if line.startswith("model name")
    ]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    facts = [
        ("Date", date),
        ("Processor", f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores"),
        ("Memory", f"{memory:.0f} GB"),
        ("System", f"{platform.system()}, Python {platform.python_version()}"),
        ("Versions", ", ".join(f"{name} {version(name)}" for name in LIBRARIES)),
    ]
    return _table(("Machine", ""), facts)


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
