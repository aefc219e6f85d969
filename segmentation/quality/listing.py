"""Customers worth a look: on a border, uncertain, or placed differently by two methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segmentation.quality.clarity import gaps

MOST_ROWS = 200


@dataclass(frozen=True, eq=False)
class Listing:
    """The first rows of a list of customers.

    Attributes
    ----------
    rows : DataFrame
        At most `MOST_ROWS`. Columns customer, first, second (segments), then revenue if the
        customers have one; lists by membership also have first_membership, second_membership.
    total : int
        Customers on the whole list.
    revenue : float
        Of the whole list; NaN if unknown.
    """

    rows: pd.DataFrame
    total: int
    revenue: float


def at_border(
    customers: pd.DataFrame, memberships: np.ndarray, names: Sequence[str], limit: float
) -> Listing:
    """List customers whose two highest memberships differ by less than `limit`, closest first.

    Parameters
    ----------
    customers : DataFrame of shape (n_customers, n_columns)
    memberships : float array of shape (n_customers, n_clusters)
        At least two segments.
    names : sequence of str, length n_clusters
    limit : float
        0 to 1.
    """
    gap = gaps(memberships)
    return _by_membership(customers, memberships, names, gap, gap < limit)


def least_certain(
    customers: pd.DataFrame, memberships: np.ndarray, names: Sequence[str], limit: float
) -> Listing:
    """List customers whose highest membership is below `limit`, lowest first.

    Parameters are those of `at_border`.
    """
    highest = memberships.max(axis=1)
    return _by_membership(customers, memberships, names, highest, highest < limit)


def placed_differently(
    customers: pd.DataFrame,
    first: np.ndarray,
    second: np.ndarray,
    first_names: Sequence[str],
    second_names: Sequence[str],
) -> Listing:
    """List customers whom two methods place differently, highest revenue first.

    Parameters
    ----------
    customers : DataFrame of shape (n_customers, n_columns)
    first, second : int arrays of shape (n_customers,)
        Labels; those of the second aligned to the first, see `agreement.compare`.
    first_names, second_names : sequences of str
        By label.
    """
    found = np.flatnonzero(first != second)
    revenue = _revenue(customers)
    if revenue is not None:
        found = found[np.argsort(-revenue[found], kind="stable")]
    chosen = found[:MOST_ROWS]
    columns = {
        "first": np.asarray(first_names, dtype=object)[first[chosen]],
        "second": np.asarray(second_names, dtype=object)[second[chosen]],
    }
    return _listing(customers, found, columns)


def two_highest(memberships: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the segments with the two highest memberships, and these, shapes (n_customers, 2)."""
    lines = np.arange(len(memberships))
    first = memberships.argmax(axis=1)
    rest = memberships.copy()
    rest[lines, first] = -1
    segments = np.column_stack([first, rest.argmax(axis=1)])
    return segments, memberships[lines[:, None], segments]


def most_mixed(memberships: np.ndarray, limit: float) -> tuple[int, int, int] | None:
    """Return the two segments between which most customers below `limit` stand, and how many.

    Returns
    -------
    tuple of int or None
        Two segments, the lower number first, and customers; None if nobody is below.
    """
    segments, values = two_highest(memberships)
    pairs = np.sort(segments[values[:, 0] < limit], axis=1)
    if not len(pairs):
        return None
    n_clusters = memberships.shape[1]
    counts = np.bincount(pairs[:, 0] * n_clusters + pairs[:, 1])
    best = int(counts.argmax())
    return best // n_clusters, best % n_clusters, int(counts[best])


def shares_below(
    confidence: np.ndarray, labels: np.ndarray, n_clusters: int, limit: float
) -> np.ndarray:
    """Return the share of every segment's customers below a confidence, shape (n_clusters,)."""
    sizes = np.bincount(labels, minlength=n_clusters)
    low = np.bincount(labels[confidence < limit], minlength=n_clusters)
    return low / np.maximum(sizes, 1)


def _by_membership(
    customers: pd.DataFrame,
    memberships: np.ndarray,
    names: Sequence[str],
    order: np.ndarray,
    chosen: np.ndarray,
) -> Listing:
    found = np.flatnonzero(chosen)
    found = found[np.argsort(order[found], kind="stable")]
    segments, values = two_highest(memberships[found[:MOST_ROWS]])
    texts = np.asarray(names, dtype=object)[segments]
    columns = {
        "first": texts[:, 0],
        "first_membership": values[:, 0],
        "second": texts[:, 1],
        "second_membership": values[:, 1],
    }
    return _listing(customers, found, columns)


def _listing(customers: pd.DataFrame, found: np.ndarray, columns: dict[str, np.ndarray]) -> Listing:
    ids = customers.get("customer_id", customers.index.to_series()).astype(str).to_numpy()
    chosen = found[:MOST_ROWS]
    rows = pd.DataFrame({"customer": ids[chosen], **columns})
    revenue = _revenue(customers)
    if revenue is None:
        return Listing(rows, len(found), float("nan"))
    rows["revenue"] = revenue[chosen]
    return Listing(rows, len(found), float(revenue[found].sum()))


def _revenue(customers: pd.DataFrame) -> np.ndarray | None:
    name = "total_revenue"
    return customers[name].to_numpy(dtype=float) if name in customers else None
