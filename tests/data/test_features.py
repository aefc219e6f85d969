import logging
from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

from segmentation.data.features import (
    build_customer_features,
    monthly_sales,
    summarize_transactions,
)
from segmentation.data.schema import FEATURE_NAMES, DataError, fingerprint, hierarchy

COLUMNS = ["customer_id", "order_id", "order_date", "amount", "quantity", "department", "class"]


@pytest.fixture
def lines() -> pd.DataFrame:
    """Five customers: a regular, a one-time buyer, one with returns, returns only, free goods."""
    rows = [
        ("007", "a1", "2024-01-01 23:59", 10.0, 1, "Food & Drink", "Bread"),
        ("007", "a1", "2024-01-01 23:59", 30.0, 2, "Toys", "Cars"),
        ("007", "a2", "2024-03-02 00:01", 20.0, 1, "food drink", "Milk"),
        ("10", "b1", "2024-02-10", 0.1, 1, "Food & Drink", "Bread"),
        ("10", "b1", "2024-02-10", 0.2, 1, None, None),
        ("9", "c1", "2024-01-15", 50.0, 5, "Toys", "Dolls"),
        ("9", "c2", "2024-01-20", -20.0, -2, "Toys", "Dolls"),
        ("x", "d1", "2024-01-20", -5.0, -1, "Toys", "Dolls"),
        ("y", "e1", "2024-02-20", 0.0, 1, "Garden", ""),
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["order_date"] = pd.to_datetime(table["order_date"], format="mixed")
    return table


def test_five_customers_by_hand(lines):
    table = build_customer_features(lines).set_index("customer_id")
    months = 61 / 30.4375
    expected = {
        "007": [2, 60.0, 30.0, 1, 2 / months, months, 0.0],
        "10": [1, 0.3, 0.3, 22, 1.0, 0.0, 0.0],
        "9": [1, 50.0, 50.0, 48, 1.0, 0.0, 0.4],
        "y": [1, 0.0, 0.0, 12, 1.0, 0.0, 0.0],
    }
    assert list(table.index) == list(expected)
    np.testing.assert_allclose(table[list(FEATURE_NAMES)], list(expected.values()), rtol=1e-12)
    assert table.columns[: len(FEATURE_NAMES) + 1].tolist() == [*FEATURE_NAMES, "signup_date"]
    assert table.loc["007", "signup_date"] == pd.Timestamp("2024-01-01")
    assert table["total_purchases"].dtype == table["recency_days"].dtype == "int64"


def test_departments_and_classes_by_hand(lines):
    table = build_customer_features(lines).set_index("customer_id")
    assert table.filter(like="dept_total_value_").loc["007"].to_dict() == {
        "dept_total_value_toys": 30.0,
        "dept_total_value_food_drink": 30.0,
        "dept_total_value_garden": 0.0,
        "dept_total_value_other": 0.0,
    }
    assert hierarchy(table.columns) == {
        "toys": ["dolls", "cars"],
        "food_drink": ["milk", "bread"],
        "garden": ["other"],
        "other": ["other"],
    }
    assert table.loc["007", "dept_total_units_toys"] == 2.0
    assert table.loc["9", "class_total_units_toys_dolls"] == 5.0
    assert table.loc["10", "class_total_value_other_other"] == 0.2


@pytest.mark.parametrize("departments", [0, 1, 2, 12])
@pytest.mark.parametrize("classes", [0, 1, 3, 40])
@pytest.mark.parametrize("measure", ["value", "units"])
def test_parts_add_up(lines, departments, classes, measure):
    table = build_customer_features(lines, max_departments=departments, max_classes=classes)
    parts = table.filter(like=f"dept_total_{measure}_")
    if measure == "value":
        np.testing.assert_allclose(parts.sum(axis=1), table["total_revenue"], rtol=1e-15)
    assert parts.shape[1] <= departments + 1
    for department, names in hierarchy(table.columns).items():
        columns = [f"class_total_{measure}_{department}_{name}" for name in names]
        whole = table[f"dept_total_{measure}_{department}"]
        np.testing.assert_allclose(table[columns].sum(axis=1), whole, rtol=1e-15)


def test_a_class_never_passes_for_another_departments(lines):
    pairs = [("Food", "Drink beer"), ("Food drink", "Wine"), ("Food", "Bread")]
    table = lines.iloc[:3].copy()
    table[["department", "class"]] = pairs
    found = hierarchy(build_customer_features(table).columns)
    assert found == {"food": ["bread", "other"], "food_drink": ["wine"]}


def test_a_lone_class_is_the_department(lines):
    table = build_customer_features(lines.drop(columns="department"))
    assert "dept_total_value_bread" in table
    assert table.filter(like="class_total").empty


def test_without_quantity_there_are_no_units(lines):
    table = build_customer_features(lines.drop(columns="quantity"))
    assert table.filter(like="_units_").empty


def test_amount_is_quantity_times_price(lines):
    priced = lines.assign(unit_price=lines["amount"] / lines["quantity"]).drop(columns="amount")
    # A return has a negative quantity and a price above zero.
    expected, found = build_customer_features(lines), build_customer_features(priced)
    pd.testing.assert_frame_equal(found, expected, rtol=1e-12)


def test_returns_by_flag_count_by_their_size(lines):
    flagged = lines.assign(is_return=lines["amount"] < 0, amount=lines["amount"].abs())
    flagged["is_return"] = flagged["is_return"].astype(object).where(flagged["is_return"], None)
    pd.testing.assert_frame_equal(build_customer_features(flagged), build_customer_features(lines))


def test_customers_with_returns_only_are_counted(lines, caplog):
    with caplog.at_level(logging.WARNING):
        summary = summarize_transactions(lines)
    assert (summary.returns_only, summary.lines, len(summary.customers)) == (1, 9, 4)
    assert "with returns but no order: 1." in caplog.text


@pytest.mark.parametrize(
    ("as_of", "day"),
    [
        (None, date(2024, 3, 3)),
        ("2024-03-02", date(2024, 3, 2)),
        (date(2024, 4, 1), date(2024, 4, 1)),
        (pd.Timestamp("2024-04-01 18:00"), date(2024, 4, 1)),
    ],
)
def test_as_of(lines, as_of, day):
    summary = summarize_transactions(lines, as_of=as_of)
    assert summary.as_of == day
    assert summary.customers["recency_days"].min() == (day - date(2024, 3, 2)).days


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"as_of": "2024-03-01"}, "before the last order"),
        ({"as_of": "soon"}, "not a date"),
        ({"customer_id": None}, 'Column "customer_id": is blank \\(lines: 1\\)'),
        ({"order_id": None}, 'Column "order_id": is blank \\(lines: 1\\)'),
        ({"order_date": pd.NaT}, 'Column "order_date": has no date \\(lines: 1\\)'),
        ({"amount": np.nan}, 'Column "amount": is not a plausible number \\(lines: 1\\)'),
        ({"amount": np.inf}, 'Column "amount": is not a plausible number \\(lines: 1\\)'),
        ({"amount": 1e200}, 'Column "amount": is not a plausible number \\(lines: 1\\)'),
        ({"quantity": np.nan}, 'Column "quantity": is not a plausible number \\(lines: 1\\)'),
    ],
)
def test_faults(lines, change, words):
    as_of = change.pop("as_of", None)
    for column, value in change.items():
        lines[column] = lines[column].astype(object) if value is None else lines[column]
        lines.loc[2, column] = value
    with pytest.raises(DataError, match=words):
        build_customer_features(lines.infer_objects(), as_of=as_of)


def test_missing_columns_are_all_named(lines):
    with pytest.raises(DataError) as caught:
        build_customer_features(lines[["customer_id", "quantity"]])
    assert [fault.column for fault in caught.value.faults] == ["order_id", "order_date", "amount"]


@pytest.mark.parametrize("rows", [slice(0, 0), slice(7, 8)])
def test_a_table_without_sales(lines, rows):
    with pytest.raises(DataError, match="no sale"):
        build_customer_features(lines.iloc[rows])


def test_text_dates_are_refused(lines):
    with pytest.raises(DataError, match="not dates"):
        build_customer_features(lines.assign(order_date="2024-01-01"))


def test_an_ibis_table_gives_the_same(lines, tmp_path):
    lines.to_parquet(tmp_path / "lines.parquet")
    table = ibis.duckdb.connect().read_parquet(tmp_path / "lines.parquet")
    pd.testing.assert_frame_equal(build_customer_features(table), build_customer_features(lines))
    pd.testing.assert_frame_equal(monthly_sales(table), monthly_sales(lines))


def test_row_order_changes_nothing(lines):
    many = pd.concat([lines] * 50, ignore_index=True)
    many["amount"] *= np.random.default_rng(1).uniform(0.1, 1.0, len(many)).round(2)
    shuffled = many.sample(frac=1, random_state=np.random.default_rng(2))
    before = fingerprint(many)
    assert fingerprint(build_customer_features(many)) == fingerprint(
        build_customer_features(shuffled)
    )
    assert fingerprint(many) == before


def test_monthly_sales_by_hand(lines):
    later = lines.iloc[[0]].assign(order_date=pd.Timestamp("2024-05-05"), order_id="a9")
    months = monthly_sales(pd.concat([lines, later], ignore_index=True))
    expected = pd.DataFrame(
        {
            "month": pd.date_range("2024-01-01", periods=5, freq="MS", unit="us"),
            "revenue": [90.0, 0.3, 20.0, 0.0, 10.0],
            "orders": [2, 2, 1, 0, 1],
            "customers": [2, 2, 1, 0, 1],
        }
    )
    pd.testing.assert_frame_equal(months, expected, check_freq=False)
