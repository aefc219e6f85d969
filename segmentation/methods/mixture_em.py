"""Expectation maximization of Gaussian mixtures over blocks of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import cycle

import numpy as np
from sklearn.cluster import kmeans_plusplus

from segmentation.data.blocks import ArrayBlocks, Blocks, add_up
from segmentation.methods.mixture_kernel import moments, posteriors

COVARIANCE_TYPES = ("full", "tied", "diag", "spherical")
BREADTHS = (1.0, 0.25)


@dataclass(frozen=True)
class Components:
    """Weights, means and covariances; whatever their type, covariances are full matrices here.

    Attributes
    ----------
    weights : float array of shape (n_components,)
    means : float array of shape (n_components, n_columns)
    covariances : float array of shape (n_components, n_columns, n_columns)
    """

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray

    def factors(self) -> np.ndarray:
        """Return upper triangular F with F @ F.T the inverse covariance, one per component.

        Raises
        ------
        ValueError
            If a covariance is not positive definite.
        """
        try:
            lower = np.linalg.cholesky(self.covariances)
        except np.linalg.LinAlgError as error:
            raise ValueError(
                "a component has no positive definite covariance: it has collapsed onto few or "
                "equal rows. Ask for fewer components or raise reg_covar."
            ) from error
        return np.ascontiguousarray(np.linalg.inv(lower).transpose(0, 2, 1))

    def densities(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return posteriors, (n_rows, n_components), and log-densities, (n_rows,), of a block."""
        factors = self.factors()
        return posteriors(rows, self.means, factors, peak_logs(self.weights, factors))


@dataclass(frozen=True)
class Fit:
    """Where EM arrived: components, mean log-likelihood, steps taken, whether it converged."""

    components: Components
    log_likelihood: float
    n_iter: int
    converged: bool


@dataclass(frozen=True)
class EM:
    """Expectation-maximization over blocks, in the sense of scikit-learn's `GaussianMixture`.

    Parameters
    ----------
    n_components : int
    covariance_type : {"full", "tied", "diag", "spherical"}
    reg_covar : float
        Added to the diagonal of covariances.
    max_iter : int
    """

    n_components: int
    covariance_type: str
    reg_covar: float
    max_iter: int

    def run(self, blocks: Blocks, start: Components, tol: float) -> Fit:
        """Return the fit reached from `start`.

        It stops when the mean log-likelihood changes by less than `tol`. Steps are never
        extrapolated: that is drawn to saddle points, where plain EM leaves them.
        """
        current, reached, converged, n_iter = start, -np.inf, False, 0
        while n_iter < self.max_iter and not converged:
            sums, likelihood = self._expect(blocks, current)
            current = self.maximize(sums, current.means)
            converged = abs(likelihood - reached) < tol
            reached = likelihood
            n_iter += 1
        return Fit(current, reached, n_iter, converged)

    def starts(
        self, rows: np.ndarray, seeds: Iterable[int], tol: float, run: Callable = map
    ) -> list[Fit]:
        """Return the fits from one start per seed, best first.

        Broad starts find more of the overlapping components, narrow ones the separated ones.

        Raises
        ------
        ValueError
            If every start collapsed.
        """
        blocks = ArrayBlocks(rows)

        def one(seed: int, breadth: float) -> Fit | ValueError:
            try:
                return self.run(blocks, self._start(blocks.array, int(seed), breadth), tol)
            except ValueError as error:
                return error

        results = list(run(one, seeds, cycle(BREADTHS)))
        fits = [result for result in results if isinstance(result, Fit)]
        if not fits:
            raise results[0]
        return sorted(fits, key=lambda fit: -fit.log_likelihood)

    def maximize(self, sums: tuple[np.ndarray, ...], reference: np.ndarray) -> Components:
        """Return the M step from the sums of `mixture_kernel.moments` around reference means."""
        weight, first, second = sums
        weight = weight + 10 * np.finfo(float).eps
        moved = first / weight[:, None]
        full = np.triu(second) + np.triu(second, 1).transpose(0, 2, 1)
        full = full / weight[:, None, None] - moved[:, :, None] * moved[:, None, :]
        floor = self.reg_covar * np.eye(reference.shape[1])
        covariances = constrained(full, weight, self.covariance_type) + floor
        return Components(weight / weight.sum(), reference + moved, covariances)

    def _expect(
        self, blocks: Blocks, at: Components
    ) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], float]:
        """Return the moments of all rows and the mean log-likelihood."""
        means, factors = at.means, at.factors()
        constants = peak_logs(at.weights, factors)

        def of_block(block: np.ndarray) -> np.ndarray:
            *sums, likelihood = moments(block, means, factors, constants)
            return np.concatenate([*(part.ravel() for part in sums), [likelihood]])

        flat = add_up(blocks, of_block)
        k, d = means.shape
        weight, first, second, likelihood = np.split(flat, np.cumsum([k, k * d, k * d * d]))
        sums = weight, first.reshape(k, d), second.reshape(k, d, d)
        return sums, float(likelihood[0]) / blocks.n_rows

    def _start(self, rows: np.ndarray, seed: int, breadth: float) -> Components:
        """Return equal components at the means of k-means++, of a share of the data's variance."""
        k, d = self.n_components, rows.shape[1]
        means, _ = kmeans_plusplus(rows, k, random_state=seed)
        centered = rows - rows.mean(axis=0)
        total = centered.T @ centered / len(rows)
        # Even where columns determine each other the first densities must exist.
        floor = self.reg_covar + 1e-6 * (np.trace(total) / d or 1.0)
        covariance = breadth * total + floor * np.eye(d)
        return Components(np.full(k, 1 / k), means, np.stack([covariance] * k))


def count_parameters(n_components: int, n_features: int, covariance_type: str) -> int:
    """Return the number of free parameters of a mixture."""
    matrix = n_features * (n_features + 1) // 2
    shape = {
        "full": n_components * matrix,
        "tied": matrix,
        "diag": n_components * n_features,
        "spherical": n_components,
    }[covariance_type]
    return shape + n_components * n_features + n_components - 1


def peak_logs(weights: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """Return the log of weight times density at the mean, per component."""
    roots = np.log(np.einsum("kii->ki", factors)).sum(axis=1)
    return np.log(weights) + roots - 0.5 * factors.shape[1] * np.log(2 * np.pi)


def constrained(full: np.ndarray, weight: np.ndarray, covariance_type: str) -> np.ndarray:
    """Return covariances of a type, as matrices, from the unconstrained ones."""
    if covariance_type == "full":
        return full
    if covariance_type == "tied":
        pooled = np.tensordot(weight, full, axes=1) / weight.sum()
        return np.broadcast_to(pooled, full.shape)
    diagonal = np.einsum("kii->ki", full)
    if covariance_type == "spherical":
        diagonal = np.broadcast_to(diagonal.mean(axis=1, keepdims=True), diagonal.shape)
    return diagonal[:, :, None] * np.eye(full.shape[1])


def matrices(shaped: np.ndarray, covariance_type: str, k: int, d: int) -> np.ndarray:
    """Undo `shaped`: return C-contiguous matrices, shape (k, d, d)."""
    if covariance_type == "diag":
        shaped = shaped[:, :, None] * np.eye(d)
    elif covariance_type == "spherical":
        shaped = shaped[:, None, None] * np.eye(d)
    return np.ascontiguousarray(np.broadcast_to(shaped, (k, d, d)))


def shaped(matrices: np.ndarray, covariance_type: str) -> np.ndarray:
    """Return matrices in the shape that scikit-learn gives a covariance type."""
    if covariance_type == "full":
        return matrices
    if covariance_type == "tied":
        return matrices[0].copy()
    diagonal = np.einsum("kii->ki", matrices).copy()
    return diagonal if covariance_type == "diag" else diagonal[:, 0].copy()
