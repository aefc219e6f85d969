"""Fuzzy c-means: every customer belongs to every segment to a degree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial.distance import cdist
from skfuzzy.cluster import cmeans

from segmentation.methods.base import CustomerSegmentation, Progress
from segmentation.methods.parameters import N_CLUSTERS, SEED, MethodSpec, Parameter
from segmentation.quality.metrics import partition_coefficient, partition_entropy


class FuzzyCustomerSegmentation(CustomerSegmentation):
    """Fuzzy c-means by scikit-fuzzy.

    Parameters
    ----------
    n_clusters : int
    m : float
        Fuzzifier, above 1; near 1 memberships are crisp, at 2 they are soft.
    max_iter : int
        Most steps of a start.
    error : float
        A start has converged when the norm of the change of memberships falls below it.
    seed : int
    n_init : int
        Random starts; the one with the smallest objective is kept.
    features, transform
        See `segmentation.data.preprocessing.CustomerPreprocessing`.

    Attributes
    ----------
    objective_ : float
        Sum of membership^m times squared distance; lower is better.

    References
    ----------
    Bezdek (1981), Pattern Recognition with Fuzzy Objective Function Algorithms.
    """

    spec = MethodSpec(
        key="fuzzy",
        title="Fuzzy c-means",
        summary="Soft membership in every segment",
        icon="bubble_chart",
        parameters=(
            N_CLUSTERS,
            Parameter("m", "Fuzzifier m", 2.0, "Near 1 crisp, at 2 soft.", 1.05, 5.0, 0.1),
            Parameter("max_iter", "Max. iterations", 150, "Most steps of a start.", 1, 10_000),
            Parameter("n_init", "Starts", 5, "Random starts, best one kept.", 1, 100),
            SEED,
        ),
    )

    def __init__(
        self,
        n_clusters: int = 4,
        m: float = 2.0,
        max_iter: int = 150,
        error: float = 0.005,
        seed: int = 42,
        *,
        n_init: int = 5,
        features: Sequence[str] | None = None,
        transform: str = "auto",
    ):
        self.n_clusters = n_clusters
        self.m = m
        self.max_iter = max_iter
        self.error = error
        self.seed = seed
        self.n_init = n_init
        self.features = features
        self.transform = transform

    def _fit(self, scaled: np.ndarray, progress: Progress) -> None:
        self.objective_ = np.inf
        rng = np.random.default_rng(self.seed)
        for start in range(self.n_init):
            # scikit-fuzzy seeds NumPy's global generator when given a seed, so it gets a start.
            first = rng.dirichlet(np.ones(self.n_clusters), size=len(scaled)).T
            centers, _, _, _, objectives, n_steps, _ = cmeans(
                scaled.T, self.n_clusters, self.m, self.error, self.max_iter, init=first
            )
            if objectives[-1] < self.objective_:
                self.objective_ = float(objectives[-1])
                self.centers_ = centers
                self.n_iter_ = int(n_steps)
            progress((start + 1) / self.n_init, f"Start {start + 1} of {self.n_init}")

    def _memberships(self, scaled: np.ndarray) -> np.ndarray:
        squared = cdist(scaled, self.centers_, "sqeuclidean")
        # Relative to the nearest centre the power cannot overflow for m near 1.
        nearest = squared.min(axis=1, keepdims=True)
        ratio = np.where(squared > 0, nearest / np.where(squared > 0, squared, 1), 1.0)
        weights = ratio ** (1 / (self.m - 1))
        return weights / weights.sum(axis=1, keepdims=True)

    def _centers(self) -> np.ndarray:
        return self.centers_

    def _fit_warnings(self) -> list[str]:
        if self.n_iter_ >= self.max_iter:
            return [f"Stopped after {self.n_iter_} iterations. Allow more iterations."]
        return []

    def _extra_metrics(self, scaled: np.ndarray, memberships: np.ndarray) -> dict[str, float]:
        return {
            "partition_coefficient": partition_coefficient(memberships),
            "partition_entropy": partition_entropy(memberships),
            "n_iterations": float(self.n_iter_),
            "converged": float(self.n_iter_ < self.max_iter),
        }
