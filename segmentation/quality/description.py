"""What a customer table holds before any method: totals, features, correlations, sales."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from segmentation.data.preprocessing import ColumnDecision, CustomerPreprocessing, skewness
from segmentation.data.schema import (
    CLASS_VALUE,
    DEPARTMENT_VALUE,
    DataError,
    default_features,
    describe,
    hierarchy,
    words,
)

CORRELATED = 12


@dataclass(frozen=True, eq=False)
class Description:
    """A customer table in numbers; None where its columns do not tell.

    Attributes
    ----------
    customers : int
    revenue, orders, average_order : float or None
        Sums over all customers (currency, orders), and revenue per order.
    one_order : float or None
        Share of customers with a single order, 0 to 1.
    columns : tuple of ColumnDecision
        How the features enter the distance; empty if none can.
    problem : str
        Why none can, in words; empty otherwise.
    correlation : DataFrame of shape (n, n)
        See `rank_correlation`.
    departments : dict of str to float
        Revenue of every department, by its slug.
    """

    customers: int
    revenue: float | None
    orders: float | None
    average_order: float | None
    one_order: float | None
    columns: tuple[ColumnDecision, ...]
    problem: str
    correlation: pd.DataFrame
    departments: dict[str, float]

    @property
    def used(self) -> list[str]:
        """Names of the features that enter the distance."""
        return [column.name for column in self.columns if column.used]


@dataclass(frozen=True, eq=False)
class FeatureValues:
    """One feature as given and as it enters the distance, with the skewness of both.

    Attributes
    ----------
    before, after : float arrays of shape (n_customers,)
        In original units; transformed and standardized.
    skewness_before, skewness_after : float
    """

    before: np.ndarray
    after: np.ndarray
    skewness_before: float
    skewness_after: float


def describe_customers(customers: pd.DataFrame) -> Description:
    """Describe a validated customer table.

    Parameters
    ----------
    customers : DataFrame of shape (n_customers, n_columns)
    """
    revenue, orders = _sum(customers, "total_revenue"), _sum(customers, "total_purchases")
    try:
        columns, problem = CustomerPreprocessing().fit(customers).columns_, ""
    except DataError as error:
        columns, problem = (), str(error)
    return Description(
        customers=len(customers),
        revenue=revenue,
        orders=orders,
        average_order=revenue / orders if revenue is not None and orders else None,
        one_order=None if orders is None else float((customers["total_purchases"] == 1).mean()),
        columns=columns,
        problem=problem,
        correlation=rank_correlation(customers),
        departments={
            name: total
            for name in hierarchy(customers.columns)
            if (total := _sum(customers, DEPARTMENT_VALUE + name)) is not None
        },
    )


def rank_correlation(customers: pd.DataFrame) -> pd.DataFrame:
    """Return Spearman's correlation of the first 12 features that vary.

    Ranks do not change with a logarithm, so it holds before and after the transforms.

    Returns
    -------
    DataFrame of shape (n, n)
        -1 to 1; columns and index are labels for people.
    """
    features = default_features(customers)
    varying = [n for n in features if customers[n].min() < customers[n].max()]
    names = varying[:CORRELATED]
    matrix = customers[names].astype(float).rank().corr()
    labels = [describe(name).label for name in names]
    return matrix.set_axis(labels, axis=0).set_axis(labels, axis=1)


def strongest_pair(correlation: pd.DataFrame) -> tuple[str, str, float] | None:
    """Return the two labels with the largest absolute correlation and its value, if any."""
    values = correlation.to_numpy(dtype=float)
    below = np.where(np.tri(len(values), k=-1, dtype=bool), np.abs(values), np.nan)
    if below.size == 0 or np.isnan(below).all():
        return None
    first, second = np.unravel_index(np.nanargmax(below), below.shape)
    labels = correlation.columns
    return labels[second], labels[first], float(values[first, second])


def feature_values(customers: pd.DataFrame, name: str) -> FeatureValues:
    """Return one feature before and after the default preprocessing.

    Raises
    ------
    ValueError
        If the feature does not enter the distance.
    """
    preprocessing = CustomerPreprocessing().fit(customers)
    after = preprocessing.apply(customers)[:, preprocessing.used_.index(name)]
    before = customers[name].to_numpy(dtype=float)
    return FeatureValues(before, after, skewness(before), skewness(after))


def class_sales(customers: pd.DataFrame, department: str) -> dict[str, float]:
    """Return the revenue of every class of a department, with labels for people."""
    classes = hierarchy(customers.columns).get(department, [])
    totals = {words(n): _sum(customers, f"{CLASS_VALUE}{department}_{n}") for n in classes}
    return {label: total for label, total in totals.items() if total is not None}


def best_month(monthly: pd.DataFrame) -> tuple[pd.Timestamp, float]:
    """Return the month with the highest revenue and that revenue."""
    best = monthly.loc[monthly["revenue"].idxmax()]
    return best["month"], float(best["revenue"])


def _sum(customers: pd.DataFrame, name: str) -> float | None:
    if name not in customers.columns or not pd.api.types.is_numeric_dtype(customers[name]):
        return None
    return float(customers[name].sum())
