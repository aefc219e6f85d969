import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from segmentation.quality.agreement import compare, contingency

FIRST = np.array([0, 0, 0, 1, 1, 2, 2])


def test_comparison_by_hand():
    second = np.array([1, 1, 0, 0, 0, 2, 2])
    found = compare(FIRST, second)
    assert found.order.tolist() == [1, 0, 2]
    assert found.numbers.tolist() == [0, 1, 2]
    assert found.counts.tolist() == [[2, 1, 0], [0, 2, 0], [0, 0, 2]]
    assert found.aligned.tolist() == [0, 0, 1, 1, 1, 2, 2]
    assert np.flatnonzero(found.moved).tolist() == [2]
    np.testing.assert_allclose(found.kept, [2 / 3, 1, 1])
    np.testing.assert_allclose(found.percent[0], [200 / 3, 100 / 3, 0])
    assert found.largest_move == (0, 1, 1)


def test_fewer_segments_keep_the_number_of_their_partner():
    found = compare(FIRST, np.array([1, 1, 1, 1, 1, 0, 0]))
    assert found.order.tolist() == [1, 0]
    assert found.numbers.tolist() == [0, 2]
    assert found.aligned.tolist() == [0, 0, 0, 0, 0, 2, 2]
    assert found.aligned_names(["small", "large"]) == ["large", "", "small"]
    np.testing.assert_allclose(found.kept, [1, 0, 1])
    assert found.largest_move == (1, 0, 2)


def test_more_segments_count_on():
    found = compare(FIRST, np.array([3, 3, 3, 1, 1, 2, 0]))
    assert found.numbers.tolist() == [0, 1, 2, 3]
    assert found.order.tolist()[:2] == [3, 1]
    assert set(found.aligned.tolist()) == {0, 1, 2, 3}
    assert int(found.moved.sum()) == 1


@pytest.mark.parametrize("sizes", [(2, 5), (4, 4), (7, 3)])
def test_share_is_that_of_the_alignment(sizes):
    rng = np.random.default_rng(1)
    first, second = (rng.permutation(np.arange(200) % k) for k in sizes)
    found = compare(first, second)
    best = linear_sum_assignment(contingency(first, second), maximize=True)
    alike = contingency(first, second)[best].sum()
    assert found.share_alike == pytest.approx(alike / 200)
    assert found.counts.sum() == 200


def test_nobody_moves_between_equal_segmentations():
    assert compare(FIRST, (FIRST + 1) % 3).largest_move is None
