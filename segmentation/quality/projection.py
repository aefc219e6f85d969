"""Customers on a plane: principal components of the features that entered the distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA

from segmentation.data.preprocessing import CustomerPreprocessing


@dataclass(frozen=True, eq=False)
class Projection:
    """Principal components of customers.

    Attributes
    ----------
    coordinates : float32 array of shape (n_customers, n_components)
    explained : float array of shape (n_components,)
        Share of the variance on each axis.
    loadings : float array of shape (n_features, n_components)
        How each feature enters each axis.
    features : tuple of str
    """

    coordinates: np.ndarray
    explained: np.ndarray
    loadings: np.ndarray
    features: tuple[str, ...]


def project(data: pd.DataFrame, n_components: int = 3) -> Projection:
    """Project customers with the default preprocessing, so that all methods share the axes.

    Components point towards higher mean features, so that the picture does not flip.
    """
    preprocessing = CustomerPreprocessing().fit(data)
    scaled = preprocessing.apply(data)
    pca = PCA(min(n_components, *scaled.shape), svd_solver="covariance_eigh").fit(scaled)
    sign = np.where(pca.components_.sum(axis=1) < 0, -1.0, 1.0)
    # A single feature lies on a line; a second axis of zeros makes it a plane.
    more = max(0, 2 - pca.n_components_)
    return Projection(
        coordinates=np.pad(pca.transform(scaled) * sign, ((0, 0), (0, more))).astype(np.float32),
        explained=np.pad(pca.explained_variance_ratio_, (0, more)),
        loadings=np.pad((pca.components_ * sign[:, None]).T, ((0, 0), (0, more))),
        features=tuple(preprocessing.used_),
    )


def segment_shapes(points: np.ndarray, memberships: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where segments lie on a plane and how they spread, weighted by memberships.

    Parameters
    ----------
    points : float array of shape (n_customers, 2)
    memberships : float array of shape (n_customers, n_clusters)

    Returns
    -------
    means : float array of shape (n_clusters, 2)
    covariances : float array of shape (n_clusters, 2, 2)
    """
    points = np.asarray(points, dtype=float)
    totals = np.maximum(memberships.sum(axis=0), np.finfo(float).tiny)
    means = memberships.T @ points / totals[:, None]
    covariances = np.empty((len(means), 2, 2))
    for segment, (mean, total) in enumerate(zip(means, totals, strict=True)):
        apart = points - mean
        covariances[segment] = (apart * memberships[:, segment, None]).T @ apart / total
    return means, covariances
