"""The silhouette of many customers, measured on some of them."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import silhouette_samples

EXACT_UP_TO = 5_000
# Distances to a small segment are felt by all its neighbours, so it is measured well.
AT_LEAST = 100


def silhouette(scaled: np.ndarray, labels: np.ndarray, seed: int) -> tuple[float, float]:
    """Return the mean silhouette and its standard error (Rousseeuw 1987); higher is better.

    Up to 5,000 customers it is exact. Beyond that it is measured on 5,000 customers: every segment
    gives its share of the sample, at least 100 customers, and counts with its true share.

    Parameters
    ----------
    scaled : float array of shape (n_customers, n_features)
    labels : int array of shape (n_customers,)
        Of at least two segments.
    seed : int
        Chooses the sample.

    Returns
    -------
    score, standard_error : float
        The standard error is 0 where the score is exact, and counts the choice of the customers.
    """
    if len(labels) <= EXACT_UP_TO:
        return float(silhouette_samples(scaled, labels).mean()), 0.0
    rows = _stratified(labels, np.random.default_rng(seed))
    values, segments = silhouette_samples(scaled[rows], labels[rows]), labels[rows]
    score = variance = 0.0
    for segment, size in zip(*np.unique(labels, return_counts=True), strict=True):
        own = values[segments == segment]
        share = size / len(labels)
        score += share * own.mean()
        variance += share**2 * own.var(ddof=1 if len(own) > 1 else 0) / len(own)
    return float(score), float(np.sqrt(variance))


def _stratified(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return rows in which every segment has its share."""
    chosen = []
    for segment, size in zip(*np.unique(labels, return_counts=True), strict=True):
        n = min(size, max(AT_LEAST, round(EXACT_UP_TO * size / len(labels))))
        chosen.append(rng.choice(np.flatnonzero(labels == segment), n, replace=False))
    return np.concatenate(chosen)
