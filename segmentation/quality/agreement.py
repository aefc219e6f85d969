"""How far two segmentations of the same customers agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two segmentations of the same customers, the second told in the numbers of the first.

    Attributes
    ----------
    order : int array of shape (n_second,)
        Segments of the second as `align` orders them.
    numbers : int array of shape (n_second,)
        For each of `order` the number of its partner; segments without a partner count on from
        n_first.
    counts : int array of shape (n_first, n_second)
        Customers; the columns are in `order`.
    aligned : int array of shape (n_customers,)
        Labels of the second in `numbers`.
    moved : bool array of shape (n_customers,)
        Whether the second places a customer elsewhere than the first.
    """

    order: np.ndarray
    numbers: np.ndarray
    counts: np.ndarray
    aligned: np.ndarray
    moved: np.ndarray

    @property
    def share_alike(self) -> float:
        """Share of customers whom both place alike, 0 to 1."""
        return float(1 - self.moved.mean())

    @property
    def percent(self) -> np.ndarray:
        """`counts` in percent of each row."""
        return 100 * self.counts / np.maximum(self.counts.sum(axis=1, keepdims=True), 1)

    @property
    def kept(self) -> np.ndarray:
        """Share of each segment of the first that its partner holds, shape (n_first,)."""
        partners = self.numbers == np.arange(len(self.counts))[:, None]
        return np.where(partners, self.percent, 0).sum(axis=1) / 100

    def aligned_names(self, names: Sequence[str]) -> list[str]:
        """Return names of the second's segments by aligned label, empty where there is none."""
        found = [""] * (int(self.numbers.max()) + 1)
        for number, segment in zip(self.numbers, self.order, strict=True):
            found[number] = names[segment]
        return found

    @property
    def largest_move(self) -> tuple[int, int, int] | None:
        """Row, column and customers of the largest group that changes; None if nobody does."""
        partners = self.numbers == np.arange(len(self.counts))[:, None]
        moves = np.where(partners, 0, self.counts)
        row, column = np.unravel_index(moves.argmax(), moves.shape)
        count = int(moves[row, column])
        return (int(row), int(column), count) if count else None


def compare(first: np.ndarray, second: np.ndarray) -> Comparison:
    """Align the segments of `second` to those of `first`; their numbers may differ.

    Parameters
    ----------
    first, second : int arrays of shape (n_customers,)
        Labels from 0.
    """
    counts = contingency(first, second)
    order = align(first, second)
    rows = linear_sum_assignment(counts, maximize=True)[0]
    numbers = np.concatenate([rows, len(counts) + np.arange(len(order) - len(rows))])
    aligned = numbers[np.argsort(order)][second]
    return Comparison(order, numbers, counts[:, order], aligned, aligned != first)


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
