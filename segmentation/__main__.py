"""The command line: python -m segmentation {generate,run}."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from segmentation import pipeline
from segmentation.data.dataset import Dataset
from segmentation.data.generator import RetailDataGenerator
from segmentation.data.reader import read_dataset
from segmentation.data.samples import load_supermarket, synthetic_dataset
from segmentation.enrichment.words import amount, share
from segmentation.methods.registry import METHODS

app = typer.Typer(add_completion=False, help="Find, judge, name and hand over customer segments.")
console = Console()
errors = Console(stderr=True)

Method = StrEnum("Method", {"all": "all"} | {key: key for key in METHODS})
Out = Annotated[Path, typer.Option("--out", help="Folder for the files.", file_okay=False)]
Seed = Annotated[int, typer.Option(help="The same seed gives the same answer.", min=0)]


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn errors that the user can mend into one message and exit code 2."""
    try:
        yield
    except (ValueError, OSError) as error:
        errors.print("Error:", style="bold red", end=" ")
        errors.print(str(error), markup=False, highlight=False)
        raise typer.Exit(2) from None


@app.command()
def generate(
    out: Out,
    customers: Annotated[int, typer.Option(help="How many customers.", min=1)] = 500,
    seed: Seed = 42,
    transactions: Annotated[bool, typer.Option(help="Write the receipt lines too.")] = False,
) -> None:
    """Write synthetic customers to customer_sales_data.csv."""
    with clear_errors():
        generator = RetailDataGenerator(seed=seed)
        out.mkdir(parents=True, exist_ok=True)
        path = out / pipeline.CUSTOMERS_FILE
        generator.save_data(generator.generate_customer_data(customers), path)
        console.print(f"{customers:,} customers: {path}", markup=False, highlight=False)
        if transactions:
            path = out / "transactions.csv"
            lines = generator.generate_transactions(customers)
            generator.save_data(lines, path)
            console.print(f"{len(lines):,} receipt lines: {path}", markup=False, highlight=False)


@app.command()
def run(
    out: Out,
    file: Annotated[
        Path | None,
        typer.Argument(help="Customers or transactions: CSV, Excel, Parquet.", show_default=False),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="Date to count recency to, such as 2026-01-31.", show_default=False),
    ] = None,
    sample: Annotated[bool, typer.Option(help="Take the supermarket sample.")] = False,
    method: Annotated[Method, typer.Option(help="One method, or all.")] = Method.all,
    clusters: Annotated[int, typer.Option(help="How many segments.")] = 4,
    seed: Seed = 42,
) -> None:
    """Segment customers and write customers, segments and the export for AI agents.

    Without FILE and --sample it takes 500 synthetic customers.
    """
    methods = list(METHODS) if method == Method.all else [method.value]
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with clear_errors():
        with Progress(*columns, console=errors, transient=True) as bar:
            task = bar.add_task("Reading", total=1.0)
            dataset = _dataset(file, as_of, sample, seed)
            output = pipeline.run(
                dataset,
                methods,
                n_clusters=clusters,
                seed=seed,
                progress=lambda done, text: bar.update(task, completed=done, description=text),
            )
            bar.update(task, completed=1.0, description="Writing")
            written = pipeline.write_outputs(output, out)
        _report(output, written)


def _dataset(file: Path | None, as_of: str | None, sample: bool, seed: int) -> Dataset:
    if file is not None and sample:
        raise ValueError("Give either a file or --sample, not both.")
    if as_of is not None and file is None:
        raise ValueError("--as-of goes with a file; generated data and the sample have their own.")
    if file is not None:
        return read_dataset(file, as_of=as_of)
    return load_supermarket() if sample else synthetic_dataset(500, seed)


def _report(output: pipeline.PipelineOutput, written: list[Path]) -> None:
    dataset = output.dataset
    for note in dataset.notes:
        console.print(note, markup=False, highlight=False)
    for key, result in output.results.items():
        table = Table("Segment", title=result.title, title_justify="left", title_style="bold")
        for head in ("Customers", "Share", "Revenue share", "Average revenue"):
            table.add_column(head, justify="right")
        for profile in output.profiles[key]:
            revenue = profile["characteristics"]["averages"].get("total_revenue")
            table.add_row(
                profile.segment_name,
                f"{profile.size:,}",
                share(profile.percentage / 100),
                share(profile.revenue_share),
                "" if revenue is None else amount(revenue, dataset.currency),
            )
        console.print(table)
        for warning in result.warnings:
            console.print(f"Note: {warning}", markup=False, highlight=False)
    title = output.results[output.main_method].title
    reason = ", the method that the others agree with most" if len(output.results) > 1 else ""
    console.print(f"For AI agents: {title}{reason}.")
    for path in written:
        console.print(f"Written: {path}", markup=False, highlight=False)


if __name__ == "__main__":
    app(prog_name="python -m segmentation")
