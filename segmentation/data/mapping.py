"""Which column of a file is what: recognise a table and give it the standard names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Final, Literal

import pandas as pd

from segmentation.data.schema import FEATURE_NAMES, DataError, Fault, numeric_faults, slug, texts

Kind = Literal["customers", "transactions"]

# In order of preference, compared without case, spaces and punctuation ("InvoiceNo" is
# "invoice_no"). The roles choose in this order too, and a column serves one role only.
SYNONYMS: Final[dict[str, tuple[str, ...]]] = {
    "customer": (
        *("customer_id", "customer_unique_id", "household_id", "household_key", "client_id"),
        *("user_id", "member_id", "shopper_id", "account_id", "loyalty_id", "card_id"),
        *("customer_no", "customer_number", "client_no", "account_no", "account_number"),
        *("customer", "household", "client", "user", "member", "account"),
    ),
    "order": (
        *("order_id", "basket_id", "invoice_id", "transaction_id", "receipt_id", "order_no"),
        *("order_number", "invoice_no", "invoice_number", "receipt_no", "receipt_number"),
        *("transaction_no", "transaction_number", "bill_no", "ticket_id", "ticket_no"),
        *("order", "invoice", "basket", "receipt", "transaction"),
    ),
    "date": (
        *("order_date", "invoice_date", "purchase_date", "transaction_date", "sale_date"),
        *("transaction_timestamp", "order_purchase_timestamp", "order_timestamp", "order_datetime"),
        *("transaction_datetime", "transaction_time", "order_time", "created_at", "timestamp"),
        *("datetime", "date"),
    ),
    "amount": (
        *("amount", "sales_value", "sales_amount", "line_total", "total_amount", "net_amount"),
        *("sales", "revenue", "turnover", "net_sales", "net_value", "total_price", "order_total"),
        *("payment_value", "transaction_amount", "purchase_amount", "total", "value", "net"),
    ),
    "quantity": ("quantity", "qty", "units", "units_sold", "item_count", "pieces"),
    "unit_price": ("unit_price", "price_per_unit", "item_price", "selling_price", "price"),
    "department": ("department", "dept", "product_department", "category", "product_group"),
    "product_class": (
        *("class", "product_class", "sub_category", "product_sub_category", "product_category"),
        *("category", "product_type", "sub_department"),
    ),
    "is_return": ("is_return", "is_returned", "is_refund", "returned", "refunded", "return"),
}
_STANDARD: Final = {
    "customer": "customer_id",
    "order": "order_id",
    "date": "order_date",
    "product_class": "class",
}
_TRUE: Final = frozenset({"true", "1", "1.0", "yes", "y", "t", "returned", "return", "refund"})
_FALSE: Final = frozenset({"false", "0", "0.0", "no", "n", "f", ""})
# Tried in this order on a column that is not ISO 8601.
_DATE_FORMATS: Final = tuple(
    f"{date}{time}"
    for date in ("%Y/%m/%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%m-%d-%Y", "%d-%m-%Y")
    for time in ("", " %H:%M", " %H:%M:%S")
)
_MOST_ANONYMOUS: Final = 0.5


@dataclass(frozen=True)
class ColumnMapping:
    """The column of a table that plays each role of a transaction line; None where absent."""

    customer: str | None = None
    order: str | None = None
    date: str | None = None
    amount: str | None = None
    quantity: str | None = None
    unit_price: str | None = None
    department: str | None = None
    product_class: str | None = None
    is_return: str | None = None

    @property
    def standard_names(self) -> dict[str, str]:
        """Standard name of every column that has a role."""
        pairs = ((getattr(self, f.name), _STANDARD.get(f.name, f.name)) for f in fields(self))
        return {source: name for source, name in pairs if source is not None}

    @property
    def missing(self) -> tuple[str, ...]:
        """What a table of transactions lacks, in words."""
        amount = self.amount or (self.quantity and self.unit_price)
        needs = {"customer": self.customer, "date": self.date, "amount": amount}
        return tuple(need for need, found in needs.items() if not found)


def propose_mapping(columns: Iterable[str]) -> ColumnMapping:
    """Find the columns of a transaction table by their names.

    >>> propose_mapping(["InvoiceNo", "CustomerID", "Quantity", "UnitPrice"]).order
    'InvoiceNo'
    """
    free: dict[str, str] = {}
    for column in columns:
        free.setdefault(_key(column), column)
    found: dict[str, str] = {}
    for role, synonyms in SYNONYMS.items():
        name = next((key for key in map(_key, synonyms) if key in free), None)
        if name is not None:
            found[role] = free.pop(name)
    return ColumnMapping(**found)


def recognise(columns: Iterable[str]) -> Kind:
    """Tell whether a table holds customers or transactions, by its column names.

    Raises
    ------
    DataError
        If it can be neither; names what is missing and which columns there are.

    Examples
    --------
    >>> recognise(["Customer ID", "Order Date", "Sales"])
    'transactions'
    >>> recognise(["customer_id", "total_revenue", "recency_days"])
    'customers'
    """
    names = list(columns)
    mapping = propose_mapping(names)
    features = set(map(slug, names)) & set(FEATURE_NAMES)
    if mapping.customer and len(features) >= 2:
        return "customers"
    if not mapping.missing:
        return "transactions"
    if mapping.customer and mapping.date is None and mapping.order is None:
        return "customers"
    raise DataError(
        [
            Fault(
                f"no column was recognised as {' or '.join(mapping.missing)}.",
                f"Name the columns such as {_examples(mapping.missing)}; "
                f"the table has {', '.join(map(str, names))}.",
            )
        ]
    )


def standardize(table: pd.DataFrame, mapping: ColumnMapping) -> pd.DataFrame:
    """Give the columns of a transaction table their standard names and types.

    Parameters
    ----------
    table : DataFrame of shape (n_lines, n_columns)
    mapping : ColumnMapping
        With at least customer, date and amount, or quantity and unit price instead of amount.

    Returns
    -------
    DataFrame of shape (n_lines, n_roles)
        customer_id and order_id are text (customer_id is missing where it was blank), order_date
        is datetime without a time zone, numbers are float, is_return is bool. Columns without a
        role are left out. Without an order column, an order is a customer's date.

    Raises
    ------
    DataError
        With every fault found: roles without a column, cells that are no date or no number,
        blank orders, and blank customers in more than half of the rows.
    """
    if mapping.missing:
        cure = f"Name a column such as {_examples(mapping.missing)}."
        raise DataError([Fault(f"no column for {' or '.join(mapping.missing)}.", cure)])
    numeric = [n for n in (mapping.amount, mapping.quantity, mapping.unit_price) if n is not None]
    faults = numeric_faults(table, numeric)
    lines = table[list(mapping.standard_names)].rename(columns=mapping.standard_names)
    lines = lines.reset_index(drop=True)
    if not faults:
        numbers = [mapping.standard_names[name] for name in numeric]
        lines[numbers] = lines[numbers].apply(pd.to_numeric).astype(float)
    lines["customer_id"] = texts(lines["customer_id"])
    faults += _customer_faults(lines["customer_id"], str(mapping.customer))
    lines["order_date"], found = _dates(lines["order_date"], str(mapping.date))
    faults += found
    if mapping.order is not None:
        lines["order_id"] = texts(lines["order_id"])
        orders = lines["order_id"]
        faults += _cell_faults(orders, orders.isna(), mapping.order, "an order id")
    else:
        day = lines["order_date"].dt.strftime("%Y-%m-%d")
        lines.insert(1, "order_id", lines["customer_id"] + " " + day)
    if mapping.is_return is not None:
        lines["is_return"], found = _flags(lines["is_return"], mapping.is_return)
        faults += found
    if faults:
        raise DataError(faults)
    return lines


def leave_out_anonymous(lines: pd.DataFrame) -> tuple[pd.DataFrame, str | None]:
    """Return the lines of known customers and a note on the others, None if there are none.

    Parameters
    ----------
    lines : DataFrame
        From `standardize`.
    """
    anonymous = lines["customer_id"].isna()
    if not anonymous.any():
        return lines, None
    out = lines[anonymous]
    amount = out["amount"] if "amount" in out else out["quantity"] * out["unit_price"]
    count, revenue = len(out), float(amount.sum())
    note = (
        f"Lines left out, without a customer: {count:,} of {len(lines):,} "
        f"(amounts of {revenue:,.2f} in all)."
    )
    return lines[~anonymous].reset_index(drop=True), note


def _key(name: str) -> str:
    return slug(name).replace("_", "")


def _examples(missing: Sequence[str]) -> str:
    return ", ".join(_STANDARD.get(need, need) for need in missing)


def _cell_faults(values: pd.Series, bad: pd.Series, column: str, what: str) -> list[Fault]:
    """Return one fault for the bad cells of a column, with the first row and their number."""
    if not bad.any():
        return []
    row = int(bad.to_numpy().argmax())
    count = int(bad.sum())
    more = f" ({count:,} rows in all)" if count > 1 else ""
    value = values.iloc[row]
    blank = pd.isna(value) or value == ""
    problem = "is blank" if blank else f"holds {value!r}, which is not {what}"
    cure = f"Write {what} or leave out the row."
    return [Fault(f"{problem}{more}.", cure, column, row + 1)]


def _customer_faults(customers: pd.Series, column: str) -> list[Fault]:
    """Blank customers are ordinary in tills, unless they are most of the table."""
    blank = customers.isna()
    if blank.mean() <= _MOST_ANONYMOUS:
        return []
    problem = f"is blank in {int(blank.sum()):,} of {len(customers):,} rows."
    row = int(blank.to_numpy().argmax()) + 1
    return [Fault(problem, "Choose the column that names the customer.", column, row)]


def _dates(values: pd.Series, column: str) -> tuple[pd.Series, list[Fault]]:
    """Return dates without a time zone, and the faults of cells that are none."""
    if pd.api.types.is_datetime64_any_dtype(values):
        naive = values.dt.tz_convert("UTC").dt.tz_localize(None) if values.dt.tz else values
        return naive, _cell_faults(values, values.isna(), column, "a date")
    text = values.astype("object").where(values.notna(), "").astype("str").str.strip()
    best = _iso_dates(text)
    if not best.isna().any():
        return best, []
    distinct = text.drop_duplicates()
    parsed = {
        name: pd.to_datetime(distinct, format=name, errors="coerce") for name in _DATE_FORMATS
    }
    fitting = [name for name in _DATE_FORMATS if not parsed[name].isna().any()]
    if any(not parsed[name].equals(parsed[fitting[0]]) for name in fitting):
        cure = "Write the dates as YYYY-MM-DD."
        problem = "could be month first or day first in every row."
        return best, [Fault(problem, cure, column)]
    if fitting:
        return text.map(dict(zip(distinct, parsed[fitting[0]], strict=True))), []
    fewest = min(_DATE_FORMATS, key=lambda name: int(parsed[name].isna().sum()))
    if parsed[fewest].isna().sum() < best[distinct.index].isna().sum():
        best = text.map(dict(zip(distinct, parsed[fewest], strict=True)))
    return best, _cell_faults(text, best.isna(), column, "a date")


def _iso_dates(text: pd.Series) -> pd.Series:
    """Parse ISO 8601, in UTC where a cell has an offset; missing where it is not a date."""
    dates = pd.to_datetime(text, format="ISO8601", errors="coerce", utc=True)
    return dates.dt.tz_localize(None)


def _flags(values: pd.Series, column: str) -> tuple[pd.Series, list[Fault]]:
    """Return whether a line is a return; a blank cell is none."""
    text = values.astype("object").where(values.notna(), "").astype("str").str.strip().str.lower()
    flags = text.isin(_TRUE)
    return flags, _cell_faults(text, ~flags & ~text.isin(_FALSE), column, "yes or no")
