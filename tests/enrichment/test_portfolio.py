import numpy as np
import pandas as pd
import pytest

from segmentation.enrichment import portfolio
from segmentation.enrichment.profiles import SegmentProfile


def segments(*pairs: tuple[float, float]) -> list[SegmentProfile]:
    """Return segments from pairs of percent of customers and share of revenue."""
    return [
        SegmentProfile(i, int(percent), percent, revenue, {})
        for i, (percent, revenue) in enumerate(pairs)
    ]


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        (((20, 0.65), (30, 0.25), (50, 0.1)), [0]),
        (((20, 0.4), (50, 0.2), (30, 0.4)), [0, 2]),
        (((50, 0.52), (50, 0.48)), []),  # as many customers as revenue
        (((30, 0.4), (30, 0.35), (40, 0.25)), [0, 1]),
        (((20, np.nan), (80, np.nan)), []),
    ],
)
def test_leaders_are_the_fewest_with_most_of_the_revenue(pairs, expected):
    assert [profile.segment for profile in portfolio.leaders(segments(*pairs))] == expected


def test_shares_add_up():
    found = segments((20, 0.5), (30, 0.3), (50, 0.2))
    assert portfolio.customer_share(found[:2]) == pytest.approx(0.5)
    assert portfolio.revenue_share(found[:2]) == pytest.approx(0.8)
    assert [profile.segment for profile in portfolio.above_share(found)] == [0]


def test_most_valuable_first_and_empty_segments_never():
    by_revenue = portfolio.by_value(segments((20, 0.1), (0, 0.0), (80, 0.9)))
    assert [profile.segment for profile in by_revenue] == [2, 0]
    by_size = portfolio.by_value(segments((20, np.nan), (0, np.nan), (80, np.nan)))
    assert [profile.segment for profile in by_size] == [2, 0]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"total_revenue": [1.5, 2], "total_purchases": [3, 4]}, (3.5, 7)),
        ({"dept_total_value_a": [1.0, 2], "dept_total_value_b": [0.5, np.nan]}, (3.5, None)),
        ({"age": [1, 2]}, (None, None)),
    ],
)
def test_totals_by_hand(columns, expected):
    totals = portfolio.totals(pd.DataFrame(columns))
    assert (totals.customers, totals.revenue, totals.orders) == (2, *expected)


@pytest.mark.parametrize(
    ("as_of", "months"), [("2025-03-01", 2), ("2025-03-31", 3), ("2025-03-30", 2), ("", 3)]
)
def test_a_month_cut_short_is_left_out(as_of, months):
    start = pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-01"])
    monthly = pd.DataFrame({"month": start, "revenue": [1, 2, 3]})
    assert len(portfolio.complete_months(monthly, as_of)) == months
