import numpy as np
import pandas as pd
import pytest

from segmentation.quality.description import (
    best_month,
    class_sales,
    describe_customers,
    feature_values,
    strongest_pair,
)

FIVE = pd.DataFrame(
    {
        "customer_id": list("abcde"),
        "total_purchases": [1, 1, 2, 4, 12],
        "total_revenue": [10.0, 30.0, 20.0, 90.0, 50.0],
        "dept_total_value_food": [10.0, 10.0, 20.0, 90.0, 0.0],
        "dept_total_value_home": [0.0, 20.0, 0.0, 0.0, 50.0],
        "class_total_value_food_bread": [10.0, 10.0, 0.0, 50.0, 0.0],
        "class_total_value_food_red_wine": [0.0, 0.0, 20.0, 40.0, 0.0],
    }
)


def test_totals_by_hand():
    found = describe_customers(FIVE)
    assert (found.customers, found.revenue, found.orders) == (5, 200, 20)
    assert (found.average_order, found.one_order) == (10, 0.4)
    assert found.departments == {"food": 130, "home": 70}
    assert class_sales(FIVE, "food") == {"Bread": 70, "Red wine": 60}
    assert class_sales(FIVE, "home") == class_sales(FIVE, "none") == {}
    assert found.used == ["total_purchases", "total_revenue"]


def test_rank_correlation_by_hand():
    # ranks 1.5 1.5 3 4 5 and 1 3 2 5 4
    first, second = np.array([1.5, 1.5, 3, 4, 5]) - 3, np.array([1, 3, 2, 5, 4]) - 3
    expected = first @ second / np.sqrt(first @ first * (second @ second))
    pair = strongest_pair(describe_customers(FIVE).correlation)
    assert pair == ("Orders", "Revenue", pytest.approx(expected))


def test_a_constant_feature_has_no_correlation():
    found = describe_customers(FIVE.assign(return_rate=0.0)).correlation
    assert list(found) == list(found.index) == ["Orders", "Revenue"]


def test_a_table_without_orders_or_variation():
    table = pd.DataFrame({"customer_id": ["a", "b"], "visits": [1, 1], "clicks": [2, 2]})
    found = describe_customers(table)
    assert (found.revenue, found.orders, found.average_order, found.one_order) == (None,) * 4
    assert found.columns == () and "no column is left" in found.problem.lower()
    assert found.correlation.empty
    assert strongest_pair(found.correlation) is None and found.departments == {}


def test_a_feature_before_and_after(customers):
    found = feature_values(customers, "total_revenue")
    logs = np.log1p(customers["total_revenue"].to_numpy())
    np.testing.assert_array_equal(found.before, customers["total_revenue"])
    np.testing.assert_allclose(found.after, (logs - logs.mean()) / logs.std())
    assert found.skewness_before > 1 > abs(found.skewness_after)


def test_best_month():
    months = pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"])
    monthly = pd.DataFrame({"month": months, "revenue": [5.0, 9.0, 7.0]})
    assert best_month(monthly) == (pd.Timestamp("2024-02-01"), 9.0)
