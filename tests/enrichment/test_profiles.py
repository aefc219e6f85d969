import numpy as np
import pandas as pd
import pytest

from segmentation.data.schema import DataError
from segmentation.enrichment.profiles import profile_segments

TABLE = pd.DataFrame(
    {
        "customer_id": list("abcde"),
        "total_purchases": [1, 3, 10, 4, 2],
        "total_revenue": [10.0, 30.0, 100.0, 40.0, 20.0],
        "recency_days": [5.0, 7.0, 1.0, np.nan, 9.0],
        "age": [20, 30, 40, 50, 60],
        "dept_total_value_food": [10.0, 0.0, 60.0, 40.0, 0.0],
        "dept_total_value_toys": [0.0, 30.0, 40.0, 0.0, 20.0],
        "class_total_value_toys_cars": [0.0, 30.0, 10.0, 0.0, 20.0],
        "gmm_segment": [0, 0, 1, 1, 0],
    }
)
LABELS = np.array([0, 0, 1, 1, 0])


def test_size_and_revenue_by_hand():
    low, high = profile_segments(TABLE, LABELS)
    assert (low.size, low.percentage, low.revenue_share) == (3, 60.0, 0.3)
    assert (high.size, high.percentage, high.revenue_share) == (2, 40.0, 0.7)


def test_statistics_by_hand():
    low, high = profile_segments(TABLE, LABELS)
    revenue = high.statistics["total_revenue"]
    assert revenue.mean == 70
    assert revenue.median == 70
    assert revenue.index == pytest.approx(70 / 40 * 100)
    assert revenue.position == pytest.approx(4 / 5)  # 10, 20, 30, 40 are below 70
    assert revenue.rank == pytest.approx((0.9 + 0.7) / 2)  # ranks 5 and 4 of 5, less a half
    assert (revenue.population_mean, revenue.population_median) == (40, 30)
    assert low.statistics["total_revenue"].position == pytest.approx(1 / 5)


def test_features_are_the_known_ones_first_and_never_labels():
    (profile, _) = profile_segments(TABLE, LABELS)
    expected = ["total_purchases", "total_revenue", "recency_days", "age"]
    assert list(profile.statistics) == expected


def test_cells_that_are_not_numbers_are_left_out():
    _, high = profile_segments(TABLE, LABELS)
    assert high.statistics["recency_days"].mean == 1
    assert high.statistics["recency_days"].population_mean == pytest.approx(22 / 4)


def test_departments_by_hand():
    low, _ = profile_segments(TABLE, LABELS)
    toys, food = low.department_shares
    assert (toys.name, toys.share) == ("toys", pytest.approx(50 / 60))
    assert toys.index == pytest.approx((50 / 60) / (90 / 200) * 100)
    assert (food.name, food.share) == ("food", pytest.approx(10 / 60))
    (cars,) = toys.top_classes
    assert (cars.label, cars.share) == ("Cars", pytest.approx(50 / 60))
    assert cars.index == pytest.approx((50 / 60) / (60 / 200) * 100)


def test_ties_do_not_move_the_rank():
    table = pd.DataFrame({"total_purchases": [1, 1, 1, 5, 1, 1, 1, 5]})
    for profile in profile_segments(table, np.repeat([0, 1], 4)):
        assert profile.statistics["total_purchases"].rank == pytest.approx(0.5)


def test_memberships_centers_and_empty_segment():
    memberships = np.array([[0.7, 0.2, 0.1]] * 3 + [[0.4, 0.5, 0.1]] * 2)
    centers = pd.DataFrame({"total_revenue": [20.0, 70.0, 5.0]})
    first, second, empty = profile_segments(TABLE, [0, 0, 0, 1, 1], centers, memberships)
    assert first.mean_confidence == pytest.approx(0.7)
    assert second.center == {"total_revenue": 70.0}
    assert (empty.size, empty.percentage, empty.mean_confidence) == (0, 0.0, None)
    assert np.isnan(empty.statistics["age"].mean)
    assert empty.department_shares == ()


def test_without_revenue_the_share_is_not_a_number():
    table = pd.DataFrame({"age": [1, 2], "score": [3.0, 4.0]})
    assert all(np.isnan(p.revenue_share) for p in profile_segments(table, [0, 1]))


def test_reads_like_a_dictionary():
    profile = profile_segments(TABLE, LABELS)[0]
    averages = profile["characteristics"]["averages"]
    assert averages["age"] == pytest.approx(110 / 3)
    assert profile["characteristics"]["size"] == 3
    assert "segment_name" in profile and "size" not in profile
    assert set(dict(profile)) == set(profile.keys())
    with pytest.raises(KeyError):
        profile["size"]


@pytest.mark.parametrize(
    ("labels", "kwargs", "words"),
    [
        ([0, 1], {}, "5 customers but labels"),
        ([0, 0, 1, 1, -1], {}, "whole numbers from 0"),
        ([0.5] * 5, {}, "whole numbers from 0"),
        (LABELS, {"memberships": np.ones((4, 2))}, "memberships"),
        (LABELS, {"memberships": np.ones((5, 1))}, "memberships for 1"),
        (LABELS, {"centers": pd.DataFrame({"age": [1.0]})}, "centers for 1"),
    ],
)
def test_faults_are_named(labels, kwargs, words):
    with pytest.raises(DataError, match=words):
        profile_segments(TABLE, np.asarray(labels), **kwargs)


def test_the_table_is_not_changed():
    before = TABLE.copy(deep=True)
    profile_segments(TABLE, LABELS)
    pd.testing.assert_frame_equal(TABLE, before)
