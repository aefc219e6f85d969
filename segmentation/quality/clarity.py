"""How clearly customers belong to their segments, in numbers and in words."""

from __future__ import annotations

from typing import Literal

import numpy as np

BORDER_GAP = 0.2
CLEAR, SOME_OVERLAP = 0.6, 0.35


def is_crisp(memberships: np.ndarray) -> bool:
    """Return whether every customer belongs to one segment entirely."""
    return bool((memberships.max(axis=1) == 1).all())


def ranked(memberships: np.ndarray) -> list[int]:
    """Return the segments of one customer, the strongest membership first.

    >>> ranked(np.array([0.2, 0.5, 0.3]))
    [1, 2, 0]
    """
    return np.argsort(-memberships, kind="stable").tolist()


def gaps(memberships: np.ndarray) -> np.ndarray:
    """Return the difference of every customer's two highest memberships, (n_customers,)."""
    if memberships.shape[1] < 2:
        return memberships[:, 0]
    top = np.partition(memberships, -2, axis=1)[:, -2:]
    return top[:, 1] - top[:, 0]


def border_share(memberships: np.ndarray, limit: float = BORDER_GAP) -> float:
    """Return the share of customers whose two highest memberships are closer than `limit`."""
    return float(np.mean(gaps(memberships) < limit))


def clarity(confidence: float, n_clusters: int) -> Literal["Clear", "Some overlap", "Much overlap"]:
    """Return in words how clear a mean highest membership is.

    Memberships that say nothing are 1/k, so it is measured from there: 0 says nothing and 1 is
    certain; 0.6 and 0.35 separate the words.

    >>> clarity(0.75, 4), clarity(0.5, 4), clarity(0.5, 2)
    ('Clear', 'Much overlap', 'Much overlap')
    """
    floor = 1 / n_clusters
    relative = (confidence - floor) / (1 - floor) if n_clusters > 1 else 1.0
    if relative >= CLEAR:
        return "Clear"
    return "Some overlap" if relative >= SOME_OVERLAP else "Much overlap"
