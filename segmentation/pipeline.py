"""The whole way from customers to files, in one readable place."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from segmentation.data.dataset import Dataset
from segmentation.data.schema import Role, columns_with
from segmentation.enrichment.enrichment import ClusterEnrichment
from segmentation.enrichment.profiles import SegmentProfile
from segmentation.export.agents import build_agent_export, write_agent_export
from segmentation.export.tables import segments_table, write_csv
from segmentation.methods.base import Progress, no_progress
from segmentation.methods.registry import METHODS
from segmentation.methods.result import SegmentationResult
from segmentation.quality.agreement import agreement_matrix

CUSTOMERS_FILE = "customer_sales_data.csv"
SEGMENTS_FILE = "customers_with_segments.csv"
AGENTS_FILE = "customer_segments_for_ai.json"


@dataclass(frozen=True, eq=False)
class PipelineOutput:
    """Customers, and for every method its result and the profiles of its segments."""

    dataset: Dataset
    results: dict[str, SegmentationResult]
    profiles: dict[str, tuple[SegmentProfile, ...]]

    @property
    def main_method(self) -> str:
        """The soft method that the others agree with most: the one that is handed over."""
        keys = list(self.results)
        agreement = agreement_matrix([self.results[key].labels for key in keys]).sum(axis=0)
        soft = [key for key in keys if METHODS[key].spec.soft] or keys
        return max(soft, key=lambda key: agreement[keys.index(key)])


def run(
    dataset: Dataset,
    methods: Sequence[str] = tuple(METHODS),
    *,
    n_clusters: int = 4,
    seed: int = 42,
    progress: Progress = no_progress,
) -> PipelineOutput:
    """Segment customers with several methods, and name the segments of each.

    Parameters
    ----------
    dataset : Dataset
    methods : sequence of str
        Keys of `METHODS`.
    n_clusters, seed : int
        The same for every method.
    progress : callable(fraction, message)

    Raises
    ------
    ValueError
        If a parameter is out of range or the table cannot be segmented.
    """
    results, profiles = {}, {}
    for position, key in enumerate(methods):
        model = METHODS[key](n_clusters=n_clusters, seed=seed)

        def step(
            fraction: float, message: str, done: int = position, title: str = model.spec.title
        ) -> None:
            progress((done + fraction) / len(methods), f"{title}: {message}")

        step(0.0, "starting")
        result = model.fit(dataset.customers, progress=step).result(dataset.customers)
        results[key], profiles[key] = result, name_segments(dataset, result)
    return PipelineOutput(dataset, results, profiles)


def name_segments(dataset: Dataset, result: SegmentationResult) -> tuple[SegmentProfile, ...]:
    """Return names, statistics and strategies of the segments of a result."""
    enriched = ClusterEnrichment(currency=dataset.currency).enrich_clusters(
        dataset.customers, result.labels, result.centers, result.memberships
    )
    return tuple(enriched.values())


def agent_export(
    dataset: Dataset, result: SegmentationResult, profiles: Sequence[SegmentProfile]
) -> dict:
    """Return the export for AI agents of one result."""
    return build_agent_export(
        dataset.customers,
        profiles,
        result.labels,
        result.memberships,
        method=result.method,
        parameters=result.parameters,
        metrics=result.metrics,
        as_of=dataset.as_of or None,
        currency=dataset.currency,
    )


def write_outputs(output: PipelineOutput, folder: Path) -> list[Path]:
    """Write the three files of a run; all are complete before the first one appears.

    Columns with personal data are left out.

    Returns
    -------
    list of Path
        Customers, customers with segments, and the export for AI agents.
    """
    folder.mkdir(parents=True, exist_ok=True)
    customers = output.dataset.customers
    personal = columns_with(customers.columns, Role.PERSONAL)
    names = {k: [p.segment_name for p in found] for k, found in output.profiles.items()}
    key = output.main_method
    with tempfile.TemporaryDirectory(dir=folder, prefix=".writing-") as staging:
        stage = Path(staging)
        write_csv(customers.drop(columns=personal), stage / CUSTOMERS_FILE)
        write_csv(segments_table(customers, output.results, names), stage / SEGMENTS_FILE)
        export = agent_export(output.dataset, output.results[key], output.profiles[key])
        write_agent_export(export, stage / AGENTS_FILE)
        written = []
        for name in (CUSTOMERS_FILE, SEGMENTS_FILE, AGENTS_FILE):
            (stage / name).replace(folder / name)
            written.append(folder / name)
    return written
