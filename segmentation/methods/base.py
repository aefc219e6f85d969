"""The contract that every method fulfils."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from segmentation.data.order import canonical_order
from segmentation.data.preprocessing import CustomerPreprocessing
from segmentation.data.schema import DataError, Fault, fingerprint
from segmentation.methods.parameters import MethodSpec
from segmentation.methods.result import SegmentationResult
from segmentation.quality.metrics import common_metrics

Progress = Callable[[float, str], None]
FEW_CUSTOMERS_PER_SEGMENT = 10
# Above this the methods take samples that do not depend on the order (`blocks.ArrayBlocks`).
SORTED_ROWS = 200_000


def no_progress(fraction: float, message: str) -> None:
    """Ignore a report of progress."""


class CustomerSegmentation(BaseEstimator, ABC):
    """Base of all methods: it owns the verbs, a method supplies `_fit` and `_memberships`.

    Segments are numbered by descending mean revenue, so that numbers and colours stay put from
    seed to seed and from method to method.

    Attributes
    ----------
    spec : MethodSpec
        Name and parameters of the method, of the class.
    preprocessing_ : CustomerPreprocessing
        Fitted in `fit`, applied ever after.
    labels_ : int array of shape (n_customers,)
    memberships_ : float array of shape (n_customers, n_clusters)
    warnings_ : list of str
        What the user should know about this fit.
    """

    spec: ClassVar[MethodSpec]
    n_clusters: int
    seed: int
    features: Sequence[str] | None
    transform: str

    @abstractmethod
    def _fit(self, scaled: np.ndarray, progress: Progress) -> None:
        """Learn from the scaled matrix, shape (n_customers, n_features)."""

    @abstractmethod
    def _memberships(self, scaled: np.ndarray) -> np.ndarray:
        """Return memberships of shape (n_customers, n_clusters), rows summing to 1."""

    def _centers(self) -> np.ndarray:
        """Return centres in the scaled space, shape (n_clusters, n_features)."""
        return self._segment_means_

    def _extra_metrics(self, scaled: np.ndarray, memberships: np.ndarray) -> dict[str, float]:
        """Return the metrics of this method alone."""
        return {}

    def _scores(self, scaled: np.ndarray) -> dict[str, np.ndarray]:
        """Return what else this method says of every customer, arrays of shape (n_customers,)."""
        return {}

    def _fit_warnings(self) -> list[str]:
        """Return what the user should know about a fit of this method."""
        return []

    def _history(self) -> dict[str, list[float]]:
        """Return per-epoch curves, if the method has epochs."""
        return {}

    def fit(
        self,
        data: pd.DataFrame,
        y: None = None,
        *,
        verbose: int = 0,
        progress: Progress = no_progress,
    ) -> CustomerSegmentation:
        """Segment customers.

        Parameters
        ----------
        data : DataFrame of shape (n_customers, n_columns)
            Customers; never changed.
        y : None
            Ignored, for pipelines.
        verbose : int
            Accepted for compatibility; use `progress` to follow a fit.
        progress : callable(fraction, message)
            Called now and then with a number from 0 to 1 and words.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of its range.
        DataError
            If the table cannot be segmented.
        """
        started = time.perf_counter()
        self.spec.check(self.get_params(deep=False))
        self.preprocessing_ = CustomerPreprocessing(self.features, self.transform).fit(data)
        scaled = self.preprocessing_.apply(data)
        self.warnings_ = self._check_rows(scaled)
        self._fit_scaled(scaled, progress)
        memberships = self._memberships(scaled)
        if not np.isfinite(memberships).all():
            raise DataError(
                [
                    Fault(
                        f"{self.spec.title} found no finite memberships.",
                        "Ask for fewer segments, or check the columns for extreme values.",
                    )
                ]
            )
        self._order_ = _order_by_revenue(memberships.argmax(axis=1), memberships.shape[1], data)
        self.memberships_ = memberships[:, self._order_]
        self.labels_ = self.memberships_.argmax(axis=1)
        sizes = np.bincount(self.labels_, minlength=self.n_clusters)
        self._segment_means_ = _segment_means(scaled, self.labels_, self.n_clusters)[
            np.argsort(self._order_)
        ]
        if (sizes == 0).any():
            self.warnings_.append(
                f"{int((sizes == 0).sum())} of {self.n_clusters} segments are empty. "
                f"Ask for fewer segments."
            )
        self.warnings_ += self._fit_warnings()
        self.seconds_ = time.perf_counter() - started
        return self

    def _fit_scaled(self, scaled: np.ndarray, progress: Progress) -> None:
        """Fit so that the order of customers does not matter.

        Methods draw starts and batches by position; sorted rows make positions mean the same.
        """
        if len(scaled) <= SORTED_ROWS:
            scaled = scaled[canonical_order(scaled, np.random.default_rng(self.seed))]
        self._fit(scaled, progress)

    def _check_rows(self, scaled: np.ndarray) -> list[str]:
        distinct = _distinct_rows(scaled, self.n_clusters)
        if distinct < self.n_clusters:
            raise DataError(
                [
                    Fault(
                        f"{self.n_clusters} segments were asked for, but only {distinct} "
                        f"customers differ in the chosen columns.",
                        f"Ask for at most {max(distinct, 1)} segments or add columns.",
                    )
                ]
            )
        if len(scaled) < FEW_CUSTOMERS_PER_SEGMENT * self.n_clusters:
            return [
                f"{len(scaled)} customers are few for {self.n_clusters} segments: the result may "
                f"change with every new customer. Ask for fewer segments or add customers."
            ]
        return []

    def fit_predict(
        self,
        data: pd.DataFrame,
        y: None = None,
        *,
        verbose: int = 0,
        progress: Progress = no_progress,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Fit and return labels and memberships of the same customers."""
        self.fit(data, verbose=verbose, progress=progress)
        return self.labels_, self.memberships_

    def predict(self, data: pd.DataFrame) -> np.ndarray:
        """Return the segment of every customer, int array of shape (n_customers,)."""
        return self.predict_proba(data).argmax(axis=1)

    def predict_proba(self, data: pd.DataFrame) -> np.ndarray:
        """Return memberships of shape (n_customers, n_clusters); rows sum to 1."""
        return self._ordered_memberships(self._scaled(data))

    def get_cluster_centers(self, data: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return the centres in original units.

        Parameters
        ----------
        data : DataFrame, optional
            Accepted for compatibility; centres are those of the fit.

        Returns
        -------
        DataFrame of shape (n_clusters, n_used_features)
            A centre of a log-transformed column is back on the column's own scale.
        """
        check_is_fitted(self, "preprocessing_")
        return self.preprocessing_.invert(self._centers()[self._order_])

    def evaluate(self, data: pd.DataFrame) -> dict[str, float]:
        """Return metrics; directions stand in `segmentation.quality.metrics.METRICS`."""
        scaled = self._scaled(data)
        memberships = self._ordered_memberships(scaled)
        return self._metrics(scaled, memberships)

    def result(self, data: pd.DataFrame) -> SegmentationResult:
        """Return everything that pages and exports need about these customers."""
        scaled = self._scaled(data)
        memberships = self._ordered_memberships(scaled)
        ids = data.get("customer_id", data.index)
        settable = [parameter.name for parameter in self.spec.parameters]
        return SegmentationResult(
            method=self.spec.key,
            title=self.spec.title,
            parameters={name: getattr(self, name) for name in settable},
            columns=self.preprocessing_.columns_,
            customer_ids=ids.astype(str).to_numpy(dtype=object),
            labels=memberships.argmax(axis=1),
            memberships=memberships,
            centers=self.get_cluster_centers(),
            metrics=self._metrics(scaled, memberships),
            seconds=self.seconds_,
            warnings=tuple(self.warnings_),
            history=self._history(),
            scores=self._scores(scaled),
            data_fingerprint=fingerprint(data),
        )

    def _scaled(self, data: pd.DataFrame) -> np.ndarray:
        check_is_fitted(self, "preprocessing_")
        return self.preprocessing_.apply(data)

    def _ordered_memberships(self, scaled: np.ndarray) -> np.ndarray:
        return self._memberships(scaled)[:, self._order_]

    def _metrics(self, scaled: np.ndarray, memberships: np.ndarray) -> dict[str, float]:
        common = common_metrics(scaled, memberships.argmax(axis=1), self.seed)
        return common | self._extra_metrics(scaled, memberships)


def _distinct_rows(scaled: np.ndarray, enough: int) -> int:
    """Count different rows; the count may stop early once there are enough."""
    first = len(np.unique(scaled[:1_000], axis=0))
    return first if first >= enough else len(np.unique(scaled, axis=0))


def _order_by_revenue(labels: np.ndarray, n_clusters: int, data: pd.DataFrame) -> np.ndarray:
    """Return segment numbers by descending mean revenue; empty segments come last.

    Without revenue the size decides.
    """
    sizes = np.bincount(labels, minlength=n_clusters)
    if "total_revenue" in data:
        revenue = data["total_revenue"].to_numpy(dtype=float)
        worth = np.bincount(labels, weights=revenue, minlength=n_clusters) / np.maximum(sizes, 1)
    else:
        worth = sizes.astype(float)
    return np.argsort(np.where(sizes > 0, -worth, np.inf), kind="stable")


def _segment_means(scaled: np.ndarray, labels: np.ndarray, n_clusters: int) -> np.ndarray:
    """Return the mean of every segment, the overall mean where a segment is empty."""
    sizes = np.bincount(labels, minlength=n_clusters)[:, None]
    sums = np.column_stack(
        [np.bincount(labels, weights=column, minlength=n_clusters) for column in scaled.T]
    )
    return np.where(sizes > 0, sums / np.maximum(sizes, 1), scaled.mean(axis=0))
