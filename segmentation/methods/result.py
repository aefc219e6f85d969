"""What a fitted method leaves behind: everything that pages, reports and exports read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from segmentation.data.preprocessing import ColumnDecision
from segmentation.methods.parameters import Value

_SCORE = "score_"


@dataclass(frozen=True, eq=False)
class SegmentationResult:
    """One segmentation of one customer table.

    Attributes
    ----------
    method, title : str
        Key and name of the method, such as "gmm" and "Gaussian mixture".
    parameters : dict of str to int, float or str
        The parameters that were set.
    columns : tuple of ColumnDecision
        Every feature looked at: used or left out, how transformed, and why.
    customer_ids : array of str, shape (n_customers,)
    labels : int array of shape (n_customers,)
        0 is the segment with the highest mean revenue.
    memberships : float array of shape (n_customers, n_clusters)
        Rows sum to 1.
    centers : DataFrame of shape (n_clusters, n_used_features)
        In original units.
    metrics : dict of str to float
        See `segmentation.quality.metrics.METRICS` for directions.
    seconds : float
        Time of the fit.
    warnings : tuple of str
        What the user should know about this fit, each with a cure.
    history : dict of str to list of float
        Per-epoch curves, such as "loss"; empty for methods without epochs.
    scores : dict of str to array of shape (n_customers,)
        What else the method says of every customer, such as "reconstruction_error" and "outlier".
    data_fingerprint : str
        SHA-256 of the customer table.
    """

    method: str
    title: str
    parameters: dict[str, Value]
    columns: tuple[ColumnDecision, ...]
    customer_ids: np.ndarray
    labels: np.ndarray
    memberships: np.ndarray
    centers: pd.DataFrame
    metrics: dict[str, float]
    seconds: float
    warnings: tuple[str, ...] = ()
    history: dict[str, list[float]] = field(default_factory=dict)
    scores: dict[str, np.ndarray] = field(default_factory=dict)
    data_fingerprint: str = ""

    @property
    def n_clusters(self) -> int:
        """Number of segments."""
        return self.memberships.shape[1]

    @property
    def features(self) -> list[str]:
        """Names of the features that entered the distance."""
        return [column.name for column in self.columns if column.used]

    @property
    def confidence(self) -> np.ndarray:
        """Highest membership of every customer, shape (n_customers,)."""
        return self.memberships.max(axis=1)

    @property
    def sizes(self) -> np.ndarray:
        """Customers per segment, shape (n_clusters,)."""
        return np.bincount(self.labels, minlength=self.n_clusters)

    def save(self, directory: Path) -> None:
        """Write the result to a directory as JSON and arrays, without pickle."""
        directory.mkdir(parents=True, exist_ok=True)
        np.savez(
            directory / "arrays.npz",
            customer_ids=self.customer_ids.astype(np.str_),
            labels=self.labels,
            memberships=self.memberships,
            centers=self.centers.to_numpy(dtype=float),
            **{_SCORE + name: values for name, values in self.scores.items()},
        )
        facts = {
            "method": self.method,
            "title": self.title,
            "parameters": self.parameters,
            "columns": [asdict(column) for column in self.columns],
            "center_columns": list(self.centers.columns),
            "metrics": self.metrics,
            "seconds": self.seconds,
            "warnings": list(self.warnings),
            "history": self.history,
            "data_fingerprint": self.data_fingerprint,
        }
        (directory / "result.json").write_text(json.dumps(facts), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> SegmentationResult:
        """Read a result that `save` wrote."""
        facts = json.loads((directory / "result.json").read_text(encoding="utf-8"))
        with np.load(directory / "arrays.npz", allow_pickle=False) as arrays:
            centers = pd.DataFrame(arrays["centers"], columns=facts.pop("center_columns"))
            return cls(
                customer_ids=arrays["customer_ids"].astype(object),
                labels=arrays["labels"],
                memberships=arrays["memberships"],
                centers=centers,
                scores={n.removeprefix(_SCORE): arrays[n] for n in arrays if n.startswith(_SCORE)},
                columns=tuple(ColumnDecision(**c) for c in facts.pop("columns")),
                warnings=tuple(facts.pop("warnings")),
                **facts,
            )
