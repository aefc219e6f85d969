"""Validity of a fuzzy partition: how crisp, how compact, how well separated."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import pdist
from sklearn.metrics import silhouette_samples

from segmentation.data.blocks import BLOCK_ROWS

EXACT_UP_TO = 5_000


def modified_partition_coefficient(memberships: np.ndarray) -> float:
    """Return Dave's (1996) rescaled partition coefficient: 1 is crisp, 0 is blurred to 1/k.

    Parameters
    ----------
    memberships : float array of shape (n_customers, n_clusters), at least two clusters
    """
    n_customers, k = memberships.shape
    coefficient = np.einsum("ij,ij->", memberships, memberships) / n_customers
    return float((k * coefficient - 1) / (k - 1))


def xie_beni(
    scaled: np.ndarray, memberships: np.ndarray, centers: np.ndarray, m: float = 2.0
) -> float:
    """Return the index of Xie and Beni (1991); lower is better.

    Mean membership^m times squared distance, over the squared distance of the two nearest
    centres (with their m = 2 it is their index, else that of Pal and Bezdek 1995).

    Parameters
    ----------
    scaled : float array of shape (n_customers, n_features)
    memberships : float array of shape (n_customers, n_clusters)
    centers : float array of shape (n_clusters, n_features)
    m : float

    Returns
    -------
    float
        Infinite where centres coincide.
    """
    within = 0.0
    for start in range(0, len(scaled), BLOCK_ROWS):
        rows, weights = scaled[start : start + BLOCK_ROWS], memberships[start : start + BLOCK_ROWS]
        for j, center in enumerate(centers):
            squared = np.square(rows - center).sum(axis=1)
            within += float(weights[:, j] ** m @ squared)
    apart = float(pdist(centers, "sqeuclidean").min())
    return within / (len(scaled) * apart) if apart > 0 else float("inf")


def fuzzy_silhouette(
    scaled: np.ndarray, memberships: np.ndarray, seed: int, alpha: float = 1.0
) -> float:
    """Return the fuzzy silhouette (Campello and Hruschka 2006), -1 to 1; higher is better.

    Customers count by the difference of their two largest memberships, so those between segments
    count little.

    Parameters
    ----------
    scaled : float array of shape (n_customers, n_features)
    memberships : float array of shape (n_customers, n_clusters)
    seed : int
        Chooses the sample on which it is measured above 5,000 customers.
    alpha : float
        Power of the weights; at 0 it is the plain silhouette.

    Returns
    -------
    float
        NaN where fewer than two segments, or only one-customer segments, are given, or where
        no customer belongs to one segment more than to another.
    """
    if len(scaled) > EXACT_UP_TO:
        rows = np.random.default_rng(seed).choice(len(scaled), EXACT_UP_TO, replace=False)
        scaled, memberships = scaled[rows], memberships[rows]
    labels = memberships.argmax(axis=1)
    if not 2 <= np.unique(labels).size < len(labels):
        return float("nan")
    second, first = np.partition(memberships, -2, axis=1)[:, -2:].T
    weights = (first - second) ** alpha
    if weights.sum() == 0:
        return float("nan")
    return float(weights @ silhouette_samples(scaled, labels) / weights.sum())
