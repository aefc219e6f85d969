import numpy as np
import pandas as pd
import pytest

from segmentation.data import samples
from segmentation.data.features import build_customer_features
from segmentation.data.schema import FEATURE_NAMES, DataError, hierarchy, slug


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return samples.supermarket_transactions().to_pandas()


@pytest.fixture(scope="module")
def supermarket():
    return samples.load_supermarket()


def by_pandas(lines: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Compute the features a second time, the plain way."""
    lines = lines.assign(day=lines["order_date"].dt.normalize())
    groups = lines.groupby("customer_id")
    first, last = groups["day"].min(), groups["day"].max()
    orders, revenue = groups["order_id"].nunique(), groups["amount"].sum()
    months = (last - first).dt.days / 30.4375
    return pd.DataFrame(
        {
            "total_purchases": orders,
            "total_revenue": revenue,
            "avg_order_value": revenue / orders,
            "recency_days": (pd.Timestamp(as_of) - last).dt.days,
            "frequency_per_month": orders / months.clip(lower=1),
            "customer_lifetime_months": months,
            "return_rate": 0.0,
            "signup_date": first,
        }
    )


def shares(cube: pd.DataFrame, columns: list[str], prefix: str, measure: str) -> pd.DataFrame:
    """Pivot sums of lines by the slugs of `columns`."""
    names = [cube[c].map(slug, na_action="ignore").fillna("other") for c in columns]
    key = names[0] if len(names) == 1 else names[0] + "_" + names[1]
    table = cube.assign(key=prefix + key)
    return table.pivot_table(measure, "customer_id", "key", aggfunc="sum", fill_value=0)


def test_every_column_agrees_with_plain_pandas(lines, supermarket):
    found = supermarket.customers.set_index("customer_id")
    plain = by_pandas(lines, supermarket.as_of)
    numbers = list(FEATURE_NAMES)
    assert found.index.tolist() == sorted(plain.index)
    np.testing.assert_allclose(found[numbers], plain.loc[found.index, numbers], rtol=1e-9)
    assert (found["signup_date"] == plain.loc[found.index, "signup_date"]).all()
    keys = ["customer_id", "department", "class"]
    cube = lines.groupby(keys, dropna=False)[["amount", "quantity"]].sum().reset_index()
    checked = set()
    for level, columns in (("dept", ["department"]), ("class", ["department", "class"])):
        for measure, unit in (("amount", "value"), ("quantity", "units")):
            prefix = f"{level}_total_{unit}_"
            expected = shares(cube, columns, prefix, measure)
            kept = [c for c in found if c.startswith(prefix) and not c.endswith("_other")]
            np.testing.assert_allclose(found[kept], expected.loc[found.index, kept], rtol=1e-9)
            checked |= set(kept)
            if level == "dept":
                rest = expected.drop(columns=kept).sum(axis=1).loc[found.index]
                np.testing.assert_allclose(found[f"{prefix}other"], rest, rtol=1e-9, atol=1e-9)
    assert len(checked) == 2 * (12 + 40)


def test_classes_add_up_to_departments_and_departments_to_revenue(supermarket):
    table = supermarket.customers
    parts = hierarchy(table.columns)
    for unit in ("value", "units"):
        for department, classes in parts.items():
            columns = [f"class_total_{unit}_{department}_{name}" for name in classes]
            whole = table[f"dept_total_{unit}_{department}"]
            np.testing.assert_allclose(table[columns].sum(axis=1), whole, rtol=1e-12, atol=1e-9)
    departments = table[[f"dept_total_value_{name}" for name in parts]]
    np.testing.assert_allclose(departments.sum(axis=1), table["total_revenue"], rtol=1e-12)


def test_the_supermarket_as_a_dataset(lines, supermarket):
    assert supermarket.name == "Complete Journey supermarket"
    assert (supermarket.source, supermarket.currency) == ("sample", "$")
    assert supermarket.as_of == "2018-01-01"
    assert len(supermarket.customers) == 2469
    assert len(supermarket.monthly) == 12
    assert supermarket.monthly["revenue"].sum() == pytest.approx(lines["amount"].sum(), rel=1e-12)
    assert supermarket.notes[0].startswith("Read 1,469,307 till lines of 2,469 households")


def test_table_and_frame_agree(lines, supermarket):
    pd.testing.assert_frame_equal(build_customer_features(lines), supermarket.customers)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(samples, "_PACKAGE", "no_such_package")
    with pytest.raises(DataError, match="pip install no-such-package"):
        samples.supermarket_transactions()
