"""Fuzzy c-means on arrays and on blocks of rows, with the conventions of scikit-learn."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from numbers import Integral, Real

import numpy as np
from joblib import cpu_count
from skfuzzy.cluster import cmeans
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.cluster import kmeans_plusplus
from sklearn.utils.validation import check_is_fitted, validate_data

from segmentation.data.blocks import BLOCK_ROWS, ArrayBlocks, Blocks, add_up, map_blocks
from segmentation.methods.cmeans_kernels import (
    TINY,
    fuzzy_labels,
    fuzzy_memberships,
    fuzzy_sums,
)

# Up to so many rows the result is scikit-fuzzy's own.
SAMPLE = 20_000
# Beyond, the starts compete on few rows, the best one is refined on more and then on all.
STARTING_ROWS, REFINING_ROWS = 5_000, 50_000
STARTING_DECREASE, REFINING_DECREASE = 1e-4, 1e-6
# A fit has converged when a plain step lowers the objective by less, relatively. With acceleration
# it is then about as far from its optimum; even if each step made good only a hundredth of what is
# missing, it would be within 1e-6.
DECREASE = 1e-9
MEMORY = 5
ROUNDING = 1e-12

Report = Callable[[float, str], None]


def _silent(fraction: float, message: str) -> None:
    """Report nothing."""


class FuzzyCMeans(ClusterMixin, BaseEstimator):
    """Fuzzy c-means (Bezdek 1981): every row belongs to every cluster to a degree.

    Up to 20,000 rows it is scikit-fuzzy that fits. Beyond, starts compete on a sample, and the
    best one is carried to convergence on all rows by Anderson-accelerated passes over blocks of
    rows; only the blocks are held in memory.

    Parameters
    ----------
    n_clusters : int
    m : float
        Fuzzifier, above 1; near 1 memberships are crisp, at 2 they are soft.
    max_iter : int
        Most steps of a start, and most passes over all rows.
    error : float
        With scikit-fuzzy a start has converged when the norm of the change of memberships falls
        below it. Beyond 20,000 rows the tolerance is fixed and tighter than 0.005.
    n_init : int
        Random starts; the one with the smallest objective is kept.
    noise : float, optional
        If given, rows may also belong to a noise cluster (Dave 1991), which is at the same
        distance from every row. Its square is `noise` times the mean squared distance of rows
        from their mean (on standardized columns: times their number); smaller means more noise.
    random_state : int, RandomState, Generator or None

    Attributes
    ----------
    cluster_centers_ : float array of shape (n_clusters, n_features)
    objective_ : float
        Sum of membership^m times squared distance; lower is better.
    partition_coefficient_ : float
        Mean sum of squared memberships: 1 is crisp, 1/n_clusters is blurred.
    n_iter_ : int
        Steps of the best start, or passes over all rows.
    delta_ : float
        Squared distance of the noise cluster; infinite without one.
    labels_ : int array of shape (n_samples,)
        Cluster of the largest membership; not after `fit_blocks`.
    noise_ : float array of shape (n_samples,)
        Membership in the noise cluster, if there is one; not after `fit_blocks`.
    n_features_in_ : int

    References
    ----------
    Bezdek (1981), Pattern Recognition with Fuzzy Objective Function Algorithms.
    Dave (1991), Characterization and detection of noise in clustering.
    Walker and Ni (2011), Anderson acceleration for fixed-point iterations.

    Examples
    --------
    >>> model = FuzzyCMeans(2).fit([[0.0], [0.1], [5.0], [5.1]])
    >>> sorted(model.cluster_centers_.ravel().round(2).tolist())
    [0.05, 5.05]
    """

    def __init__(
        self,
        n_clusters: int = 4,
        *,
        m: float = 2.0,
        max_iter: int = 150,
        error: float = 0.005,
        n_init: int = 5,
        noise: float | None = None,
        random_state: int | np.random.RandomState | np.random.Generator | None = 42,
    ):
        self.n_clusters = n_clusters
        self.m = m
        self.max_iter = max_iter
        self.error = error
        self.n_init = n_init
        self.noise = noise
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: None = None) -> FuzzyCMeans:
        """Fit to the rows of an array.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : None
            Ignored, for pipelines.

        Raises
        ------
        ValueError
            If a parameter is out of range, or there are fewer rows than clusters.
        """
        rows = validate_data(self, X, dtype=np.float64, order="C")
        self.fit_blocks(ArrayBlocks(rows))
        self.labels_ = self._labels(rows)
        if self.noise is not None:
            self.noise_ = _noise_share(self._memberships(rows))
        return self

    def fit_blocks(self, blocks: Blocks, report: Report = _silent) -> FuzzyCMeans:
        """Fit to blocks of rows, in memory or streamed.

        Parameters
        ----------
        blocks : Blocks
            Finite rows.
        report : callable(fraction, message)
            Called now and then with a number from 0 to 1 and words.

        Raises
        ------
        ValueError
            If a parameter is out of range, or there are fewer rows than clusters.
        """
        self._check_parameters(blocks.n_rows)
        rng = np.random.default_rng(self.random_state)
        self.n_features_in_ = blocks.n_columns
        self.delta_ = np.inf
        if blocks.n_rows <= SAMPLE and self.noise is None:
            self._fit_library(blocks.sample(SAMPLE, rng), rng, report)
        else:
            self._fit_passes(blocks, rng, report)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the cluster of the largest membership, int array of shape (n_samples,)."""
        return self._labels(self._checked(X))

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return memberships of shape (n_samples, n_clusters).

        Rows sum to 1, or with noise to what is left beside the membership in it.
        """
        return self._memberships(self._checked(X))

    def noise_share(self, X: np.ndarray) -> np.ndarray:
        """Return the membership in the noise cluster, from 0 to 1, shape (n_samples,)."""
        return _noise_share(self.predict_proba(X))

    def _check_parameters(self, n_rows: int) -> None:
        for name in ("n_clusters", "n_init", "max_iter"):
            value = getattr(self, name)
            if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
                raise ValueError(f"{name} must be a whole number of at least 1; got {value!r}.")
        for name, low in (("m", 1), ("error", 0), ("noise", 0)):
            value = getattr(self, name)
            if name == "noise" and value is None:
                continue
            if not isinstance(value, Real) or not low < value < np.inf:
                raise ValueError(f"{name} must be a number above {low}; got {value!r}.")
        if n_rows < self.n_clusters:
            raise ValueError(
                f"n_clusters={self.n_clusters} clusters need as many rows; got n_samples={n_rows}."
            )

    def _fit_library(self, rows: np.ndarray, rng: np.random.Generator, report: Report) -> None:
        self.objective_ = np.inf
        for start in range(self.n_init):
            # scikit-fuzzy seeds NumPy's global generator when given a seed, so it gets a start.
            first = rng.dirichlet(np.ones(self.n_clusters), size=len(rows)).T
            centers, _, _, _, objectives, n_steps, _ = cmeans(
                rows.T, self.n_clusters, self.m, self.error, self.max_iter, init=first
            )
            if objectives[-1] < self.objective_:
                self.objective_ = float(objectives[-1])
                self.cluster_centers_ = centers
                self.n_iter_ = int(n_steps)
            report((start + 1) / self.n_init, f"Start {start + 1} of {self.n_init}")
        last = fuzzy_sums(rows, self.cluster_centers_, float(self.m), np.inf)
        self.partition_coefficient_ = float(last[-1, 0] / len(rows))

    def _fit_passes(self, blocks: Blocks, rng: np.random.Generator, report: Report) -> None:
        # The sample is sorted along a random direction: every n-th row of it is a sample again.
        sample = blocks.sample(REFINING_ROWS, rng)
        few = sample[:: max(1, len(sample) // STARTING_ROWS)]
        if self.noise is not None:
            self.delta_ = max(float(self.noise * sample.var(axis=0).sum()), TINY)
        centers = self._best_start(few, rng)
        report(0.1, "Starts on a sample")
        centers = self._descend(ArrayBlocks(sample), centers, REFINING_DECREASE).centers
        found = self._descend(blocks, centers, DECREASE, report)
        self.cluster_centers_ = found.centers
        self.objective_ = found.objective
        self.partition_coefficient_ = found.partition_coefficient
        self.n_iter_ = found.n_passes
        report(1.0, f"{found.n_passes} passes over all rows")

    def _best_start(self, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        def descend(seeds: np.ndarray) -> _Descent:
            return self._descend(ArrayBlocks(rows), seeds, STARTING_DECREASE)

        starts = [self._seeds(rows, rng) for _ in range(self.n_init)]
        with ThreadPoolExecutor(cpu_count()) as pool:
            return min(pool.map(descend, starts), key=lambda descent: descent.objective).centers

    def _seeds(self, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        if self.delta_ < np.inf:
            # Any row may start, for the farthest ones, which k-means++ prefers, are noise.
            return rows[rng.choice(len(rows), self.n_clusters, replace=False)]
        seed = int(rng.integers(2**31))
        return kmeans_plusplus(rows, self.n_clusters, random_state=seed)[0]

    def _descend(
        self, blocks: Blocks, centers: np.ndarray, decrease: float, report: Report = _silent
    ) -> _Descent:
        descent = _Descent(centers)
        for n_pass in range(1, self.max_iter + 1):
            sums = partial(fuzzy_sums, centers=descent.at, m=float(self.m), delta=self.delta_)
            descent.take(add_up(blocks, sums), blocks.n_rows)
            report(0.1 + 0.9 * n_pass / self.max_iter, f"Pass {n_pass}")
            if descent.decrease <= decrease * descent.objective:
                break
        return descent

    def _checked(self, X: np.ndarray) -> np.ndarray:
        check_is_fitted(self)
        return validate_data(self, X, reset=False, dtype=np.float64, order="C")

    def _memberships(self, rows: np.ndarray) -> np.ndarray:
        return memberships_of(rows, self.cluster_centers_, self.m, self.delta_)

    def _labels(self, rows: np.ndarray) -> np.ndarray:
        labels = np.empty(len(rows), dtype=np.int64)
        centers, m = self.cluster_centers_, float(self.m)
        _by_slices(
            len(rows),
            lambda part: fuzzy_labels(rows[part], centers, m, self.delta_, labels[part]),
        )
        return labels


class _Descent:
    """Anderson-accelerated descent of the centres, safeguarded by the objective.

    A step of fuzzy c-means moves every centre to its weighted mean. Differences of the last few
    steps tell where the next ones would lead; if the objective is higher there, the plain step
    is taken instead.

    Attributes
    ----------
    at : float array of shape (n_clusters, n_features)
        Where the next sums are wanted.
    centers : float array of shape (n_clusters, n_features)
        Best centres so far.
    objective : float
        Of `centers` with the memberships of the step before.
    decrease : float
        By how much the last plain step lowered the objective.
    """

    def __init__(self, centers: np.ndarray):
        self.at = self.centers = np.ascontiguousarray(centers)
        self.objective = self.decrease = self.partition_coefficient = np.inf
        self.n_passes = 0
        self._lowest = np.inf
        self._steps: deque[tuple[np.ndarray, np.ndarray]] = deque(maxlen=MEMORY + 1)

    def take(self, sums: np.ndarray, n_rows: int) -> None:
        """Use the sums of a pass over all rows at `at`."""
        self.n_passes += 1
        reached = float(sums[-1, -1])
        if reached > self._lowest * (1 + ROUNDING):
            self._steps.clear()
            self.at = self.centers
            return
        weights = sums[:-1, -1:]
        # A centre without weight, of which m near 1 is capable, stays.
        means = np.where(weights > 0, sums[:-1, :-1] / np.where(weights > 0, weights, 1), self.at)
        step = means - self.at
        self._lowest = reached
        self.centers = means
        self.decrease = float((weights * step**2).sum())
        self.objective = reached - self.decrease
        self.partition_coefficient = float(sums[-1, 0] / n_rows)
        self._steps.append((means.ravel(), step.ravel()))
        self.at = self._mixed().reshape(means.shape)

    def _mixed(self) -> np.ndarray:
        means, steps = (np.array(part) for part in zip(*self._steps, strict=True))
        if len(steps) == 1:
            return means[-1]
        mix = np.linalg.lstsq(np.diff(steps, axis=0).T, steps[-1], rcond=1e-10)[0]
        return means[-1] - mix @ np.diff(means, axis=0)


def memberships_of(
    rows: np.ndarray, centers: np.ndarray, m: float, delta: float = np.inf
) -> np.ndarray:
    """Return memberships of shape (n_rows, n_clusters), computed on all cores.

    Parameters
    ----------
    rows : float array of shape (n_rows, n_features)
    centers : float array of shape (n_clusters, n_features)
    m : float
        Above 1. A row on a centre belongs to it alone.
    delta : float
        Squared distance of the noise cluster; infinite without one.
    """
    memberships = np.empty((len(rows), len(centers)))
    rows, centers = np.ascontiguousarray(rows), np.ascontiguousarray(centers)
    _by_slices(
        len(rows),
        lambda part: fuzzy_memberships(rows[part], centers, float(m), delta, memberships[part]),
    )
    return memberships


def _noise_share(memberships: np.ndarray) -> np.ndarray:
    return np.clip(1 - memberships.sum(axis=1), 0, 1)


class _Slices:
    """Blocks of row numbers, to write results of all cores into one array."""

    def __init__(self, n_rows: int):
        self.n_rows = n_rows

    def __iter__(self) -> Iterator[slice]:
        for start in range(0, self.n_rows, BLOCK_ROWS):
            yield slice(start, start + BLOCK_ROWS)


def _by_slices(n_rows: int, write: Callable[[slice], None]) -> None:
    for _ in map_blocks(_Slices(n_rows), write):
        pass
