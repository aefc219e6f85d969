"""From customers to the scaled matrix that methods see: fitted once, applied for ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segmentation.data.schema import (
    DERIVED,
    DataError,
    Fault,
    default_features,
    describe,
    numeric_faults,
)

TRANSFORMS = ("auto", "log1p", "identity")
REDUNDANT_R2 = 0.999
MOSTLY_ZERO = 0.5
SKEWED = 1.0


@dataclass(frozen=True)
class ColumnDecision:
    """What happened to one feature on its way into the distance, and why."""

    name: str
    used: bool
    transform: str
    reason: str


def skewness(values: np.ndarray) -> float:
    """Return the sample skewness (third standardized moment, biased); 0 for a constant."""
    centered = values - values.mean()
    scale = np.sqrt(np.mean(centered**2))
    return float(np.mean((centered / scale) ** 3)) if scale > 0 else 0.0


class CustomerPreprocessing:
    """Choose, transform and standardize features.

    Without `features`, columns that carry no information of their own are left out: constants,
    columns that are mostly zero, and columns that are arithmetic of others (R² above 0.999 on
    logarithms). With `transform="auto"` a column is replaced by log(1 + x) if its skewness is
    above 1 and the logarithm's is smaller in magnitude. Everything is then standardized.

    Parameters
    ----------
    features : sequence of str, optional
        Exactly these columns enter the distance, in this order, without the guard.
    transform : {"auto", "log1p", "identity"}
        "identity" standardizes the columns as given.

    Attributes
    ----------
    columns_ : tuple of ColumnDecision
        One for every feature looked at.
    mean_, scale_ : float arrays of shape (n_used_features,)
        On the transformed scale.
    """

    def __init__(self, features: Sequence[str] | None = None, transform: str = "auto"):
        self.features = features
        self.transform = transform

    @property
    def used_(self) -> list[str]:
        """Names of the columns that enter the distance."""
        return [column.name for column in self.columns_ if column.used]

    def fit(self, data: pd.DataFrame) -> CustomerPreprocessing:
        """Learn choice, transform, mean and scale from customers.

        Raises
        ------
        DataError
            If columns are missing, hold anything but finite numbers, or none varies.
        """
        transformed = self._transformed(self.decide(data))
        return self.standardize(transformed.mean(axis=0), transformed.std(axis=0))

    def decide(self, data: pd.DataFrame) -> pd.DataFrame:
        """Choose columns and transforms; return the numbers they were chosen by."""
        if self.transform not in TRANSFORMS:
            raise ValueError(
                f"transform must be one of {', '.join(TRANSFORMS)}; got {self.transform!r}."
            )
        candidates = list(self.features) if self.features is not None else default_features(data)
        values = self._numbers(data, candidates)
        left_out = {} if self.features is not None else _left_out(values)
        used = [name for name in candidates if name not in left_out]
        if not used:
            raise DataError(
                [Fault("no column is left to segment by.", "Choose columns that vary.")]
            )
        decisions = {name: _choose(values[name], self.transform) for name in used}
        self.columns_ = tuple(
            ColumnDecision(name, False, "", left_out[name])
            if name in left_out
            else ColumnDecision(name, True, *decisions[name])
            for name in candidates
        )
        return values

    def standardize(self, mean: np.ndarray, deviation: np.ndarray) -> CustomerPreprocessing:
        """Set mean and standard deviation of the transformed columns (0 for constants)."""
        self.mean_ = mean
        self.scale_ = np.where(deviation > 0, deviation, 1.0)
        return self

    def apply(self, data: pd.DataFrame) -> np.ndarray:
        """Return the scaled matrix, float array of shape (n_customers, n_used_features)."""
        return self.scale(self._numbers(data, self.used_))

    def scale(self, values: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the scaled matrix of columns that are known to hold finite numbers."""
        scaled = self._transformed(values)
        scaled -= self.mean_
        scaled /= self.scale_
        return scaled

    def invert(self, scaled: np.ndarray) -> pd.DataFrame:
        """Return scaled points in original units, shape (n_points, n_used_features)."""
        values = pd.DataFrame(scaled * self.scale_ + self.mean_, columns=self.used_)
        for column in self.columns_:
            if column.used and column.transform == "log1p":
                values[column.name] = np.expm1(values[column.name])
        return values

    @staticmethod
    def _numbers(data: pd.DataFrame, names: list[str]) -> pd.DataFrame:
        faults = numeric_faults(data, names)
        if faults:
            raise DataError(faults)
        return data[names].astype(float)

    def _transformed(self, values: Mapping[str, np.ndarray]) -> np.ndarray:
        used = [column for column in self.columns_ if column.used]
        matrix = np.empty((len(values[used[0].name]), len(used)))
        for position, column in enumerate(used):
            numbers = np.asarray(values[column.name])
            if column.transform == "log1p":
                # A new customer may lie below anything seen in the fit; -1 has no logarithm.
                numbers = np.log1p(np.maximum(numbers, 0.0))
            matrix[:, position] = numbers
        return matrix


def _choose(values: pd.Series, transform: str) -> tuple[str, str]:
    """Return transform and reason for one column."""
    numbers = values.to_numpy()
    if transform != "auto":
        if transform == "log1p" and numbers.min() < 0:
            row = int(numbers.argmin()) + 1
            cure = 'Use transform="auto" or leave the column out.'
            raise DataError([Fault("is negative, so log1p fails.", cure, str(values.name), row)])
        return transform, "as chosen"
    plain = skewness(numbers)
    if numbers.min() < 0 or plain <= SKEWED:
        return "identity", f"skewness {plain:.1f}"
    logged = skewness(np.log1p(numbers))
    if abs(logged) < abs(plain):
        return "log1p", f"skewness {plain:.1f}, {logged:.1f} after the logarithm"
    return "identity", f"skewness {plain:.1f}, the logarithm does not help"


def _left_out(values: pd.DataFrame) -> dict[str, str]:
    """Return the columns to leave out of the distance, with the reason in words."""
    reasons: dict[str, str] = {}
    for name, (ingredients, compute, reason) in DERIVED.items():
        if name in values and all(part in values for part in ingredients):
            expected = _log(compute(values).to_numpy())
            if _correlation(expected, _log(values[name].to_numpy())) ** 2 > REDUNDANT_R2:
                reasons[name] = reason
    for name in values.columns.difference(list(reasons), sort=False):
        column = values[name].to_numpy()
        if np.ptp(column) == 0:
            reasons[name] = "is the same for every customer"
        elif np.mean(column == 0) > MOSTLY_ZERO:
            reasons[name] = f"is zero for {np.mean(column == 0):.0%} of customers"
    varying = values.drop(columns=list(reasons))
    # Among columns that determine each other the first ones of the table are kept.
    for name in reversed(list(varying)):
        others = [n for n in varying if n != name and n not in reasons]
        if others and _r_squared(varying, name, others) > REDUNDANT_R2:
            partners = ", ".join(describe(n).label.lower() for n in others)
            reasons[name] = f"follows from the other columns ({partners})"
    return reasons


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Pearson correlation; 0 where one of the two is constant."""
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def _log(values: np.ndarray) -> np.ndarray:
    """Logarithm for the redundancy test; zeros are lifted to half the smallest positive value."""
    positive = values[values > 0]
    return np.log(np.maximum(values, positive.min() / 2 if positive.size else 1.0))


def _r_squared(values: pd.DataFrame, name: str, others: list[str]) -> float:
    """Coefficient of determination of one column's logarithm on the others' logarithms."""
    if (values.to_numpy() < 0).any():
        return 0.0
    design = np.column_stack([np.ones(len(values)), *(_log(values[n].to_numpy()) for n in others)])
    target = _log(values[name].to_numpy())
    residual = target - design @ np.linalg.lstsq(design, target, rcond=None)[0]
    return float(1 - residual.var() / target.var())
