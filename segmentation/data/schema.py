"""Every column the product knows: name, role, unit, definition; and validation of a table."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

DAYS_PER_MONTH = 30.4375


class Role(StrEnum):
    """What a column may be used for."""

    ID = "id"
    FEATURE = "feature"  # may enter the distance between customers
    PROFILE = "profile"  # describes segments afterwards, never enters the distance
    LABEL = "label"  # an answer (a known or computed segment), never an input
    PERSONAL = "personal"  # identifies a person: no model, no export unless asked for


@dataclass(frozen=True)
class Column:
    """Name, role, unit and definition of one column."""

    name: str
    role: Role
    unit: str
    label: str
    definition: str


FEATURES: tuple[Column, ...] = (
    Column("total_purchases", Role.FEATURE, "orders", "Orders", "Number of distinct orders."),
    Column(
        "total_revenue", Role.FEATURE, "currency", "Revenue", "Sum of all sales before returns."
    ),
    Column("avg_order_value", Role.FEATURE, "currency", "Average order", "Revenue per order."),
    Column(
        "recency_days",
        Role.FEATURE,
        "days",
        "Days since last order",
        "Days from the last order to the as-of date.",
    ),
    Column(
        "frequency_per_month",
        Role.FEATURE,
        "orders/month",
        "Orders per month",
        "Orders divided by the lifetime in months, at least one month.",
    ),
    Column(
        "customer_lifetime_months",
        Role.FEATURE,
        "months",
        "Lifetime",
        f"Months of {DAYS_PER_MONTH} days from the first to the last order.",
    ),
    Column(
        "return_rate",
        Role.FEATURE,
        "share",
        "Return rate",
        "Value of returned goods divided by revenue.",
    ),
)
FEATURE_NAMES: tuple[str, ...] = tuple(column.name for column in FEATURES)

# Columns that are arithmetic of others: beside their ingredients they add no information, but they
# would count twice in every distance. Each entry: ingredients, computation, words.
DERIVED: dict[str, tuple[tuple[str, ...], Callable[[pd.DataFrame], pd.Series], str]] = {
    "avg_order_value": (
        ("total_revenue", "total_purchases"),
        lambda data: data["total_revenue"] / data["total_purchases"],
        "is revenue divided by orders",
    ),
    "frequency_per_month": (
        ("total_purchases", "customer_lifetime_months"),
        lambda data: data["total_purchases"] / data["customer_lifetime_months"].clip(lower=1),
        "is orders divided by lifetime",
    ),
}

_OTHERS: tuple[Column, ...] = (
    Column("customer_id", Role.ID, "", "Customer", "Identifier of the customer, kept as text."),
    Column(
        "true_segment", Role.LABEL, "", "True segment", "Segment a generated customer came from."
    ),
    Column(
        "signup_date", Role.PROFILE, "date", "Customer since", "Date of the sign-up or first order."
    ),
)
_KNOWN = {column.name: column for column in FEATURES + _OTHERS}

DEPARTMENT_VALUE = "dept_total_value_"
DEPARTMENT_UNITS = "dept_total_units_"
CLASS_VALUE = "class_total_value_"
CLASS_UNITS = "class_total_units_"
_PREFIXES: tuple[tuple[str, str, str], ...] = (
    (DEPARTMENT_VALUE, "currency", "Revenue in department"),
    (DEPARTMENT_UNITS, "units", "Units in department"),
    (CLASS_VALUE, "currency", "Revenue in class"),
    (CLASS_UNITS, "units", "Units in class"),
    ("count_size_", "units", "Units of size"),
    ("count_", "units", "Units for"),
)
_LABEL = re.compile(
    r"(^|_)(segment|cluster|label)(_(name|id|no|number|code))?$|_membership_\d+$|"
    r"_(reconstruction_error|outlier|noise)$"
)
_PERSONAL = re.compile(
    r"(^|_)(e_?mail(_?addr(ess)?)?|(tele|mobile_?|cell_?)?phone(_?(no|nr|number))?|mobile|tel|fax|"
    r"address|addr|street|(first|last|full|middle|given|family|maiden|nick|sur|user|login|customer|"
    r"client|member|contact|person|buyer|shopper|recipient|(card|account)_?holder)_?name|"
    r"birth(day|date)?|date_?of_?birth|dob|post(al)?_?code|zip(_?code)?|"
    r"ssn|social_security|passport|iban)($|_)|^name$"
)
_IDENTIFIER = re.compile(r"(^|_)(id|key|code)$")
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def slug(text: object) -> str:
    """Turn any text into a part of a column name.

    >>> slug("Food & Drink"), slug("Getränke")
    ('food_drink', 'getränke')
    """
    return re.sub(r"[\W_]+", "_", str(text).lower()).strip("_") or "unnamed"


def words(name: str) -> str:
    """Turn a part of a column name into words for people.

    >>> words("office_supplies")
    'Office supplies'
    """
    return name.replace("_", " ").strip().capitalize()


def describe(name: object) -> Column:
    """Return role, unit and definition of a column by its name.

    Columns that the product does not know are features: an uploaded table may hold any measure.

    >>> describe("EmailAddress").role, describe("store_id").role
    (<Role.PERSONAL: 'personal'>, <Role.ID: 'id'>)
    """
    name = str(name)
    if name in _KNOWN:
        return _KNOWN[name]
    for prefix, unit, meaning in _PREFIXES:
        if name.startswith(prefix):
            part = words(name.removeprefix(prefix))
            return Column(name, Role.PROFILE, unit, part, f"{meaning} {part}.")
    plain = slug(_WORD_START.sub("_", name))
    if _LABEL.search(plain):
        return Column(name, Role.LABEL, "", words(name), "A segment or label.")
    if _PERSONAL.search(plain):
        return Column(name, Role.PERSONAL, "", words(name), "Personal data.")
    if _IDENTIFIER.search(plain):
        return Column(name, Role.ID, "", words(name), "An identifier, not a measure.")
    return Column(name, Role.FEATURE, "", words(name), "A column of the uploaded table.")


def columns_with(columns: Iterable[str], role: Role) -> list[str]:
    """Return the column names that have `role`, in their order."""
    return [name for name in columns if describe(name).role == role]


def hierarchy(columns: Iterable[str]) -> dict[str, list[str]]:
    """Return the classes of every department, both as slugs, read from the column names.

    >>> hierarchy(["dept_total_value_food", "class_total_value_food_bread"])
    {'food': ['bread']}
    """
    names = list(columns)
    departments = [
        n.removeprefix(DEPARTMENT_VALUE) for n in names if n.startswith(DEPARTMENT_VALUE)
    ]
    found: dict[str, list[str]] = {department: [] for department in departments}
    longest_first = sorted(departments, key=len, reverse=True)
    for name in names:
        if not name.startswith(CLASS_VALUE):
            continue
        part = name.removeprefix(CLASS_VALUE)
        owner = next((d for d in longest_first if part.startswith(f"{d}_")), None)
        if owner is not None:
            found[owner].append(part.removeprefix(f"{owner}_"))
    return found


def default_features(data: pd.DataFrame) -> list[str]:
    """Return the columns to segment by: the known seven, or every numeric feature of the table."""
    known = [name for name in FEATURE_NAMES if name in data.columns]
    if len(known) >= 2:
        return known
    return [
        name
        for name in columns_with(data.columns, Role.FEATURE)
        if pd.api.types.is_numeric_dtype(data[name]) and not pd.api.types.is_bool_dtype(data[name])
    ]


def fingerprint(data: pd.DataFrame) -> str:
    """Return the SHA-256 of column names, types and every cell of a table (hexadecimal)."""
    digest = hashlib.sha256()
    for name in data.columns:
        digest.update(f"{name}\0{data[name].dtype}\0".encode())
    digest.update(pd.util.hash_pandas_object(data, index=False).to_numpy().tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a table, and what to do about it.

    `row` counts from 1, the first row of data; None when the whole column is meant.
    """

    problem: str
    cure: str
    column: str | None = None
    row: int | None = None

    def __str__(self) -> str:
        place = [f'column "{self.column}"'] if self.column is not None else []
        place += [f"row {self.row}"] if self.row is not None else []
        start = ", ".join(place)
        text = f"{start}: {self.problem}" if start else self.problem
        return f"{text[0].upper()}{text[1:]} {self.cure}"


class DataError(ValueError):
    """All faults of a table at once.

    Parameters
    ----------
    faults : sequence of Fault
        At least one.
    """

    def __init__(self, faults: Sequence[Fault]):
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def numeric_faults(data: pd.DataFrame, columns: Sequence[str]) -> list[Fault]:
    """Return the faults of columns that must hold finite numbers."""
    faults = []
    for name in columns:
        if name not in data.columns:
            faults.append(
                Fault("is missing.", "Add the column or choose other features.", column=name)
            )
            continue
        numbers = pd.to_numeric(data[name], errors="coerce").to_numpy(dtype=float)
        bad = np.flatnonzero(~np.isfinite(numbers))
        if bad.size:
            value = data[name].iloc[bad[0]]
            value = value.item() if isinstance(value, np.generic) else value
            more = f" ({bad.size} rows in all)" if bad.size > 1 else ""
            cure = "Correct the cell, or leave the row or the column out."
            if isinstance(value, str) and "," in value:
                cure = "Write numbers with a point and without separators, like 1234.5."
            faults.append(
                Fault(
                    f"holds {value!r}, which is not a finite number{more}.",
                    cure,
                    column=name,
                    row=int(bad[0]) + 1,
                )
            )
    return faults


def texts(values: pd.Series) -> pd.Series:
    """Return cells as text, missing where blank; whole floats as integers."""
    if pd.api.types.is_float_dtype(values):
        # A column of integers with blanks arrives as floats: 17850.0 is the customer 17850.
        found = values.dropna()
        if ((found % 1 == 0) & (found.abs() < 2**53)).all():
            values = values.astype("Int64")
    text = values.astype("object").where(values.notna(), None).astype("str")
    return text.where(text.str.strip() != "")


def _nearly_numeric(values: pd.Series) -> bool:
    """Whether a text column of an unknown measure holds numbers, even 1,5, in most cells."""
    if describe(str(values.name)).role != Role.FEATURE or not pd.api.types.is_string_dtype(values):
        return False
    plain = values.str.replace(",", "")
    return bool(pd.to_numeric(plain, errors="coerce").notna().mean() > 0.5)


def validate_customers(data: pd.DataFrame) -> pd.DataFrame:
    """Check a customer table and return it with ids as text.

    Parameters
    ----------
    data : DataFrame of shape (n_customers, n_columns)
        One row a customer, with a column `customer_id` and at least two numeric features.

    Returns
    -------
    DataFrame
        A copy with `customer_id` as text, known features as numbers and a fresh index.

    Raises
    ------
    DataError
        With every fault found: no rows, no ids, blank or duplicate ids, too few features,
        cells that are not finite numbers.
    """
    if data.empty:
        raise DataError([Fault("the table has no rows.", "Choose a file with customers.")])
    if "customer_id" not in data.columns:
        raise DataError(
            [Fault("is missing.", "Name the column of customer ids.", column="customer_id")]
        )
    table = data.reset_index(drop=True)
    table["customer_id"] = texts(table["customer_id"])
    blank = table["customer_id"].isna()
    faults = []
    if blank.any():
        row = int(np.argmax(blank)) + 1
        faults.append(Fault("is blank.", "Give every customer an id.", "customer_id", row))
    repeated = table["customer_id"].duplicated() & ~blank
    if repeated.any():
        row = int(np.argmax(repeated)) + 1
        value = table["customer_id"].iloc[row - 1]
        problem = f"repeats the id {value!r} ({int(repeated.sum())} repeated rows in all)."
        cure = "Keep one row a customer, or provide the table as transactions."
        faults.append(Fault(problem, cure, "customer_id", row))
    features = default_features(table)
    spoiled = [name for name in table if name not in features and _nearly_numeric(table[name])]
    if len(features) + len(spoiled) < 2:
        known = ", ".join(FEATURE_NAMES)
        faults.append(
            Fault(
                f"the table has {len(features)} numeric feature columns; two are needed.",
                f"Add columns such as {known}.",
            )
        )
    faults += numeric_faults(table, features + spoiled)
    if faults:
        raise DataError(faults)
    # Decimals and numbers with leading zeros are objects or text until here.
    table[features] = table[features].apply(pd.to_numeric)
    return table
