import numpy as np
import pandas as pd
import pytest

from segmentation.quality import listing

NAMES = ["one", "two", "three"]
MEMBERSHIPS = np.array(
    [[0.9, 0.05, 0.05], [0.45, 0.4, 0.15], [0.1, 0.6, 0.3], [0.34, 0.33, 0.33], [0.0, 0.0, 1.0]]
)
CUSTOMERS = pd.DataFrame(
    {"customer_id": ["a", "b", "c", "d", "e"], "total_revenue": [1.0, 2.0, 4.0, 8.0, 16.0]}
)


def test_border_customers_are_the_closest_first():
    found = listing.at_border(CUSTOMERS, MEMBERSHIPS, NAMES, 0.2)
    assert found.rows["customer"].tolist() == ["d", "b"]
    assert found.rows["first"].tolist() == ["one", "one"]
    assert found.rows["second"].tolist() == ["two", "two"]
    assert found.rows["first_membership"].tolist() == [0.34, 0.45]
    assert (found.total, found.revenue) == (2, 10.0)


def test_least_certain_customers_come_first():
    found = listing.least_certain(CUSTOMERS, MEMBERSHIPS, NAMES, 0.7)
    assert found.rows["customer"].tolist() == ["d", "b", "c"]
    assert found.rows["second"].tolist() == ["two", "two", "three"]


def test_customers_placed_differently_are_listed_by_revenue():
    first, second = np.array([0, 0, 1, 1, 1]), np.array([1, 0, 2, 1, 1])
    found = listing.placed_differently(CUSTOMERS, first, second, ["x", "y"], ["X", "Y", "Z"])
    assert found.rows.to_dict("list") == {
        "customer": ["c", "a"],
        "first": ["y", "x"],
        "second": ["Z", "Y"],
        "revenue": [4.0, 1.0],
    }


@pytest.mark.parametrize("limit", [0.0, 0.7])
def test_without_revenue_there_is_no_column(limit):
    found = listing.least_certain(CUSTOMERS[["customer_id"]], MEMBERSHIPS, NAMES, limit)
    assert "revenue" not in found.rows
    assert np.isnan(found.revenue)
    assert found.total == (3 if limit else 0)


def test_long_lists_are_cut():
    many = pd.DataFrame({"total_revenue": np.arange(500.0)})
    zeros = np.zeros(500, dtype=int)
    found = listing.placed_differently(many, zeros, zeros + 1, ["x"], ["x", "y"])
    assert (len(found.rows), found.total) == (listing.MOST_ROWS, 500)
    assert found.rows["customer"].iloc[0] == "499"
    assert found.revenue == np.arange(500).sum()


def test_two_highest_are_those_of_a_sort():
    memberships = np.random.default_rng(0).dirichlet(np.ones(6), 50)
    segments, values = listing.two_highest(memberships)
    np.testing.assert_array_equal(segments, np.argsort(-memberships, axis=1)[:, :2])
    np.testing.assert_array_equal(values, -np.sort(-memberships, axis=1)[:, :2])


def test_most_mixed_pair():
    assert listing.most_mixed(MEMBERSHIPS, 0.7) == (0, 1, 2)
    assert listing.most_mixed(MEMBERSHIPS, 0.1) is None


def test_shares_below():
    labels = MEMBERSHIPS.argmax(axis=1)
    shares = listing.shares_below(MEMBERSHIPS.max(axis=1), labels, 4, 0.7)
    np.testing.assert_allclose(shares, [2 / 3, 1, 0, 0])
