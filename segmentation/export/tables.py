"""Customers with their segments as a table, and tables as CSV that spreadsheets open safely."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from segmentation.data.files import replacing
from segmentation.data.schema import DataError, Fault
from segmentation.methods.result import SegmentationResult

MEMBERSHIP_DECIMALS = 4
# A spreadsheet runs a cell that starts like this, also with the full-width signs.
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")


def segments_table(
    customers: pd.DataFrame,
    results: Mapping[str, SegmentationResult],
    names: Mapping[str, Sequence[str]],
    n_rows: int | None = None,
) -> pd.DataFrame:
    """Return one row a customer with the segments of every method.

    Parameters
    ----------
    customers : DataFrame of shape (n_customers, n_columns)
        With `customer_id`.
    results : dict of str to SegmentationResult
        By method.
    names : dict of str to sequence of str
        Names of the segments by method, in the order of the labels.
    n_rows : int, optional
        Only the first rows, for a preview.

    Returns
    -------
    DataFrame with one row a customer
        customer_id and, for every method, `<method>_segment` (from 1), `<method>_segment_name`
        and `<method>_membership_1` to `_k` (rounded to 4 decimals), then what else the method
        says of every customer, such as `neural_outlier`.

    Raises
    ------
    DataError
        If a result is of other customers, or lacks names.
    """
    ids = customers["customer_id"].astype(str).to_numpy()
    columns: dict[str, object] = {"customer_id": ids[:n_rows]}
    for method, result in results.items():
        given = list(names.get(method, ()))
        _check(method, result, ids, given)
        labels = result.labels[:n_rows]
        columns[f"{method}_segment"] = labels + 1
        columns[f"{method}_segment_name"] = np.array(given, dtype=object)[labels]
        rounded = np.round(result.memberships[:n_rows], MEMBERSHIP_DECIMALS)
        for position in range(result.n_clusters):
            columns[f"{method}_membership_{position + 1}"] = rounded[:, position]
        for name, values in result.scores.items():
            columns[f"{method}_{name}"] = values[:n_rows]
    return pd.DataFrame(columns)


def csv_bytes(table: pd.DataFrame) -> bytes:
    """Return a table as the CSV that `write_csv` writes."""
    return _safe_table(table).to_csv(index=False, lineterminator="\n").encode()


def write_csv(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table as UTF-8 CSV, completely or not at all.

    Text cells and headers that a spreadsheet would run as a formula get a leading apostrophe;
    numbers stay numbers.
    """
    out = _safe_table(table)
    with replacing(path) as temporary:
        out.to_csv(temporary, index=False, encoding="utf-8", lineterminator="\n")


def _safe_table(table: pd.DataFrame) -> pd.DataFrame:
    # By position: a table may repeat a header.
    safe = [_safe_column(table.iloc[:, position]) for position in range(table.shape[1])]
    out = pd.concat(safe, axis=1) if safe else table.copy()
    out.columns = [_safe(name) for name in table.columns]
    return out


def _check(method: str, result: SegmentationResult, ids: np.ndarray, names: list[str]) -> None:
    if not np.array_equal(result.customer_ids.astype(str), ids.astype(str)):
        problem = f'the result "{method}" is of other customers than the table.'
        raise DataError([Fault(problem, "Run the method again on this table.")])
    if len(names) != result.n_clusters:
        problem = f'"{method}" has {result.n_clusters} segments but {len(names)} names.'
        raise DataError([Fault(problem, "Give one name for every segment.")])


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def _safe_column(column: pd.Series) -> pd.Series:
    types = pd.api.types
    if types.is_numeric_dtype(column) or types.is_datetime64_any_dtype(column):
        return column
    return column.astype(object).map(_safe)
