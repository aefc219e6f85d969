"""Fuzzy c-means: every customer belongs to every segment to a degree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist

from segmentation.data.blocks import ArrayBlocks, Blocks
from segmentation.methods.base import CustomerSegmentation, Progress, no_progress
from segmentation.methods.cmeans import FuzzyCMeans, memberships_of
from segmentation.methods.parameters import N_CLUSTERS, SEED, MethodSpec, Parameter
from segmentation.quality.fuzzy_indices import (
    fuzzy_silhouette,
    modified_partition_coefficient,
    xie_beni,
)
from segmentation.quality.metrics import partition_coefficient, partition_entropy

# Below: centres this close, in units of sqrt(number of columns), are one and the same.
COINCIDENT = 0.25
# Below: memberships with this modified partition coefficient are close to 1/k.
BLURRED = 0.1
LARGEST_AUTO_M = 2.0


class FuzzyCustomerSegmentation(CustomerSegmentation):
    """Fuzzy c-means.

    Parameters
    ----------
    n_clusters : int
    m : float or "auto"
        Fuzzifier, above 1; near 1 memberships are crisp, at 2 they are soft. "auto" chooses it
        from the number of customers and columns, see `fuzzifier`.
    max_iter : int
        Most steps of a start.
    error : float
        A start has converged when the norm of the change of memberships falls below it; see
        `segmentation.methods.cmeans.FuzzyCMeans` for more than 20,000 customers.
    seed : int
    n_init : int
        Random starts; the one with the smallest objective is kept.
    noise : float, optional
        If given, a noise cluster (Dave 1991) keeps customers that belong nowhere from pulling
        the centres; `noise_share` tells who they are. Smaller means more noise, see
        `segmentation.methods.cmeans.FuzzyCMeans`. Memberships stay those in the segments alone.
    features, transform
        See `segmentation.data.preprocessing.CustomerPreprocessing`.

    Attributes
    ----------
    m_ : float
        The fuzzifier used.
    objective_ : float
        Sum of membership^m times squared distance; lower is better.
    cmeans_ : FuzzyCMeans
        The fit in the scaled space.

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
            Parameter(
                "m",
                "Fuzzifier m",
                2.0,
                "Near 1 crisp, at 2 soft.",
                1.05,
                5.0,
                0.1,
                special=("auto",),
            ),
            Parameter("max_iter", "Max. iterations", 150, "Most steps of a start.", 1, 10_000),
            Parameter("n_init", "Starts", 5, "Random starts, best one kept.", 1, 100),
            SEED,
        ),
    )

    def __init__(
        self,
        n_clusters: int = 4,
        m: float | str = 2.0,
        max_iter: int = 150,
        error: float = 0.005,
        seed: int = 42,
        *,
        n_init: int = 5,
        noise: float | None = None,
        features: Sequence[str] | None = None,
        transform: str = "auto",
    ):
        self.n_clusters = n_clusters
        self.m = m
        self.max_iter = max_iter
        self.error = error
        self.seed = seed
        self.n_init = n_init
        self.noise = noise
        self.features = features
        self.transform = transform

    def noise_share(self, data: pd.DataFrame) -> np.ndarray:
        """Return how far customers belong to no segment, from 0 to 1, shape (n_customers,).

        It is 0 without a noise cluster.
        """
        return self.cmeans_.noise_share(self._scaled(data))

    def _scores(self, scaled: np.ndarray) -> dict[str, np.ndarray]:
        return {} if self.noise is None else {"noise": self.cmeans_.noise_share(scaled)}

    def _fit(self, scaled: np.ndarray, progress: Progress) -> None:
        self._fit_blocks(ArrayBlocks(scaled), progress)

    def _fit_blocks(self, blocks: Blocks, progress: Progress = no_progress) -> None:
        automatic = self.m == "auto"
        self.m_ = fuzzifier(blocks.n_rows, blocks.n_columns) if automatic else float(self.m)
        self.cmeans_ = FuzzyCMeans(
            self.n_clusters,
            m=self.m_,
            max_iter=self.max_iter,
            error=self.error,
            n_init=self.n_init,
            noise=self.noise,
            random_state=self.seed,
        ).fit_blocks(blocks, progress)
        self.centers_ = self.cmeans_.cluster_centers_
        self.objective_ = self.cmeans_.objective_
        self.n_iter_ = self.cmeans_.n_iter_

    def _memberships(self, scaled: np.ndarray) -> np.ndarray:
        # Without the noise cluster: the same ratios, and rows that sum to 1.
        return memberships_of(scaled, self.centers_, self.m_)

    def _centers(self) -> np.ndarray:
        return self.centers_

    def _fit_warnings(self) -> list[str]:
        found = []
        k, n_columns = self.centers_.shape
        smallest = pdist(self.centers_).min()
        crispness = (k * self.cmeans_.partition_coefficient_ - 1) / (k - 1)
        if smallest < COINCIDENT * np.sqrt(n_columns):
            found.append(
                f"Two segments nearly coincide: their centres are {smallest:.2g} standard "
                f"deviations apart. {self._cure()}"
            )
        if crispness < BLURRED:
            found.append(
                f"Memberships are blurred: customers belong to all {k} segments almost alike. "
                f"{self._cure()}"
            )
        if self.n_iter_ >= self.max_iter:
            found.append(f"Stopped after {self.n_iter_} iterations. Allow more iterations.")
        return found

    def _cure(self) -> str:
        return f"Choose a fuzzifier m below {self.m_:.3g}, or ask for fewer segments."

    def _extra_metrics(self, scaled: np.ndarray, memberships: np.ndarray) -> dict[str, float]:
        centers = self.centers_[self._order_]
        return {
            "partition_coefficient": partition_coefficient(memberships),
            "partition_entropy": partition_entropy(memberships),
            "modified_partition_coefficient": modified_partition_coefficient(memberships),
            "xie_beni": xie_beni(scaled, memberships, centers, self.m_),
            "fuzzy_silhouette": fuzzy_silhouette(scaled, memberships, self.seed),
            "n_iterations": float(self.n_iter_),
            "converged": float(self.n_iter_ < self.max_iter),
        }


def fuzzifier(n_rows: int, n_columns: int) -> float:
    """Return the fuzzifier at which structureless data gives no clusters, at most 2.

    Parameters
    ----------
    n_rows, n_columns : int
        Customers and columns in the distance.

    References
    ----------
    Schwaemmle and Jensen (2010), A simple and fast method to determine the parameters for fuzzy
    c-means cluster analysis.

    Examples
    --------
    >>> fuzzifier(2_500, 4), round(fuzzifier(2_500, 7), 2), round(fuzzifier(2_500, 28), 2)
    (2.0, 1.57, 1.09)
    """
    power = -0.0406 * np.log(n_rows) - 0.1134
    proposal = 1 + (1418 / n_rows + 22.05) / n_columns**2
    proposal += (12.33 / n_rows + 0.243) * n_columns**power
    return float(min(proposal, LARGEST_AUTO_M))
