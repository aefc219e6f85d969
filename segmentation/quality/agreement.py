"""How far two segmentations of the same customers agree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score


def contingency(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Count customers by pair of segments, int array of shape (n_first, n_second)."""
    shape = (int(first.max()) + 1, int(second.max()) + 1)
    return np.bincount(first * shape[1] + second, minlength=shape[0] * shape[1]).reshape(shape)


def align(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Order the segments of `second` so that they face their partners in `first`.

    Partners share the most customers in total (Kuhn 1955, Hungarian method). Segments of `second`
    without a partner come last.

    Returns
    -------
    int array of shape (n_second,)
    """
    counts = contingency(first, second)
    partners = linear_sum_assignment(counts, maximize=True)[1]
    rest = np.setdiff1d(np.arange(counts.shape[1]), partners)
    return np.concatenate([partners, rest])


def agreement_matrix(labelings: Sequence[np.ndarray]) -> np.ndarray:
    """Return the adjusted Rand index of every pair: 1 identical, 0 chance, higher is better."""
    n = len(labelings)
    matrix = np.eye(n)
    for i in range(n):
        for j in range(i):
            matrix[i, j] = matrix[j, i] = adjusted_rand_score(labelings[i], labelings[j])
    return matrix


def share_placed_alike(first: np.ndarray, second: np.ndarray) -> float:
    """Return the share of customers whose aligned segments are the same."""
    counts = contingency(first, second)
    rows, columns = linear_sum_assignment(counts, maximize=True)
    return float(counts[rows, columns].sum() / counts.sum())
