"""Autoencoder: segments found in a learned, denoised representation of customers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans

from segmentation.methods.autoencoder import Autoencoder
from segmentation.methods.base import CustomerSegmentation, Progress, no_progress
from segmentation.methods.parameters import N_CLUSTERS, SEED, MethodSpec, Parameter

LATENT_STARTS = 10


class NeuralCustomerSegmentation(CustomerSegmentation):
    """K-means on the code of a denoising autoencoder, with soft Student-t memberships.

    Parameters
    ----------
    n_clusters : int
    encoding_dim : int
        Width of the bottleneck; never more than the number of features.
    epochs : int
        Most passes over the customers; training stops early when it no longer improves.
    batch_size : int
    seed : int
    features, transform
        See `segmentation.data.preprocessing.CustomerPreprocessing`.

    Attributes
    ----------
    history_ : dict of str to list of float
        "loss" and "val_loss" per epoch.

    References
    ----------
    Xie, Girshick and Farhadi (2016), Unsupervised deep embedding for clustering analysis, eq. 1
    (Student-t memberships).
    """

    spec = MethodSpec(
        key="neural",
        title="Autoencoder",
        summary="Learned representation, then k-means",
        icon="hub",
        parameters=(
            N_CLUSTERS,
            Parameter("encoding_dim", "Latent size", 10, "At most the number of features.", 1, 64),
            Parameter("epochs", "Epochs", 100, "Most passes over the customers.", 1, 1_000),
            Parameter("batch_size", "Batch size", 32, "Customers per step.", 1, 65_536),
            SEED,
        ),
    )

    def __init__(
        self,
        n_clusters: int = 4,
        encoding_dim: int = 10,
        epochs: int = 100,
        batch_size: int = 32,
        seed: int = 42,
        *,
        features: Sequence[str] | None = None,
        transform: str = "auto",
    ):
        self.n_clusters = n_clusters
        self.encoding_dim = encoding_dim
        self.epochs = epochs
        self.batch_size = batch_size
        self.seed = seed
        self.features = features
        self.transform = transform

    def _fit(self, scaled: np.ndarray, progress: Progress) -> None:
        n_features = scaled.shape[1]
        progress(0.0, "Compiling the network")
        self.network_ = Autoencoder(n_features, min(self.encoding_dim, n_features), self.seed)

        def on_epoch(epoch: int, loss: float, val_loss: float) -> None:
            progress(epoch / self.epochs, f"Epoch {epoch} of {self.epochs}, loss {val_loss:.3f}")

        self.history_ = self.network_.fit(scaled, self.epochs, self.batch_size, on_epoch)
        codes = self.network_.encode(scaled)
        self.clusters_ = KMeans(
            self.n_clusters, n_init=LATENT_STARTS, random_state=self.seed
        ).fit(codes)  # fmt: skip

    def fit_predict(
        self,
        data: pd.DataFrame,
        y: None = None,
        *,
        verbose: int = 0,
        progress: Progress = no_progress,
    ) -> np.ndarray:
        """Fit and return the labels of the same customers."""
        return super().fit_predict(data, verbose=verbose, progress=progress)[0]

    def _memberships(self, scaled: np.ndarray) -> np.ndarray:
        squared = cdist(
            self.network_.encode(scaled), self.clusters_.cluster_centers_, "sqeuclidean"
        )
        weights = 1 / (1 + squared)
        return weights / weights.sum(axis=1, keepdims=True)

    def _extra_metrics(self, scaled: np.ndarray, memberships: np.ndarray) -> dict[str, float]:
        error = np.mean((self.network_.reconstruct(scaled) - scaled) ** 2)
        return {"reconstruction_error": float(error), "n_iterations": float(self._n_epochs)}

    @property
    def _n_epochs(self) -> int:
        return len(self.history_["loss"])

    def _history(self) -> dict[str, list[float]]:
        return self.history_
