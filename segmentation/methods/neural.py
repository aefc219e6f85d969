"""Autoencoder: segments found in a learned, denoised representation of customers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from scipy.stats import median_abs_deviation
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from segmentation.data.order import canonical_order
from segmentation.methods.autoencoder import (
    EPOCH_ROWS,
    Autoencoder,
    forward,
    in_blocks,
)
from segmentation.methods.base import CustomerSegmentation, Progress, no_progress
from segmentation.methods.idec import MOVED_SHARE, refine, student_t
from segmentation.methods.parameters import N_CLUSTERS, SEED, MethodSpec, Parameter

CLUSTERINGS = ("kmeans", "idec")
LATENT_STARTS = 10
LATENT_SAMPLE = 100_000
DEAD_VARIANCE = 1e-3
OUTLIER_DEVIATIONS = 5.0


class NeuralCustomerSegmentation(CustomerSegmentation):
    """Segments in the code of a denoising autoencoder, with soft Student-t memberships.

    Parameters
    ----------
    n_clusters : int
    encoding_dim : int
        Width of the bottleneck; never more than the number of features.
    epochs : int
        Most passes over the customers; training stops early when it no longer improves.
    batch_size : int
        The smallest batch; it grows with the number of customers up to 1,024, and the learning
        rate with it.
    seed : int
    clustering : {"kmeans", "idec"}
        "kmeans" clusters the finished code (that of 100,000 random customers if there are more;
        everybody gets memberships). "idec" then trains code and centres jointly
        (`segmentation.methods.idec`), in at most `epochs` rounds.
    features, transform
        See `segmentation.data.preprocessing.CustomerPreprocessing`.

    Attributes
    ----------
    history_ : dict of str to list of float
        "loss" and "val_loss" per epoch of the autoencoder.
    latent_centers_ : float array of shape (n_clusters, encoding_dim)
    code_variances_ : float array of shape (encoding_dim,)
        Of the customers of the fit, along the principal directions of the code, largest first: a
        linear code has no dead units, but a direction may be idle.
    outlier_error_ : float
        Reconstruction error above which a customer is an outlier.
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
            Parameter(
                "batch_size",
                "Batch size",
                32,
                "Customers per step; more for large data.",
                1,
                65_536,
            ),
            Parameter(
                "clustering",
                "Clustering",
                "kmeans",
                "k-means on the code, or code and centres learned together (IDEC).",
                choices=CLUSTERINGS,
            ),
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
        clustering: str = "kmeans",
        features: Sequence[str] | None = None,
        transform: str = "auto",
    ):
        self.n_clusters = n_clusters
        self.encoding_dim = encoding_dim
        self.epochs = epochs
        self.batch_size = batch_size
        self.seed = seed
        self.clustering = clustering
        self.features = features
        self.transform = transform

    def _fit(self, scaled: np.ndarray, progress: Progress) -> None:
        n_features = scaled.shape[1]
        progress(0.0, "Compiling the network")
        order = canonical_order(scaled, np.random.default_rng(self.seed))
        rows = scaled.astype(np.float32)[order]
        self.network_ = Autoencoder(n_features, min(self.encoding_dim, n_features), self.seed)
        joint = self.clustering == "idec"
        part = 0.5 if joint else 1.0

        def on_epoch(epoch: int, loss: float, val_loss: float) -> None:
            words = f"Epoch {epoch} of {self.epochs}, loss {val_loss:.3f}"
            progress(part * epoch / self.epochs, words)

        def on_round(position: int, loss: float, moved: float) -> None:
            words = f"Round {position} of {self.epochs}, {moved:.1%} of customers moved"
            progress(part + part * position / self.epochs, words)

        self.history_ = self.network_.fit(rows, self.epochs, self.batch_size, on_epoch)
        sample = self._sample(rows, LATENT_SAMPLE)
        codes = self.network_.encode(sample)
        self.latent_centers_ = self._latent_means(codes)
        self.moved_ = 0.0
        if joint:
            self.latent_centers_, self.moved_ = refine(
                self.network_, self._sample(rows, EPOCH_ROWS), self.latent_centers_, self.epochs,
                self.batch_size, on_round,
            )  # fmt: skip
            codes = self.network_.encode(sample)
        spread = np.atleast_2d(np.cov(codes, rowvar=False))
        self.code_variances_ = np.linalg.eigvalsh(spread)[::-1]
        self.outlier_error_ = outlier_bound(self.network_.errors(sample))

    def _latent_means(self, codes: np.ndarray) -> np.ndarray:
        with threadpool_limits(1):  # threads would add up in any order
            return (
                KMeans(self.n_clusters, n_init=LATENT_STARTS, random_state=self.seed)
                .fit(codes)
                .cluster_centers_
            )

    def _sample(self, rows: np.ndarray, most: int) -> np.ndarray:
        if len(rows) <= most:
            return rows
        chosen = np.random.default_rng(self.seed).choice(len(rows), most, replace=False)
        return rows[chosen]

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

    def reconstruction_errors(self, data: pd.DataFrame) -> np.ndarray:
        """Return how badly the network knows every customer, shape (n_customers,).

        The mean squared difference between a customer's scaled features and what the network
        makes of them; lower is more usual.
        """
        return self.network_.errors(self._scaled(data))

    def outliers(self, data: pd.DataFrame) -> np.ndarray:
        """Return which customers are unlike those of the fit, bool of shape (n_customers,).

        Their reconstruction error lies, on the log scale, more than five median absolute
        deviations above the median of the fit's customers (3.4 standard deviations of a normal
        distribution): unlike a percentile it flags nobody where nobody stands out.
        """
        return self.reconstruction_errors(data) > self.outlier_error_

    def _scores(self, scaled: np.ndarray) -> dict[str, np.ndarray]:
        errors = self.network_.errors(scaled)
        return {"reconstruction_error": errors, "outlier": errors > self.outlier_error_}

    def _memberships(self, scaled: np.ndarray) -> np.ndarray:
        def of_block(block: np.ndarray) -> np.ndarray:
            codes = forward(self.network_.encoder, block)
            return student_t(cdist(codes, self.latent_centers_, "sqeuclidean"))

        return in_blocks(scaled, of_block)

    def _extra_metrics(self, scaled: np.ndarray, memberships: np.ndarray) -> dict[str, float]:
        error = self.network_.errors(scaled).mean()
        return {"reconstruction_error": float(error), "n_iterations": float(self._n_epochs)}

    def _fit_warnings(self) -> list[str]:
        warnings = []
        dead = int((self.code_variances_ < DEAD_VARIANCE * self.code_variances_.max()).sum())
        if dead:
            alive = len(self.code_variances_) - dead
            warnings.append(
                f"{dead} of {len(self.code_variances_)} latent dimensions hardly vary: the "
                f"customers need fewer. Set the latent size to {alive}."
            )
        if self.moved_ >= MOVED_SHARE:
            warnings.append(
                f"{self.moved_:.1%} of customers still changed segment in the last round of "
                f"joint training. Allow more epochs, or ask for fewer segments."
            )
        return warnings

    @property
    def _n_epochs(self) -> int:
        return len(self.history_["loss"])

    def _history(self) -> dict[str, list[float]]:
        return self.history_


def outlier_bound(errors: np.ndarray) -> float:
    """Return the error five median absolute deviations above the median, on the log scale."""
    logs = np.log(np.maximum(errors, np.finfo(float).tiny))
    deviation = median_abs_deviation(logs)
    return float(np.exp(np.median(logs) + OUTLIER_DEVIATIONS * deviation))
