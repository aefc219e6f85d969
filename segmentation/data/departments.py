"""Sales by department and class: which of them get columns, and who bought what there."""

from __future__ import annotations

from typing import Final

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis.backends import BaseBackend

from segmentation.data.schema import (
    CLASS_UNITS,
    CLASS_VALUE,
    DEPARTMENT_UNITS,
    DEPARTMENT_VALUE,
    slug,
)

OTHER: Final = "other"
# Sums of floats depend on the order of the rows, which parallel engines do not fix. Sums of
# decimals are exact, so the same lines always give the same customers, bit for bit.
_DECIMALS: Final = 9
EXACT: Final = f"decimal(38, {_DECIMALS})"


def total(values: ir.Value, where: ir.BooleanValue | None = None) -> ir.Value:
    """Sum decimals exactly and return a float, 0 for no rows."""
    return values.sum(where=where).cast("float64").fill_null(0.0)


def placement_of(totals: pd.DataFrame, max_departments: int, max_classes: int) -> pd.DataFrame:
    """Return `totals`, largest first, with the slugs of the columns that every row adds to.

    `totals` has department, value and perhaps class; the slugs are department_part, class_part.
    """
    table = totals.sort_values(list(totals.columns[:-1]), ignore_index=True)
    department = _parts(table["department"])
    department = _largest(department, table["value"], max_departments, OTHER)
    table["department_part"] = department
    if "class" in table:
        rest = department + f"_{OTHER}"
        own = department + "_" + _parts(table["class"])
        own = own.where(_owned(own, department) & (department != OTHER), rest)
        table["class_part"] = _largest(own, table["value"], max_classes, rest)
    table["order"] = table.groupby("department_part")["value"].transform("sum")
    by = ["order", "department_part", "value"]
    return table.sort_values(by, ascending=[False, True, False], kind="stable", ignore_index=True)


def _parts(names: pd.Series) -> pd.Series:
    """Return the slugs of names; missing ones are `other`."""
    return names.map(lambda name: slug(name) if name.strip() else OTHER).astype("str")


def _largest(parts: pd.Series, values: pd.Series, count: int, rest: str | pd.Series) -> pd.Series:
    """Keep the `count` largest parts by value, apart from the rest itself; ties by name."""
    totals = values[parts != rest].groupby(parts).sum()
    kept = totals.sort_values(ascending=False, kind="stable").index[:count]
    return parts.where(parts.isin(kept), rest)


def _owned(parts: pd.Series, departments: pd.Series) -> np.ndarray:
    """Tell for every class part whether its own department is the longest that it starts with.

    A class "drink beer" of the department "food" would otherwise pass for a class of "food drink".
    """
    known = sorted(set(departments), key=len, reverse=True)
    owners = [next(d for d in known if part.startswith(f"{d}_")) for part in parts]
    return np.array(owners, dtype=object) == departments.to_numpy(dtype=object)


def parts_of(
    sales: ir.Table, placement: pd.DataFrame, customers: pd.Series, backend: BaseBackend
) -> pd.DataFrame:
    """Return one row a customer with a column for every department and class that is kept."""
    prefixes = {"department_part": {"value": DEPARTMENT_VALUE, "units": DEPARTMENT_UNITS}}
    if "class_part" in placement:
        prefixes["class_part"] = {"value": CLASS_VALUE, "units": CLASS_UNITS}
    cells = placement[list(prefixes)].drop_duplicates(ignore_index=True)
    sums = _cell_sums(sales, placement.merge(cells.reset_index(names="cell")), customers, backend)
    columns = {}
    for kind, measures in prefixes.items():
        for measure, prefix in measures.items():
            for part in sorted(cells[kind].unique(), key=lambda part: part == OTHER):
                if measure in sums:
                    # Cells are exact, and always added up in the same order.
                    added = sums[measure][cells[kind] == part].sum(axis=0)
                    columns[prefix + part] = added.round(_DECIMALS)
    return pd.DataFrame(columns, copy=False)


def _cell_sums(
    sales: ir.Table, placement: pd.DataFrame, customers: pd.Series, backend: BaseBackend
) -> dict[str, np.ndarray]:
    """Return value (and units), each of shape (n_cells, n_customers), exact.

    One column a cell would be far slower to compute than one row a cell.
    """
    names = [name for name in ("department", "class") if name in placement]
    placed = sales.join(ibis.memtable(placement[[*names, "cell"]]), names)
    measures = {"value": "amount", "units": "units"}
    exact = {
        name: placed[column].cast(EXACT).sum()
        for name, column in measures.items()
        if column in placed.columns
    }
    cube = placed.group_by(["customer_id", "cell"]).agg(**exact)
    numbers = pd.DataFrame({"customer_id": customers, "customer": np.arange(len(customers))})
    numbered = cube.join(ibis.memtable(numbers), "customer_id")
    totals = {name: numbered[name].cast("float64") for name in exact}
    rows = backend.to_pyarrow(numbered.select("cell", "customer", **totals))
    place = rows["cell"].to_numpy() * len(customers) + rows["customer"].to_numpy()
    sums = {name: np.zeros((placement["cell"].max() + 1, len(customers))) for name in exact}
    for name, table in sums.items():
        table.ravel()[place] = rows[name].to_numpy()
    return sums
