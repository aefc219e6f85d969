"""Gaussian mixtures on arrays and blocks of any length.

Small data get scikit-learn's own fit. Large data are fitted from coarse to fine: many starts on a
small sample, the best of them on a larger one, and the winner on all rows, block by block.
"""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from numbers import Integral, Real

import numpy as np
from joblib import cpu_count
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, DensityMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits

from segmentation.data.blocks import BLOCK_ROWS, ArrayBlocks, Blocks, map_blocks
from segmentation.methods.mixture_em import (
    COVARIANCE_TYPES,
    EM,
    Fit,
    count_parameters,
    matrices,
    peak_logs,
    shaped,
)
from segmentation.methods.mixture_kernel import posteriors

SAMPLE = 20_000
START_ROWS = 10_000
REFINE_ROWS = 100_000
FINALISTS = 3
SAME_OPTIMUM = 1e-4  # starts whose mean log-likelihoods differ by less have met


class BlockGaussianMixture(DensityMixin, BaseEstimator):
    """Gaussian mixture with scikit-learn's interface, for any number of rows.

    Up to 20,000 rows the fit is scikit-learn's own. Above, `n_init` starts run on 10,000 rows,
    the best three on 100,000, and the best on all of them.

    Parameters
    ----------
    n_components : int
    covariance_type : {"full", "tied", "diag", "spherical"}
    tol : float
        EM stops when the mean log-likelihood changes by less. Above 20,000 rows by less than a
        hundredth of it: passes are cheap there.
    reg_covar : float
        Added to the diagonal of covariances.
    max_iter : int
        Most EM steps of a start.
    n_init : int
        Starts; the one with the highest likelihood is kept.
    random_state : int, RandomState or None

    Attributes
    ----------
    weights_, means_, covariances_, precisions_cholesky_ : float arrays
        Of the shapes that scikit-learn gives them.
    converged_ : bool
    n_iter_ : int
        EM steps on all rows.
    lower_bound_ : float
        Mean log-likelihood of the rows of the fit, before the last step.
    n_features_in_ : int

    References
    ----------
    Dempster, Laird and Rubin (1977), Maximum likelihood from incomplete data via the EM
    algorithm.
    """

    _parameter_constraints: dict = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "covariance_type": [StrOptions(set(COVARIANCE_TYPES))],
        "tol": [Interval(Real, 0.0, None, closed="left")],
        "reg_covar": [Interval(Real, 0.0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "n_init": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_components: int = 1,
        *,
        covariance_type: str = "full",
        tol: float = 1e-3,
        reg_covar: float = 1e-6,
        max_iter: int = 100,
        n_init: int = 1,
        random_state: int | np.random.RandomState | None = None,
    ):
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.tol = tol
        self.reg_covar = reg_covar
        self.max_iter = max_iter
        self.n_init = n_init
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: None = None) -> BlockGaussianMixture:
        """Fit to rows of `X`, shape (n_samples, n_features).

        Raises
        ------
        ValueError
            If a parameter or a value of `X` is not allowed, or all starts collapse.
        """
        return self.fit_blocks(ArrayBlocks(validate_data(self, X, ensure_min_samples=2, **_ROWS)))

    def fit_blocks(self, blocks: Blocks) -> BlockGaussianMixture:
        """Fit to rows that come in blocks, which are finite and scaled already."""
        self._validate_params()
        if blocks.n_rows <= SAMPLE:
            # In an order of its own, so that the given one does not matter.
            everything = blocks.sample(SAMPLE, np.random.default_rng(0))
            # One thread: its sums then do not depend on how many there are.
            with threadpool_limits(1):
                peer = GaussianMixture(**self.get_params()).fit(everything)
            for name in (*_PARAMETERS, "lower_bound_", "n_iter_", "converged_"):
                setattr(self, name, getattr(peer, name))
        else:
            self._set(self._coarse_to_fine(blocks))
        self.n_features_in_ = blocks.n_columns
        return self

    def _coarse_to_fine(self, blocks: Blocks) -> Fit:
        seed = check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
        rng = np.random.default_rng(seed)
        em = EM(self.n_components, self.covariance_type, self.reg_covar, self.max_iter)
        larger = blocks.sample(REFINE_ROWS, rng)
        small = ArrayBlocks(larger).sample(START_ROWS, rng)
        seeds = rng.integers(np.iinfo(np.int32).max, size=self.n_init)
        with threadpool_limits(1, "blas"), ThreadPoolExecutor(cpu_count()) as pool:
            fits = em.starts(small, seeds, self.tol, pool.map)
        refined = [
            em.run(ArrayBlocks(larger), fit.components, self.tol / 10) for fit in _finalists(fits)
        ]
        best = max(refined, key=lambda fit: fit.log_likelihood)
        return em.run(blocks, best.components, self.tol / 100)

    def _set(self, fit: Fit) -> None:
        self.lower_bound_, self.n_iter_ = fit.log_likelihood, fit.n_iter
        self.converged_ = fit.converged
        if not fit.converged:
            warnings.warn(
                "EM did not converge. Raise max_iter or tol, or ask for fewer components.",
                ConvergenceWarning,
                stacklevel=3,
            )
        self.weights_, self.means_ = fit.components.weights, fit.components.means
        self.covariances_ = shaped(fit.components.covariances, self.covariance_type)
        self.precisions_cholesky_ = shaped(fit.components.factors(), self.covariance_type)

    @property
    def full_covariances_(self) -> np.ndarray:
        """Covariances as matrices, (n_components, n_features, n_features), for every type."""
        check_is_fitted(self)
        return matrices(self.covariances_, self.covariance_type, *self.means_.shape)

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Return posteriors, shape (n_samples, n_components)."""
        rows = self._rows(X)
        result = np.empty((len(rows), len(self.weights_)))
        self._fill(rows, result, 0)
        return result

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Return the likeliest component of every row, int array of shape (n_samples,)."""
        return self.predict_proba(X).argmax(axis=1)

    def score_samples(self, X: ArrayLike) -> np.ndarray:
        """Return the log-density of every row, shape (n_samples,)."""
        rows = self._rows(X)
        result = np.empty(len(rows))
        self._fill(rows, result, 1)
        return result

    def score(self, X: ArrayLike, y: None = None) -> float:
        """Return the mean log-density of rows; higher is better."""
        return float(self.score_samples(X).mean())

    def bic(self, X: ArrayLike) -> float:
        """Return the Bayesian information criterion; lower is better."""
        densities = self.score_samples(X)
        return float(-2 * densities.sum() + self.n_parameters_ * np.log(len(densities)))

    def aic(self, X: ArrayLike) -> float:
        """Return the Akaike information criterion; lower is better."""
        return float(-2 * self.score_samples(X).sum() + 2 * self.n_parameters_)

    @property
    def n_parameters_(self) -> int:
        """Number of free parameters."""
        return count_parameters(*self.means_.shape, self.covariance_type)

    def _rows(self, X: ArrayLike) -> np.ndarray:
        check_is_fitted(self)
        return validate_data(self, X, reset=False, **_ROWS)

    def _fill(self, rows: np.ndarray, result: np.ndarray, which: int) -> None:
        """Fill `result` with the posteriors (`which` 0) or log-densities (1) of rows."""
        kind, (k, d) = self.covariance_type, self.means_.shape
        factors = matrices(self.precisions_cholesky_, kind, k, d)
        constants = peak_logs(self.weights_, factors)
        means = np.ascontiguousarray(self.means_)

        def of_block(block: np.ndarray) -> np.ndarray:
            return posteriors(block, means, factors, constants)[which]

        parts = map_blocks(ArrayBlocks(rows), of_block)
        for start, part in zip(range(0, len(rows), BLOCK_ROWS), parts, strict=True):
            result[start : start + len(part)] = part


_ROWS = {"dtype": np.float64, "order": "C"}
_PARAMETERS = ("weights_", "means_", "covariances_", "precisions_cholesky_")


def _finalists(fits: list[Fit]) -> list[Fit]:
    """Return the best few fits, those that met counted once; `fits` are sorted, best first."""
    kept: list[Fit] = []
    for fit in fits:
        if not kept or kept[-1].log_likelihood - fit.log_likelihood > SAME_OPTIMUM:
            kept.append(fit)
    return kept[:FINALISTS]
