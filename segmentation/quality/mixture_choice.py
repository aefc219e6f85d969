"""How many components of which shape a Gaussian mixture should have, by information criteria."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
from joblib import cpu_count
from threadpoolctl import threadpool_limits

from segmentation.methods.mixture_em import EM, count_parameters
from segmentation.quality.metrics import METRICS, entropies

CRITERIA = ("bic", "aic", "icl")
NEARLY = 0.02
TOLERANCE = 1e-4


def icl(bic: float, memberships: np.ndarray) -> float:
    """Return the integrated completed likelihood; lower is better.

    BIC plus twice the entropy of memberships (Biernacki, Celeux and Govaert 2000, with the sign of
    scikit-learn's BIC): it asks for components that fit and do not overlap.
    """
    return float(bic + 2 * entropies(memberships).sum())


def information_table(
    scaled: np.ndarray,
    n_clusters: Sequence[int],
    covariance_types: Sequence[str],
    *,
    reg_covar: float,
    n_init: int,
    max_iter: int,
    seed: int,
    progress: Callable[[float, str], None],
) -> pd.DataFrame:
    """Return information criteria over numbers of components and covariance types.

    Parameters
    ----------
    scaled : float array of shape (n_customers, n_features)
        Held in memory and fitted as a whole: tens of thousands of customers, not millions.
    n_clusters : sequence of int
        Numbers above n_customers are left out.
    covariance_types : sequence of str
    reg_covar, n_init, max_iter, seed
        As in `segmentation.methods.gmm.GMMCustomerSegmentation`.
    progress : callable(fraction, message)

    Returns
    -------
    DataFrame
        Columns n_clusters, covariance_type, bic, aic, icl; lower is better.
    """
    scaled = np.ascontiguousarray(scaled, dtype=float)
    seeds = np.random.default_rng(seed).integers(np.iinfo(np.int32).max, size=n_init)
    pairs = [(kind, k) for kind in covariance_types for k in n_clusters if k <= len(scaled)]

    def criteria(pair: tuple[str, int]) -> tuple[int, str, float, float, float]:
        kind, k = pair
        fit = EM(k, kind, reg_covar, max_iter).starts(scaled, seeds, TOLERANCE)[0]
        memberships, densities = fit.components.densities(scaled)
        n_parameters = count_parameters(k, scaled.shape[1], kind)
        bic = -2 * densities.sum() + n_parameters * np.log(len(scaled))
        aic = -2 * densities.sum() + 2 * n_parameters
        return k, kind, float(bic), float(aic), icl(bic, memberships)

    rows = []
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(cpu_count()) as pool:
        for done, ((kind, k), row) in enumerate(
            zip(pairs, pool.map(criteria, pairs), strict=True), start=1
        ):
            progress(done / len(pairs), f"{kind} covariance, {k} components")
            rows.append(row)
    return pd.DataFrame(rows, columns=["n_clusters", "covariance_type", *CRITERIA])


def best(table: pd.DataFrame, criterion: str = "bic") -> tuple[int, str]:
    """Return number of components and covariance type of the lowest value."""
    row = table.loc[table[criterion].idxmin()]
    return int(row["n_clusters"]), str(row["covariance_type"])


def parsimonious(table: pd.DataFrame, criterion: str = "bic") -> int:
    """Return the smallest number of components that is nearly as good as the best.

    Nearly: of all that the best gains over the smallest number in the table, which should be 1,
    at most 2 % are lost. Only the covariance type of the best is looked at.

    >>> values = [100.0, 40.0, 1.0, 0.0]
    >>> parsimonious(pd.DataFrame({"n_clusters": [1, 2, 3, 4], "covariance_type": "full",
    ...                            "bic": values}))
    3
    """
    curve = table[table["covariance_type"] == best(table, criterion)[1]].set_index("n_clusters")
    values = curve[criterion].sort_index()
    lowest = values.min()
    return int(values.index[values - lowest <= NEARLY * (values.iloc[0] - lowest)][0])


def verdict(table: pd.DataFrame, criterion: str = "bic") -> str:
    """Return in words where the best value lies, or that the range holds none."""
    k, kind = best(table, criterion)
    label, most = METRICS[criterion].label, int(table["n_clusters"].max())
    if k == most:
        return f"{label} keeps improving up to {k} components: it has no best value in this range"
    if k == 1:
        return f"{label} is lowest for a single component: by it there are no segments"
    few = parsimonious(table, criterion)
    nearly = f"; {few} are nearly as good" if few < k else ""
    return f"{label} is lowest for {kind} covariance with {k} components{nearly}"
