"""Gaussian mixture: segments with a shape, memberships that are probabilities of a model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.mixture import GaussianMixture

from segmentation.methods.base import CustomerSegmentation, Progress, no_progress
from segmentation.methods.parameters import N_CLUSTERS, SEED, MethodSpec, Parameter
from segmentation.quality.metrics import entropies

COVARIANCE_TYPES = ("full", "tied", "diag", "spherical")
HIGH_CONFIDENCE = 0.9
LOW_CONFIDENCE = 0.7
TINY_WEIGHT = 0.02
MAX_BIC_CUSTOMERS = 20_000


class GMMCustomerSegmentation(CustomerSegmentation):
    """Gaussian mixture by scikit-learn.

    Parameters
    ----------
    n_clusters : int
    covariance_type : {"full", "tied", "diag", "spherical"}
    max_iter : int
        Most EM steps of a start.
    n_init : int
        Starts; the one with the highest likelihood is kept.
    seed : int
    reg_covar : float
        Added to the diagonal of covariances, on the standardized scale. The default keeps
        components from collapsing onto many equal customers, such as one-time buyers.
    features, transform
        See `segmentation.data.preprocessing.CustomerPreprocessing`.

    References
    ----------
    Dempster, Laird and Rubin (1977), Maximum likelihood from incomplete data via the EM
    algorithm.
    """

    spec = MethodSpec(
        key="gmm",
        title="Gaussian mixture",
        summary="Probabilities, segments of any elliptic shape",
        icon="blur_on",
        parameters=(
            N_CLUSTERS,
            Parameter(
                "covariance_type",
                "Covariance",
                "full",
                "Shape of segments.",
                choices=COVARIANCE_TYPES,
            ),
            Parameter("n_init", "Starts", 10, "Starts, best one kept.", 1, 100),
            Parameter("reg_covar", "Smoothing", 0.1, "Smallest spread.", 1e-9, 1, 0.05),
            Parameter("max_iter", "Max. iterations", 200, "Most EM steps.", 1, 10_000),
            SEED,
        ),
    )

    def __init__(
        self,
        n_clusters: int = 4,
        covariance_type: str = "full",
        max_iter: int = 200,
        n_init: int = 10,
        seed: int = 42,
        *,
        reg_covar: float = 0.1,
        features: Sequence[str] | None = None,
        transform: str = "auto",
    ):
        self.n_clusters = n_clusters
        self.covariance_type = covariance_type
        self.max_iter = max_iter
        self.n_init = n_init
        self.seed = seed
        self.reg_covar = reg_covar
        self.features = features
        self.transform = transform

    def _fit(self, scaled: np.ndarray, progress: Progress) -> None:
        self.model_ = self._mixture(self.n_clusters, self.covariance_type).fit(scaled)

    def _mixture(
        self, n_components: int, covariance_type: str, **changes: object
    ) -> GaussianMixture:
        settings = {"max_iter": self.max_iter, "n_init": self.n_init} | changes
        return GaussianMixture(
            n_components,
            covariance_type=covariance_type,
            reg_covar=self.reg_covar,
            random_state=self.seed,
            **settings,
        )

    def _memberships(self, scaled: np.ndarray) -> np.ndarray:
        return self.model_.predict_proba(scaled)

    def _centers(self) -> np.ndarray:
        return self.model_.means_

    def _fit_warnings(self) -> list[str]:
        warnings = []
        if not self.model_.converged_:
            warnings.append("The mixture has not converged. Allow more iterations.")
        if self.model_.weights_.min() < TINY_WEIGHT:
            warnings.append(
                f"The smallest segment holds {self.model_.weights_.min():.1%} of customers. "
                f"Ask for fewer segments or more smoothing."
            )
        return warnings

    def _extra_metrics(self, scaled: np.ndarray, memberships: np.ndarray) -> dict[str, float]:
        return {
            "bic": float(self.model_.bic(scaled)),
            "aic": float(self.model_.aic(scaled)),
            "log_likelihood": float(self.model_.score(scaled)),
            "converged": float(self.model_.converged_),
            "n_iterations": float(self.model_.n_iter_),
        }

    def get_uncertainty_metrics(self, data: pd.DataFrame) -> dict[str, float]:
        """Return how sure the mixture is of its customers.

        Returns
        -------
        dict of str to float
            `high_confidence_pct` and `low_confidence_pct`, percent of customers whose highest
            probability is above 0.9 and below 0.7; `mean_confidence`; `mean_entropy` in nats;
            `normalized_entropy`, the same divided by log k, 0 sure to 1 undecided.
        """
        return uncertainty_metrics(self.predict_proba(data))

    def bic_table(
        self,
        data: pd.DataFrame,
        n_clusters: Sequence[int] = tuple(range(1, 13)),
        covariance_types: Sequence[str] = COVARIANCE_TYPES,
        *,
        n_init: int = 3,
        max_customers: int = MAX_BIC_CUSTOMERS,
        progress: Progress = no_progress,
    ) -> pd.DataFrame:
        """Return information criteria over numbers of components and covariance types.

        Parameters
        ----------
        data : DataFrame of shape (n_customers, n_columns)
        n_clusters : sequence of int
        covariance_types : sequence of str
        n_init : int
            Starts of every mixture.
        max_customers : int
            Above it, a random sample of this size is used.
        progress : callable(fraction, message)

        Returns
        -------
        DataFrame
            Columns n_clusters, covariance_type, bic, aic; lower is better.
        """
        scaled = self._scaled(data)
        if len(scaled) > max_customers:
            scaled = np.random.default_rng(self.seed).choice(scaled, max_customers, replace=False)
        rows = []
        pairs = [(kind, k) for kind in covariance_types for k in n_clusters if k <= len(scaled)]
        for done, (kind, k) in enumerate(pairs):
            progress(done / len(pairs), f"{kind} covariance, {k} components")
            model = self._mixture(k, kind, n_init=n_init).fit(scaled)
            rows.append((k, kind, model.bic(scaled), model.aic(scaled)))
        return pd.DataFrame(rows, columns=["n_clusters", "covariance_type", "bic", "aic"])


def uncertainty_metrics(memberships: np.ndarray) -> dict[str, float]:
    """Return the figures of `GMMCustomerSegmentation.get_uncertainty_metrics` for memberships."""
    confidence = memberships.max(axis=1)
    entropy = entropies(memberships)
    return {
        "high_confidence_pct": float(100 * np.mean(confidence > HIGH_CONFIDENCE)),
        "low_confidence_pct": float(100 * np.mean(confidence < LOW_CONFIDENCE)),
        "mean_confidence": float(confidence.mean()),
        "mean_entropy": float(entropy.mean()),
        "normalized_entropy": float(entropy.mean() / np.log(memberships.shape[1])),
    }
