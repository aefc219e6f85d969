import numpy as np
import pytest

from segmentation.quality.clarity import border_share, clarity, gaps, is_crisp, ranked

SOFT = np.array([[0.5, 0.4, 0.1], [0.2, 0.2, 0.6], [0.0, 1.0, 0.0]])


def test_gaps_by_hand():
    assert gaps(SOFT) == pytest.approx([0.1, 0.4, 1.0])
    assert gaps(np.ones((2, 1))) == pytest.approx([1, 1])


@pytest.mark.parametrize(("limit", "expected"), [(0.2, 1 / 3), (0.5, 2 / 3), (0.05, 0)])
def test_border_share_by_hand(limit, expected):
    assert border_share(SOFT, limit) == pytest.approx(expected)


def test_crisp_means_every_customer():
    assert is_crisp(np.eye(3))
    assert not is_crisp(SOFT)


def test_ranked_keeps_the_order_of_ties():
    assert ranked(SOFT[1]) == [2, 0, 1]


@pytest.mark.parametrize(
    ("confidence", "n_clusters", "word"),
    [
        (1, 4, "Clear"),
        (0.71, 4, "Clear"),  # (0.71 - 0.25) / 0.75 = 0.61
        (0.69, 4, "Some overlap"),
        (0.5, 4, "Much overlap"),
        (0.69, 2, "Some overlap"),  # (0.69 - 0.5) / 0.5 = 0.38
        (0.5, 12, "Some overlap"),
        (1, 1, "Clear"),
    ],
)
def test_clarity_is_measured_from_what_says_nothing(confidence, n_clusters, word):
    assert clarity(confidence, n_clusters) == word
