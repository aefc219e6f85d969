"""Gaussian mixture: segments with a shape, memberships that are probabilities of a model."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning

from segmentation.data.blocks import ArrayBlocks, Blocks
from segmentation.data.schema import describe
from segmentation.methods.base import CustomerSegmentation, Progress, no_progress
from segmentation.methods.mixture import COVARIANCE_TYPES, BlockGaussianMixture
from segmentation.methods.parameters import N_CLUSTERS, SEED, MethodSpec, Parameter
from segmentation.quality.metrics import entropies
from segmentation.quality.mixture_choice import icl, information_table

HIGH_CONFIDENCE = 0.9
LOW_CONFIDENCE = 0.7
TINY_WEIGHT = 0.02
NEAR_FLOOR = 1.05
WIDER = 2.0
MAX_BIC_CUSTOMERS = 20_000


class GMMCustomerSegmentation(CustomerSegmentation):
    """Gaussian mixture: scikit-learn's own up to 20,000 customers, in blocks beyond.

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
        self._fit_blocks(ArrayBlocks(scaled), progress)

    def _fit_blocks(self, blocks: Blocks, progress: Progress = no_progress) -> None:
        model = BlockGaussianMixture(
            self.n_clusters,
            covariance_type=self.covariance_type,
            reg_covar=self.reg_covar,
            max_iter=self.max_iter,
            n_init=self.n_init,
            random_state=self.seed,
        )
        with warnings.catch_warnings():
            # Said in `_fit_warnings`, with the cure.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.model_ = model.fit_blocks(blocks)

    def _memberships(self, scaled: np.ndarray) -> np.ndarray:
        return self.model_.predict_proba(scaled)

    def _centers(self) -> np.ndarray:
        return self.model_.means_

    def _fit_warnings(self) -> list[str]:
        found = [
            f"Segment {segment} has collapsed onto customers who are all but equal in "
            f"{column.lower()}: its probabilities look surer than they are. Use more smoothing "
            f"or fewer segments, or leave that column out."
            for segment, column in self._collapsed()
        ]
        if not self.model_.converged_:
            found.append(
                f"The mixture has not converged after {self.model_.n_iter_} steps. "
                f"Allow more iterations."
            )
        smallest = self.model_.weights_.min()
        if smallest < TINY_WEIGHT:
            found.append(
                f"The smallest component holds {smallest:.1%} of customers. "
                f"Ask for fewer segments or more smoothing."
            )
        return found

    def _collapsed(self) -> list[tuple[int, str]]:
        """Return number and flattest column of segments as flat as the smoothing allows.

        A direction in which all customers together are as flat tells nothing of a segment: columns
        that determine each other make one.
        """
        covariances, means = self.model_.full_covariances_, self.model_.means_
        values, vectors = np.linalg.eigh(covariances)
        smallest, directions = values[:, 0], vectors[:, :, 0]
        apart = means - self.model_.weights_ @ means
        total = np.einsum("k,kij->ij", self.model_.weights_, covariances)
        total = total + (self.model_.weights_[:, None] * apart).T @ apart
        overall = np.einsum("ki,ij,kj->k", directions, total, directions)
        flat = (smallest < NEAR_FLOOR * self.reg_covar) & (overall > WIDER * smallest)
        names = [describe(name).label for name in self.preprocessing_.used_]
        return [
            (segment, names[np.abs(directions[component]).argmax()])
            for segment, component in enumerate(self._order_, start=1)
            if flat[component]
        ]

    def _extra_metrics(self, scaled: np.ndarray, memberships: np.ndarray) -> dict[str, float]:
        model = self.model_
        log_likelihood = model.score(scaled)
        deviance = -2 * log_likelihood * len(scaled)
        bic = deviance + model.n_parameters_ * np.log(len(scaled))
        return {
            "bic": float(bic),
            "aic": float(deviance + 2 * model.n_parameters_),
            "icl": icl(bic, memberships),
            "log_likelihood": log_likelihood,
            "smallest_eigenvalue": float(np.linalg.eigvalsh(model.full_covariances_).min()),
            "smallest_weight": float(model.weights_.min()),
            "converged": float(model.converged_),
            "n_iterations": float(model.n_iter_),
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
            Columns n_clusters, covariance_type, bic, aic, icl; lower is better. What to make of it
            is in `segmentation.quality.mixture_choice`.
        """
        scaled = self._scaled(data)
        if len(scaled) > max_customers:
            scaled = ArrayBlocks(scaled).sample(max_customers, np.random.default_rng(self.seed))
        return information_table(
            scaled,
            n_clusters,
            covariance_types,
            reg_covar=self.reg_covar,
            n_init=n_init,
            max_iter=self.max_iter,
            seed=self.seed,
            progress=progress,
        )


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
