"""What a segment is like: computed once, rendered by pages, reports and exports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from segmentation.data.schema import (
    CLASS_VALUE,
    DEPARTMENT_VALUE,
    FEATURE_NAMES,
    DataError,
    Fault,
    Role,
    columns_with,
    describe,
    hierarchy,
    words,
)
from segmentation.enrichment.words import label as clean_label

TOP_CLASSES = 3
_KEYS = ("segment", "segment_name", "description", "characteristics", "interaction_strategies")


@dataclass(frozen=True)
class FeatureStatistic:
    """One feature in one segment, beside the population.

    Attributes
    ----------
    mean, median : float
        Of the segment, in the feature's unit; NaN without finite values.
    index : float
        Mean of the segment / mean of the population x 100; NaN unless the latter is positive.
    position : float
        Share of the population below the segment's median, 0 to 1.
    rank : float
        Mean percentile rank of the segment's customers in the population, ties sharing theirs,
        0 to 1. Exactly 0.5 if the segment is like everyone, however many values are tied.
    population_mean, population_median : float
    """

    name: str
    label: str
    unit: str
    mean: float
    median: float
    index: float
    position: float
    rank: float
    population_mean: float
    population_median: float


@dataclass(frozen=True)
class ClassShare:
    """Share of a segment's revenue (0 to 1) in one class, with index against the population."""

    name: str
    label: str
    share: float
    index: float


@dataclass(frozen=True)
class DepartmentShare:
    """Share of a segment's revenue (0 to 1) in one department.

    `index` is that share / the population's share x 100; `top_classes` are the largest classes,
    their shares again of the segment's whole revenue.
    """

    name: str
    label: str
    share: float
    index: float
    top_classes: tuple[ClassShare, ...] = ()


@dataclass(frozen=True)
class Strategy:
    """One thing to do with a segment.

    Attributes
    ----------
    action, channel : str
        What to do, and where.
    why : str
        The rule and the numbers of this segment that fired it.
    priority : int
        1 is first.
    do_not : str
        What would spoil it.
    department : str
        Label of the department that `why` names; empty otherwise.
    """

    action: str
    channel: str
    why: str
    priority: int
    do_not: str
    department: str = ""

    def __str__(self) -> str:
        return f"{self.action} ({self.channel})"


@dataclass(frozen=True, eq=False)
class SegmentProfile(Mapping[str, object]):
    """A segment and its numbers; also readable like a dictionary.

    Attributes
    ----------
    segment : int
        The label, from 0.
    segment_name, description : str
        Empty until `segmentation.enrichment.rules.enrich` has been applied.
    size : int
        Customers.
    percentage : float
        Of all customers, 0 to 100.
    revenue_share : float
        Of all revenue, 0 to 1; NaN without revenue.
    statistics : dict of str to FeatureStatistic
        Every numeric feature of the table, the known ones first.
    department_shares : tuple of DepartmentShare
        Largest first; the shares of a segment add up to 1.
    center : dict of str to float
        In original units; empty without centers.
    mean_confidence : float or None
        Mean highest membership of the segment's customers; None without memberships.
    interaction_strategies : tuple of Strategy
    """

    segment: int
    size: int
    percentage: float
    revenue_share: float
    statistics: dict[str, FeatureStatistic]
    department_shares: tuple[DepartmentShare, ...] = ()
    center: dict[str, float] = field(default_factory=dict)
    mean_confidence: float | None = None
    segment_name: str = ""
    description: str = ""
    interaction_strategies: tuple[Strategy, ...] = ()

    @property
    def characteristics(self) -> dict[str, object]:
        """Size, percentage and the mean of every feature (`averages`)."""
        averages = {name: statistic.mean for name, statistic in self.statistics.items()}
        return {"size": self.size, "percentage": self.percentage, "averages": averages}

    def __getitem__(self, key: str) -> object:
        if key not in _KEYS:
            raise KeyError(key)
        return getattr(self, key)

    def __iter__(self) -> Iterator[str]:
        return iter(_KEYS)

    def __len__(self) -> int:
        return len(_KEYS)


def profile_segments(
    customers: pd.DataFrame,
    labels: np.ndarray,
    centers: pd.DataFrame | None = None,
    memberships: np.ndarray | None = None,
) -> tuple[SegmentProfile, ...]:
    """Compute the numbers of every segment, without names.

    Parameters
    ----------
    customers : DataFrame of shape (n_customers, n_columns)
    labels : int array of shape (n_customers,)
        From 0.
    centers : DataFrame of shape (n_clusters, n_features), optional
        In original units.
    memberships : float array of shape (n_customers, n_clusters), optional

    Returns
    -------
    tuple of SegmentProfile
        One for every label from 0 to the highest, or to the number of centers or memberships;
        a segment without customers has size 0 and NaN statistics.

    Raises
    ------
    DataError
        If lengths differ, or labels are not whole numbers from 0.
    """
    labels, n_clusters = _checked(customers, labels, centers, memberships)
    sizes = np.bincount(labels, minlength=n_clusters)
    statistics = {
        name: _feature_statistics(name, customers[name], labels, n_clusters)
        for name in _profiled(customers)
    }
    departments = _department_shares(customers, labels, n_clusters)
    revenue = _revenue_shares(customers, labels, n_clusters)
    confidence = _mean_confidence(memberships, labels, n_clusters)
    return tuple(
        SegmentProfile(
            segment=segment,
            size=int(sizes[segment]),
            percentage=float(100 * sizes[segment] / len(labels)),
            revenue_share=float(revenue[segment]),
            statistics={name: rows[segment] for name, rows in statistics.items()},
            department_shares=departments[segment],
            center={} if centers is None else _center(centers, segment),
            mean_confidence=confidence[segment],
        )
        for segment in range(n_clusters)
    )


def _checked(
    customers: pd.DataFrame,
    labels: np.ndarray,
    centers: pd.DataFrame | None,
    memberships: np.ndarray | None,
) -> tuple[np.ndarray, int]:
    """Return labels as an int array and the number of segments."""
    labels = np.asarray(labels)
    faults = []
    if labels.shape != (len(customers),) or not len(customers):
        problem = f"there are {len(customers)} customers but labels of shape {labels.shape}."
        faults.append(Fault(problem, "Give one label for every customer."))
    elif not np.issubdtype(labels.dtype, np.integer) or labels.min() < 0:
        faults.append(Fault("labels are not whole numbers from 0.", "Use what predict returned."))
    if faults:
        raise DataError(faults)
    n_clusters = int(labels.max()) + 1
    if memberships is not None:
        if memberships.ndim != 2 or len(memberships) != len(labels):
            problem = f"there are {len(labels)} labels but memberships of {memberships.shape}."
            faults.append(Fault(problem, "Use labels and memberships of one method."))
        else:
            n_clusters = max(n_clusters, memberships.shape[1])
    if centers is not None:
        n_clusters = max(n_clusters, len(centers))
    for what, found in (
        ("memberships", None if memberships is None else memberships.shape[-1]),
        ("centers", None if centers is None else len(centers)),
    ):
        if not faults and found not in (None, n_clusters):
            problem = f"there are {n_clusters} segments but {what} for {found}."
            faults.append(Fault(problem, f"Use labels and {what} of one method."))
    if faults:
        raise DataError(faults)
    return labels, n_clusters


def _profiled(customers: pd.DataFrame) -> list[str]:
    """Return the numeric features of a table, the known ones first."""
    features = [
        name
        for name in columns_with(map(str, customers.columns), Role.FEATURE)
        if name in customers.columns and _numeric(customers[name])
    ]
    return [n for n in FEATURE_NAMES if n in features] + [
        n for n in features if n not in FEATURE_NAMES
    ]


def _numeric(column: pd.Series) -> bool:
    types = pd.api.types
    return types.is_numeric_dtype(column) and not types.is_bool_dtype(column)


def _ratio(part: np.ndarray, whole: np.ndarray | float) -> np.ndarray:
    """Return part / whole, NaN where the whole is not positive."""
    part, whole = np.broadcast_arrays(np.asarray(part, float), np.asarray(whole, float))
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)


def _feature_statistics(
    name: str, column: pd.Series, labels: np.ndarray, n_clusters: int
) -> list[FeatureStatistic]:
    values = column.to_numpy(dtype=float, na_value=np.nan)
    finite = np.isfinite(values)
    if not finite.all():
        values, labels = values[finite], labels[finite]
    n = len(values)
    counts = np.bincount(labels, minlength=n_clusters)
    means = _ratio(np.bincount(labels, weights=values, minlength=n_clusters), counts)
    percentiles = (pd.Series(values).rank().to_numpy() - 0.5) / max(n, 1)
    ranks = _ratio(np.bincount(labels, weights=percentiles, minlength=n_clusters), counts)
    medians = np.full(n_clusters, np.nan)
    positions = np.full(n_clusters, np.nan)
    for segment in np.flatnonzero(counts):
        medians[segment] = np.median(values[labels == segment])
        positions[segment] = np.mean(values < medians[segment])
    population_mean = float(values.mean()) if n else np.nan
    population_median = float(np.median(values)) if n else np.nan
    indices = 100 * _ratio(means, population_mean)
    known = describe(name)
    return [
        FeatureStatistic(
            name,
            clean_label(known.label),
            known.unit,
            *map(float, row),
            population_mean,
            population_median,
        )
        for row in zip(means, medians, indices, positions, ranks, strict=True)
    ]


def _sums(
    customers: pd.DataFrame, names: list[str], labels: np.ndarray, n_clusters: int
) -> np.ndarray:
    """Return the sum of every column in every segment, shape (n_clusters, n_names)."""
    sums = np.zeros((n_clusters, len(names)))
    for position, name in enumerate(names):
        values = customers[name].to_numpy(dtype=float, na_value=np.nan)
        weights = np.where(np.isfinite(values), values, 0.0)
        sums[:, position] = np.bincount(labels, weights=weights, minlength=n_clusters)
    return sums


def _departments(customers: pd.DataFrame) -> dict[str, list[str]]:
    """Return the numeric departments of a table with their numeric classes."""
    numeric = [str(name) for name in customers.columns if _numeric(customers[name])]
    return hierarchy(numeric)


def _revenue_shares(customers: pd.DataFrame, labels: np.ndarray, n_clusters: int) -> np.ndarray:
    names = ["total_revenue"] if "total_revenue" in customers.columns else []
    names = names or [DEPARTMENT_VALUE + name for name in _departments(customers)]
    revenue = _sums(customers, names, labels, n_clusters).sum(axis=1)
    return _ratio(revenue, revenue.sum())


def _department_shares(
    customers: pd.DataFrame, labels: np.ndarray, n_clusters: int
) -> list[tuple[DepartmentShare, ...]]:
    tree = _departments(customers)
    departments = list(tree)
    classes = [(owner, name) for owner in departments for name in tree[owner]]
    names = [DEPARTMENT_VALUE + name for name in departments]
    sums = _sums(customers, names, labels, n_clusters)
    columns = [f"{CLASS_VALUE}{owner}_{name}" for owner, name in classes]
    class_sums = _sums(customers, columns, labels, n_clusters)
    whole = sums.sum(axis=1, keepdims=True)
    shares, class_shares = _ratio(sums, whole), _ratio(class_sums, whole)
    indices = 100 * _ratio(shares, _ratio(sums.sum(axis=0), whole.sum()))
    class_indices = 100 * _ratio(class_shares, _ratio(class_sums.sum(axis=0), whole.sum()))

    def top_classes(segment: int, department: str) -> tuple[ClassShare, ...]:
        found = [
            ClassShare(
                name,
                clean_label(words(name)),
                float(class_shares[segment, position]),
                float(class_indices[segment, position]),
            )
            for position, (owner, name) in enumerate(classes)
            if owner == department and class_shares[segment, position] > 0
        ]
        return tuple(sorted(found, key=lambda c: (-c.share, c.name))[:TOP_CLASSES])

    def of_segment(segment: int) -> tuple[DepartmentShare, ...]:
        if not whole[segment, 0] > 0:
            return ()
        found = [
            DepartmentShare(
                name,
                clean_label(words(name)),
                float(shares[segment, position]),
                float(indices[segment, position]),
                top_classes(segment, name),
            )
            for position, name in enumerate(departments)
        ]
        return tuple(sorted(found, key=lambda d: (-d.share, d.name)))

    return [of_segment(segment) for segment in range(n_clusters)]


def _mean_confidence(
    memberships: np.ndarray | None, labels: np.ndarray, n_clusters: int
) -> list[float | None]:
    if memberships is None:
        return [None] * n_clusters
    counts = np.bincount(labels, minlength=n_clusters)
    sums = np.bincount(labels, weights=memberships.max(axis=1), minlength=n_clusters)
    return [float(s / c) if c else None for s, c in zip(sums, counts, strict=True)]


def _center(centers: pd.DataFrame, segment: int) -> dict[str, float]:
    return {str(name): float(centers[name].iloc[segment]) for name in centers.columns}
