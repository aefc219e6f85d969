"""The data that every benchmark measures on; the same for ours and for all peers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from segmentation.data.generator import RetailDataGenerator
from segmentation.data.preprocessing import CustomerPreprocessing
from segmentation.data.schema import FEATURE_NAMES

SEED = 42
CHUNK = 1_000_000
LINES_PER_CUSTOMER = 20
N_DEPARTMENTS = 10
CLASSES_PER_DEPARTMENT = 4


def customers(n: int) -> pd.DataFrame:
    """Return generated customers with their ids and the seven features.

    Above a million, customers are repeated with their order values changed by about 10 %.
    """
    return pd.concat(_chunks(n), ignore_index=True)


def scaled(n: int) -> np.ndarray:
    """Return all seven features, transformed and standardized, shape (n, 7)."""
    table = customers(n)
    return CustomerPreprocessing(list(FEATURE_NAMES)).fit(table).apply(table)


def write_customers(path: Path, n: int) -> None:
    """Write `customers(n)` to Parquet, a million at a time."""
    writer = None
    for chunk in _chunks(n):
        table = pa.Table.from_pandas(chunk, preserve_index=False)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table, row_group_size=200_000)
    if writer is not None:
        writer.close()


def _chunks(n: int) -> Iterator[pd.DataFrame]:
    generator = RetailDataGenerator(seed=SEED)
    base = generator.generate_customer_data(min(n, CHUNK))[["customer_id", *FEATURE_NAMES]].copy()
    yield base
    rng = np.random.default_rng(SEED)
    for start in range(CHUNK, n, CHUNK):
        chunk = base.iloc[: n - start].copy()
        chunk["customer_id"] = "CUST_" + pd.Series(np.arange(start, start + len(chunk))).astype(str)
        value = chunk["avg_order_value"] * rng.lognormal(0, 0.1, len(chunk))
        chunk["avg_order_value"] = value
        chunk["total_revenue"] = value * chunk["total_purchases"]
        yield chunk


def write_lines(path: Path, n_customers: int) -> int:
    """Write about 20 transaction lines a customer to Parquet; return their number."""
    n = LINES_PER_CUSTOMER * n_customers
    rng = np.random.default_rng(SEED)
    writer = None
    for start in range(0, n, CHUNK):
        table = pa.table(_lines(rng, min(CHUNK, n - start), n_customers))
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table, row_group_size=200_000)
    if writer is not None:
        writer.close()
    return n


def _lines(rng: np.random.Generator, n: int, n_customers: int) -> dict[str, object]:
    """Return lines: half the customers buy most, orders of about two lines, 4 % returns."""
    customer = (n_customers * rng.random(n) ** 1.5).astype(np.int64)
    order = customer * 12 + rng.integers(0, 12, n)
    # The day follows from the order, so that all lines of an order have the same date.
    days = np.int64((date(2025, 1, 1) - date(1970, 1, 1)).days) - (order * 2_654_435_761 % 1_000)
    product = rng.integers(0, N_DEPARTMENTS * CLASSES_PER_DEPARTMENT, n)
    quantity = rng.integers(1, 5, n)
    returned = rng.random(n) < 0.04
    cents = np.rint(rng.lognormal(7, 1, n)).astype(np.int64) * quantity
    sign = np.where(returned, -1, 1)
    departments = [f"Department {k:02d}" for k in range(N_DEPARTMENTS)]
    classes = [f"Class {k:02d}" for k in range(N_DEPARTMENTS * CLASSES_PER_DEPARTMENT)]
    return {
        "customer_id": _ids("C", customer),
        "order_id": _ids("O", order),
        "order_date": pa.array(days.astype("datetime64[D]")),
        "department": pa.array(departments).take(pa.array(product // CLASSES_PER_DEPARTMENT)),
        "class": pa.array(classes).take(pa.array(product)),
        "quantity": quantity * sign,
        "amount": cents * sign / 100,
    }


def _ids(letter: str, numbers: np.ndarray) -> pa.Array:
    text = pd.Series(numbers).astype("str").str.zfill(9)
    return pa.array(letter + text)
