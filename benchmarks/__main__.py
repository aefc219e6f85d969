"""The command line: python -m benchmarks NAME --customers N."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date as calendar
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.report import Report, results

FAMILIES = (
    "fuzzy", "gmm", "neural", "generator", "transactions", "growth", "memory", "stream",
)  # fmt: skip
RUNS = 3

app = typer.Typer(add_completion=False)
console = Console()
errors = Console(stderr=True)
Name = StrEnum("Name", {"all": "all"} | {name: name for name in FAMILIES})
RESULTS = Path(__file__).with_name("RESULTS.md")


@app.command()
def main(
    name: Annotated[Name, typer.Argument(help="What to measure.")],
    customers: Annotated[
        int | None,
        typer.Option(help="How many customers; the size of the bars if not given.", min=100),
    ] = None,
    runs: Annotated[int, typer.Option(help="Runs to take the median of.", min=1)] = RUNS,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    date: Annotated[
        str | None, typer.Option(help="Date in RESULTS.md, today if not given.", show_default=False)
    ] = None,
    out: Annotated[Path, typer.Option(help="Where `all` writes its results.")] = RESULTS,
) -> None:
    """Measure the library beside its peers, in the same run on the same data."""
    if name != Name.all:
        _show([measure(name.value, customers, runs)], as_json)
        return
    reports = []
    for family in FAMILIES:
        errors.print(f"{family} ...")
        reports.append(_apart(family, customers, runs))
        out.write_text(results(reports, date or calendar.today().isoformat()), encoding="utf-8")
    _show(reports, as_json)


def measure(name: str, customers: int | None, runs: int) -> Report:
    """Run one family in this process."""
    family = import_module(f"benchmarks.{name}")
    return family.run(customers or family.CUSTOMERS, runs)


def _apart(name: str, customers: int | None, runs: int) -> Report:
    """Run one family in a process of its own, so that none disturbs the next."""
    size = [] if customers is None else ["--customers", str(customers)]
    command = [sys.executable, "-m", "benchmarks", name, "--json", "--runs", str(runs), *size]
    answer = subprocess.run(
        command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, check=True
    )
    return Report.from_dict(json.loads(answer.stdout)[0])


def _show(reports: list[Report], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([report.as_dict() for report in reports]))
        return
    for report in reports:
        console.print(report.tables())


if __name__ == "__main__":
    app(prog_name="python -m benchmarks")
