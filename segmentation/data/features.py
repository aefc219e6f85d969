"""From transaction lines to customers, written once in Ibis: DuckDB, Spark and warehouses alike."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis.backends import BaseBackend

from segmentation.data.departments import EXACT, parts_of, placement_of, total
from segmentation.data.schema import DAYS_PER_MONTH, FEATURE_NAMES, DataError, Fault

logger = logging.getLogger(__name__)

REQUIRED_COLUMNS: Final = ("customer_id", "order_id", "order_date")
OPTIONAL_COLUMNS: Final = ("amount", "quantity", "unit_price", "department", "class", "is_return")
_LARGEST: Final = 1e15


@dataclass(frozen=True, eq=False)
class TransactionSummary:
    """Customers computed from transactions, and what was left out on the way.

    Attributes
    ----------
    customers : DataFrame of shape (n_customers, n_columns)
        See `build_customer_features`.
    as_of : date
        The day to which recency is counted.
    lines : int
        Transaction lines read, returns included.
    returns_only : int
        Customers left out because they have returns but no order.
    """

    customers: pd.DataFrame
    as_of: date
    lines: int
    returns_only: int


def build_customer_features(
    transactions: pd.DataFrame | ir.Table,
    *,
    as_of: date | str | None = None,
    max_departments: int = 12,
    max_classes: int = 40,
) -> pd.DataFrame:
    """Turn transaction lines into one row a customer.

    A line is a return if `is_return` is true or its amount is negative; the other lines are
    sales. Without `amount`, the amount is `quantity` x `unit_price`. The definitions:

    - total_purchases: distinct orders (sales only)
    - total_revenue: sum of sales, before returns
    - avg_order_value: total_revenue / total_purchases
    - recency_days: whole days from the date of the last order to `as_of`
    - customer_lifetime_months: days from the first to the last order / 30.4375
    - frequency_per_month: total_purchases / max(customer_lifetime_months, 1)
    - return_rate: value of returns / total_revenue; 0 for a customer without revenue
    - signup_date: date of the first order
    - dept_total_value_<department>, dept_total_units_<department>: sales by department. The
      largest by revenue have their own columns; the rest and lines without a department are
      `other`, so that departments add up to revenue.
    - class_total_value_<department>_<class>, class_total_units_<department>_<class>: sales by
      class. The largest have their own columns; the rest of a department is
      `<department>_other`, so that classes add up to their department.

    Names of departments and classes become slugs; names with the same slug are added up. A class
    column without a department column takes the place of the department. Without `quantity`
    there are no columns of units.

    Parameters
    ----------
    transactions : DataFrame or Ibis table of shape (n_lines, n_columns)
        Columns customer_id, order_id, order_date (a date or timestamp), amount or quantity and
        unit_price (currency); optional department, class, is_return (bool). An Ibis table is
        computed by its own backend, a DataFrame by DuckDB in memory.
    as_of : date or str, optional
        ISO date; the day after the last order by default.
    max_departments, max_classes : int
        Number of departments and classes, over all departments, that have their own columns.

    Returns
    -------
    DataFrame of shape (n_customers, n_columns)
        Sorted by `customer_id`, which is text. Customers with returns only are left out;
        `summarize_transactions` counts them.

    Raises
    ------
    DataError
        If columns are missing, ids, dates or amounts are missing or impossible, there is no
        sale, or `as_of` is before the last order.
    """
    return summarize_transactions(
        transactions, as_of=as_of, max_departments=max_departments, max_classes=max_classes
    ).customers


def summarize_transactions(
    transactions: pd.DataFrame | ir.Table,
    *,
    as_of: date | str | None = None,
    max_departments: int = 12,
    max_classes: int = 40,
) -> TransactionSummary:
    """Do what `build_customer_features` does, and say what was read and left out."""
    with _source(transactions) as (table, backend):
        lines = _standard_lines(table)
        facts = _checked_facts(backend.to_pandas(_facts(lines)).iloc[0])
        day = _as_of_day(as_of, facts["last"].date())
        found = _sorted(backend.to_pandas(_behaviour(lines, day).order_by("customer_id")))
        result = found[found["total_purchases"] > 0].reset_index(drop=True)
        if "department" in lines.columns:
            sales = lines.filter(~lines.is_return)
            names = [name for name in ("department", "class") if name in lines.columns]
            totals = sales.group_by(names).agg(value=total(sales.amount.cast(EXACT)))
            placement = placement_of(backend.to_pandas(totals), max_departments, max_classes)
            parts = parts_of(sales, placement, result["customer_id"], backend)
            result = pd.concat([result, parts], axis=1)
    result["customer_id"] = result["customer_id"].astype("str")
    result["signup_date"] = pd.to_datetime(result["signup_date"]).dt.as_unit("us")
    counts = {name: result[name].astype("int64") for name in ("total_purchases", "recency_days")}
    returns_only = len(found) - len(result)
    if returns_only:
        logger.warning("Customers left out, with returns but no order: %d.", returns_only)
    return TransactionSummary(result.assign(**counts), day, int(facts["lines"]), returns_only)


def monthly_sales(transactions: pd.DataFrame | ir.Table) -> pd.DataFrame:
    """Add up sales by calendar month.

    Parameters
    ----------
    transactions : DataFrame or Ibis table
        As in `build_customer_features`.

    Returns
    -------
    DataFrame of shape (n_months, 4)
        month (datetime, its first day), revenue (currency, before returns), orders, customers;
        every month from the first to the last, months without sales with zeros.
    """
    with _source(transactions) as (table, backend):
        lines = _standard_lines(table)
        _checked_facts(backend.to_pandas(_facts(lines)).iloc[0])
        sales = lines.filter(~lines.is_return).mutate(month=lines.day.truncate("M"))
        orders = sales.group_by(["month", "customer_id", "order_id"]).agg(
            value=sales.amount.cast(EXACT).sum()
        )
        months = orders.group_by("month").agg(
            revenue=total(orders.value),
            orders=orders.count(),
            customers=orders.customer_id.nunique(),
        )
        result = backend.to_pandas(months)
    result["month"] = pd.to_datetime(result["month"]).dt.as_unit("us")
    return result.set_index("month").sort_index().asfreq("MS", fill_value=0).reset_index()


def parse_as_of(as_of: date | str) -> date:
    """Return an ISO date as a date.

    Raises
    ------
    DataError
        If the text is no ISO date.
    """
    try:
        return datetime.fromisoformat(str(as_of)).date()
    except ValueError as error:
        cure = "Write it as YYYY-MM-DD."
        raise DataError([Fault(f"the as-of date {as_of!r} is not a date.", cure)]) from error


@contextmanager
def _source(transactions: pd.DataFrame | ir.Table) -> Iterator[tuple[ir.Table, BaseBackend]]:
    """Yield the lines as an Ibis table together with the backend that computes them."""
    known = REQUIRED_COLUMNS + OPTIONAL_COLUMNS
    present = [name for name in known if name in transactions.columns]
    missing = [name for name in REQUIRED_COLUMNS if name not in present]
    if "amount" not in present and not {"quantity", "unit_price"} <= set(present):
        missing.append("amount")
    if missing:
        found = ", ".join(map(str, transactions.columns))
        cure = f"Add the column; the table has {found}."
        raise DataError([Fault("is missing.", cure, column=name) for name in missing])
    if isinstance(transactions, ir.Table):
        yield transactions.select(present), transactions.get_backend()
        return
    mixed = [n for n in ("customer_id", "order_id") if transactions[n].dtype == object]
    table = transactions[present].astype(dict.fromkeys(mixed, "str"))
    connection = ibis.duckdb.connect()
    try:
        yield ibis.memtable(table), connection
    finally:
        connection.disconnect()


def _standard_lines(table: ir.Table) -> ir.Table:
    """Return customer_id, order_id, day, amount (not negative), is_return and what else is there.

    Also units, department and class where the table has them; the latter two without nulls.
    """
    if not (table.order_date.type().is_date() or table.order_date.type().is_timestamp()):
        problem = f"holds {table.order_date.type()}, not dates."
        raise DataError([Fault(problem, "Convert the column to dates.", "order_date")])
    has = set(table.columns)
    if "amount" in has:
        amount = table.amount.cast("float64")
    else:
        amount = table.quantity.cast("float64") * table.unit_price.cast("float64")
    is_return = amount < 0
    if "is_return" in has:
        is_return = is_return | table.is_return.cast("boolean").fill_null(False)
    columns: dict[str, ir.Value] = {
        "customer_id": table.customer_id.cast("string"),
        "order_id": table.order_id.cast("string"),
        "day": table.order_date.cast("date"),
        "amount": amount.abs(),
        "is_return": is_return.fill_null(False),
    }
    if "quantity" in has:
        columns["units"] = table.quantity.cast("float64")
    groups = [name for name in ("department", "class") if name in has]
    # A lone class stands in for the department, which every class needs as its owner.
    for target, name in zip(("department", "class"), groups, strict=False):
        columns[target] = table[name].cast("string").fill_null("")
    return table.select(**columns)


def _facts(lines: ir.Table) -> ir.Table:
    """Count what is read and what is wrong, in one pass; one row."""
    columns = {"lines": lines.count()}
    columns["last"] = lines.day.max(where=~lines.is_return)
    for name in ("customer_id", "order_id", "day"):
        columns[f"bad_{name}"] = lines.count() - lines[name].count()
    for name in ("amount", "units"):
        if name in lines.columns:
            fine = (lines[name].abs() < _LARGEST) & ~lines[name].isnan()
            columns[f"bad_{name}"] = (~fine.fill_null(False)).sum().fill_null(0)
    return lines.aggregate(**columns)


def _checked_facts(facts: pd.Series) -> pd.Series:
    """Raise an error that lists every fault of the lines; return the facts."""
    problems = {
        "customer_id": ("is blank", "Leave these lines out or name their customer."),
        "order_id": ("is blank", "Give every line an order."),
        "day": ("has no date", "Give every line a date."),
        "amount": ("is not a plausible number", "Correct the amounts."),
        "units": ("is not a plausible number", "Correct the quantities."),
    }
    names = {"day": "order_date", "units": "quantity"}
    faults = [
        Fault(f"{problem} (lines: {int(facts[f'bad_{name}']):,}).", cure, names.get(name, name))
        for name, (problem, cure) in problems.items()
        if facts.get(f"bad_{name}", 0) > 0
    ]
    if not faults and pd.isna(facts["last"]):
        faults = [Fault("there is no sale in the table.", "Choose a table with orders.")]
    if faults:
        raise DataError(faults)
    return facts


def _as_of_day(as_of: date | str | None, last: date) -> date:
    """Return the day to which recency is counted."""
    if as_of is None:
        return last + timedelta(days=1)
    day = parse_as_of(as_of)
    if day < last:
        problem = f"the as-of date {day} is before the last order of {last}."
        cure = f"Choose {last} or later, or leave out the later lines."
        raise DataError([Fault(problem, cure)])
    return day


def _behaviour(lines: ir.Table, as_of: date) -> ir.Table:
    """Return the seven features and the sign-up date of every customer; nulls without an order."""
    sale = ~lines.is_return
    exact = lines.amount.cast(EXACT)
    sums = lines.group_by("customer_id").agg(
        total_purchases=lines.order_id.nunique(where=sale),
        total_revenue=total(exact, sale),
        returned=total(exact, lines.is_return),
        signup_date=lines.day.min(where=sale),
        last=lines.day.max(where=sale),
    )
    months = sums.last.delta(sums.signup_date, unit="day") / DAYS_PER_MONTH
    features = sums.mutate(
        avg_order_value=sums.total_revenue / sums.total_purchases.nullif(0),
        recency_days=ibis.literal(as_of).delta(sums.last, unit="day"),
        frequency_per_month=sums.total_purchases / ibis.greatest(months, 1.0),
        customer_lifetime_months=months,
        return_rate=(sums.returned / sums.total_revenue.nullif(0.0)).fill_null(0.0),
    )
    return features.select("customer_id", *FEATURE_NAMES, "signup_date")


def _sorted(customers: pd.DataFrame) -> pd.DataFrame:
    """Sort by id unless the backend orders text as Python does."""
    if customers["customer_id"].is_monotonic_increasing:
        return customers
    return customers.sort_values("customer_id", ignore_index=True)
