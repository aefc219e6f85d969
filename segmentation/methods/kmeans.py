"""K-means: the baseline that the other methods have to beat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.cluster import KMeans

from segmentation.methods.base import CustomerSegmentation, Progress
from segmentation.methods.parameters import N_CLUSTERS, SEED, MethodSpec, Parameter


class KMeansCustomerSegmentation(CustomerSegmentation):
    """Every customer belongs to the nearest centre, and to it alone.

    Parameters
    ----------
    n_clusters : int
    n_init : int
        Random starts; the one with the smallest inertia is kept.
    max_iter : int
    seed : int
    features, transform
        See `segmentation.data.preprocessing.CustomerPreprocessing`.

    References
    ----------
    Lloyd (1982), Least squares quantization in PCM; computed by scikit-learn.
    """

    spec = MethodSpec(
        key="kmeans",
        title="K-means",
        summary="One segment each, nearest centre: the baseline",
        icon="adjust",
        parameters=(
            N_CLUSTERS,
            Parameter("n_init", "Starts", 10, "Random starts, best one kept.", 1, 100),
            Parameter("max_iter", "Max. iterations", 300, "Most steps of a start.", 1, 10_000),
            SEED,
        ),
        soft=False,
    )

    def __init__(
        self,
        n_clusters: int = 4,
        n_init: int = 10,
        max_iter: int = 300,
        seed: int = 42,
        *,
        features: Sequence[str] | None = None,
        transform: str = "auto",
    ):
        self.n_clusters = n_clusters
        self.n_init = n_init
        self.max_iter = max_iter
        self.seed = seed
        self.features = features
        self.transform = transform

    def _fit(self, scaled: np.ndarray, progress: Progress) -> None:
        self.model_ = KMeans(
            self.n_clusters, n_init=self.n_init, max_iter=self.max_iter, random_state=self.seed
        ).fit(scaled)

    def _memberships(self, scaled: np.ndarray) -> np.ndarray:
        return np.eye(self.n_clusters)[self.model_.predict(scaled)]

    def _centers(self) -> np.ndarray:
        return self.model_.cluster_centers_

    def _extra_metrics(self, scaled: np.ndarray, memberships: np.ndarray) -> dict[str, float]:
        return {
            "inertia": float(-self.model_.score(scaled)),
            "n_iterations": float(self.model_.n_iter_),
        }
