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
    return Projection(
        coordinates=(pca.transform(scaled) * sign).astype(np.float32),
        explained=pca.explained_variance_ratio_,
        loadings=(pca.components_ * sign[:, None]).T,
        features=tuple(preprocessing.used_),
    )
