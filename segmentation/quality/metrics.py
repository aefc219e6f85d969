"""Metrics of a segmentation, each with its direction.

All methods are measured in the same space: the scaled features that entered the distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score

from segmentation.quality.silhouette import silhouette

# First the two of the silhouette.
COMMON = (
    "silhouette_score",
    "silhouette_standard_error",
    "davies_bouldin_index",
    "calinski_harabasz_score",
)
KEY_METRICS = 3


@dataclass(frozen=True)
class Metric:
    """Words, direction and number format of one metric."""

    label: str
    better: Literal["higher", "lower", "neither"]
    help: str
    format: str = ".2f"

    @property
    def label_with_direction(self) -> str:
        """Label with an arrow up where higher is better, down where lower is."""
        return self.label + {"higher": " ↑", "lower": " ↓", "neither": ""}[self.better]

    def text(self, value: float) -> str:
        """Return a value of this metric for people; a dash where there is none."""
        return "–" if value != value else format(value, self.format)


METRICS: dict[str, Metric] = {
    "silhouette_score": Metric(
        "Silhouette", "higher", "How much closer customers are to their own segment, -1 to 1."
    ),
    "silhouette_standard_error": Metric(
        "Standard error of the silhouette", "lower", "0 if all customers were measured.", ".3f"
    ),
    "calinski_harabasz_score": Metric(
        "Calinski-Harabasz", "higher", "Variance between segments over variance within.", ",.0f"
    ),
    "davies_bouldin_index": Metric(
        "Davies-Bouldin", "lower", "Average similarity of a segment to its nearest neighbour."
    ),
    "partition_coefficient": Metric(
        "Partition coefficient", "higher", "Mean squared membership: 1 is crisp, 1/k is blurred."
    ),
    "partition_entropy": Metric(
        "Partition entropy", "lower", "Mean entropy of memberships: 0 is crisp, log k is blurred."
    ),
    "modified_partition_coefficient": Metric(
        "Modified partition coefficient", "higher", "Partition coefficient from 0, blurred, to 1."
    ),
    "xie_beni": Metric(
        "Xie-Beni", "lower", "Spread within segments over squared distance of the nearest centres."
    ),
    "fuzzy_silhouette": Metric(
        "Fuzzy silhouette", "higher", "Silhouette, customers between segments counting less."
    ),
    "reconstruction_error": Metric(
        "Reconstruction error", "lower", "Mean squared error of the autoencoder, scaled units."
    ),
    "bic": Metric("BIC", "lower", "Bayesian information criterion, same data only.", ",.0f"),
    "aic": Metric("AIC", "lower", "Akaike information criterion, same data only.", ",.0f"),
    "icl": Metric(
        "ICL", "lower", "BIC plus twice the entropy of memberships: fit and separation.", ",.0f"
    ),
    "log_likelihood": Metric(
        "Log-likelihood", "higher", "Mean log-density per customer, scaled units."
    ),
    "smallest_eigenvalue": Metric(
        "Smallest eigenvalue",
        "neither",
        "Variance of the flattest component in its flattest direction, smoothing included.",
        ".3f",
    ),
    "smallest_weight": Metric(
        "Smallest weight", "neither", "Share of the mixture's smallest component.", ".1%"
    ),
    "inertia": Metric(
        "Inertia", "lower", "Sum of squared distances to the segment centre.", ",.0f"
    ),
    "converged": Metric("Converged", "higher", "1 if the fit reached its tolerance.", ".0f"),
    "n_iterations": Metric("Iterations", "neither", "Steps until the fit stopped.", ".0f"),
}

SHARED = ("silhouette_score", "calinski_harabasz_score", "davies_bouldin_index")
SECONDS = Metric("Seconds", "lower", "Time of the fit.")


def marked(metric: Metric, values: Sequence[float]) -> list[str]:
    """Return the values of several methods as texts, the best ones ticked.

    Nothing is ticked where all values read the same, or where none is better.

    >>> marked(SECONDS, [0.04, 2.9, float("nan")])
    ['0.04 ✓', '2.90', '–']
    """
    texts = [metric.text(value) for value in values]
    finite = [value for value in values if value == value]
    if metric.better == "neither" or len(finite) < 2:
        return texts
    best = metric.text(max(finite) if metric.better == "higher" else min(finite))
    if all(metric.text(value) == best for value in finite):
        return texts
    return [f"{text} ✓" if text == best else text for text in texts]


def key_metrics(metrics: dict[str, float]) -> dict[str, float]:
    """Return the silhouette and the first metrics of the method itself."""
    own = [name for name in metrics if name in METRICS and name not in COMMON[1:]]
    return {name: metrics[name] for name in own[:KEY_METRICS]}


def common_metrics(scaled: np.ndarray, labels: np.ndarray, seed: int) -> dict[str, float]:
    """Return the metrics that every method shares.

    Parameters
    ----------
    scaled : float array of shape (n_customers, n_features)
    labels : int array of shape (n_customers,)
    seed : int
        Chooses the sample on which the silhouette is computed above 5,000 customers.

    Returns
    -------
    dict of str to float
        NaN where fewer than two segments, or only one-customer segments, are given.
    """
    n_found = np.unique(labels).size
    if not 2 <= n_found < len(labels):
        return dict.fromkeys(COMMON, float("nan"))
    return {
        **dict(zip(COMMON, silhouette(scaled, labels, seed), strict=False)),
        "davies_bouldin_index": float(davies_bouldin_score(scaled, labels)),
        "calinski_harabasz_score": float(calinski_harabasz_score(scaled, labels)),
    }


def partition_coefficient(memberships: np.ndarray) -> float:
    """Return the mean sum of squared memberships (Bezdek 1981); higher is crisper."""
    return float(np.einsum("ij,ij->", memberships, memberships) / len(memberships))


def partition_entropy(memberships: np.ndarray) -> float:
    """Return the mean entropy of memberships in nats (Bezdek 1981); lower is crisper."""
    return float(entropies(memberships).mean())


def entropies(memberships: np.ndarray) -> np.ndarray:
    """Return the entropy in nats of every row of memberships, shape (n_customers,)."""
    positive = np.where(memberships > 0, memberships, 1.0)
    return -(memberships * np.log(positive)).sum(axis=1)
