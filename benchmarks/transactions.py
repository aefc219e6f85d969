"""Transaction lines to customers, beside hand-written SQL and pandas for the same columns."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import data
from benchmarks.report import Bar, Report, Row
from benchmarks.timing import medians

CUSTOMERS = 500_000
SQL_BAR = 1.3
PANDAS_BAR = 3.0
AGREEMENT_BAR = 1e-9
BEHAVIOUR = ["customer_id", "order_id", "order_date", "amount"]
ALL = [*BEHAVIOUR, "quantity", "department", "class"]


def run(customers: int, runs: int) -> Report:
    """Measure the seven features alone, and with departments and classes."""
    import ibis  # noqa: F401  imports are not timed

    rows, bars = [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.parquet"
        lines = data.write_lines(path, customers)
        for words, columns in (("seven features", BEHAVIOUR), ("departments and classes", ALL)):
            tasks = {
                "ours": partial(ours, path, columns),
                "hand-written DuckDB SQL": partial(by_sql, path, columns),
                "pandas": partial(by_pandas, path, columns),
            }
            found = medians(tasks, runs)
            agreement = max(_agreement(found["ours"].result, found[n].result) for n in tasks)
            own = found["ours"].seconds
            for name, timed in found.items():
                shape = f"{timed.result.shape[0]:,} x {timed.result.shape[1]}"
                rows.append(
                    Row(f"{name}, {words}", timed.seconds, timed.seconds / own, None, None, shape)
                )
            sql, pandas = (found[name].seconds for name in list(tasks)[1:])
            bars.append(
                Bar(
                    f"{words}: within {SQL_BAR} times of the SQL",
                    f"{own / sql:.2f}",
                    own <= SQL_BAR * sql,
                )
            )
            bars.append(
                Bar(
                    f"{words}: {PANDAS_BAR:g} times faster than pandas",
                    f"{pandas / own:.1f}",
                    pandas >= PANDAS_BAR * own,
                )
            )
            bars.append(
                Bar(
                    f"{words}: the same numbers",
                    f"largest difference {agreement:.0e}",
                    agreement < AGREEMENT_BAR,
                )
            )
    notes = [f"{lines:,} lines in Parquet, read in every run."]
    return Report("transactions to customers", customers, rows, bars, notes)


def ours(path: Path, columns: list[str]) -> pd.DataFrame:
    """Compute customers with the library."""
    import ibis

    from segmentation.data.features import build_customer_features

    connection = ibis.duckdb.connect()
    try:
        return build_customer_features(connection.read_parquet(path).select(columns))
    finally:
        connection.disconnect()


def by_sql(path: Path, columns: list[str]) -> pd.DataFrame:
    """Compute the same columns as somebody who knows the departments would write it."""
    import duckdb

    parts = _parts("class" in columns)
    sums = "".join(
        f""", sum({measure}) filter (where {where} and amount >= 0) as "{name}" """
        for name, (measure, where) in parts.items()
    )
    query = f"""
        with totals as (
            select customer_id,
                count(distinct order_id) filter (where amount >= 0) as total_purchases,
                sum(amount) filter (where amount >= 0) as total_revenue,
                -coalesce(sum(amount) filter (where amount < 0), 0) as returned,
                min(order_date) filter (where amount >= 0) as signup_date,
                max(order_date) filter (where amount >= 0) as last {sums}
            from read_parquet('{path}') group by customer_id),
        months as (
            select *, date_diff('day', signup_date, last) / 30.4375 as lifetime,
                (select max(last) from totals) + 1 as as_of
            from totals where total_purchases > 0)
        select customer_id, total_purchases, total_revenue,
            total_revenue / total_purchases as avg_order_value,
            date_diff('day', last, as_of) as recency_days,
            total_purchases / greatest(lifetime, 1) as frequency_per_month,
            lifetime as customer_lifetime_months,
            coalesce(returned / nullif(total_revenue, 0), 0) as return_rate,
            signup_date {"".join(f', coalesce("{name}", 0) as "{name}"' for name in parts)}
        from months order by customer_id"""
    with duckdb.connect() as connection:
        return connection.execute(query).df()


def by_pandas(path: Path, columns: list[str]) -> pd.DataFrame:
    """Compute the same columns with pandas."""
    lines = pd.read_parquet(path, columns=columns)
    sales = lines[lines["amount"] >= 0]
    customers = sales.groupby("customer_id")
    table = customers.agg(
        total_purchases=("order_id", "nunique"),
        total_revenue=("amount", "sum"),
        signup_date=("order_date", "min"),
        last=("order_date", "max"),
    )
    days = pd.to_datetime(table.pop("last"))
    table["signup_date"] = pd.to_datetime(table["signup_date"])
    months = (days - table["signup_date"]).dt.days / 30.4375
    returned = -lines[lines["amount"] < 0].groupby("customer_id")["amount"].sum()
    table["avg_order_value"] = table["total_revenue"] / table["total_purchases"]
    table["recency_days"] = (days.max() - days).dt.days + 1
    table["frequency_per_month"] = table["total_purchases"] / months.clip(lower=1)
    table["customer_lifetime_months"] = months
    table["return_rate"] = (returned / table["total_revenue"]).reindex(table.index).fillna(0.0)
    if "class" in columns:
        for kind, keys in (("dept", ["department"]), ("class", ["department", "class"])):
            sums = sales.groupby(["customer_id", *keys])[["amount", "quantity"]].sum()
            wide = sums.unstack(keys, fill_value=0)  # noqa: PD010  it aggregates nothing
            wide.columns = [_name(kind, *column) for column in wide.columns]
            table = table.join(wide)
    return table.reset_index()


def _parts(with_classes: bool) -> dict[str, tuple[str, str]]:
    """Return measure and condition of every column of a department or class."""
    parts: dict[str, tuple[str, str]] = {}
    for number in range(data.N_DEPARTMENTS * data.CLASSES_PER_DEPARTMENT if with_classes else 0):
        department = f"Department {number // data.CLASSES_PER_DEPARTMENT:02d}"
        product = f"Class {number:02d}"
        for measure in ("amount", "quantity"):
            parts[_name("dept", measure, department)] = measure, f"department = '{department}'"
            where = f"department = '{department}' and class = '{product}'"
            parts[_name("class", measure, department, product)] = measure, where
    return parts


def _name(kind: str, measure: str, *keys: str) -> str:
    words = "_".join(key.lower().replace(" ", "_") for key in keys)
    return f"{kind}_total_{'value' if measure == 'amount' else 'units'}_{words}"


def _agreement(first: pd.DataFrame, second: pd.DataFrame) -> float:
    """Return the largest relative difference of two tables of customers."""
    numbers = [name for name in first if name not in ("customer_id", "signup_date")]
    if sorted(first) != sorted(second) or list(first["customer_id"]) != list(second["customer_id"]):
        return np.inf
    ours, theirs = (table[numbers].to_numpy(dtype=float) for table in (first, second))
    return float((np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1)).max())
