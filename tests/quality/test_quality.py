import numpy as np
import pytest
from sklearn.metrics import silhouette_score

from segmentation.quality.agreement import agreement_matrix, align, compare, contingency
from segmentation.quality.metrics import common_metrics, partition_coefficient, partition_entropy
from segmentation.quality.projection import project
from segmentation.quality.silhouette import silhouette

FIRST = np.array([0, 0, 1, 1, 2, 2])


def test_partition_indices_by_hand():
    memberships = np.array([[1.0, 0.0], [0.5, 0.5]])
    assert partition_coefficient(memberships) == pytest.approx(0.75)
    assert partition_entropy(memberships) == pytest.approx(np.log(2) / 2)


def test_common_metrics_need_two_segments():
    scaled = np.random.default_rng(0).normal(size=(6, 2))
    assert np.isnan(common_metrics(scaled, np.zeros(6, dtype=int), 0)["silhouette_score"])
    metrics = common_metrics(scaled, FIRST, 0)
    assert metrics["silhouette_score"] == pytest.approx(silhouette_score(scaled, FIRST))


@pytest.fixture(scope="module")
def many():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], [5_900, 2_090, 10])
    return rng.normal(size=(8_000, 2)) + 3 * labels[:, None], labels


def test_large_silhouettes_are_sampled_with_the_seed(many):
    scaled, labels = many
    (one, error), again = (silhouette(scaled, labels, 1) for _ in range(2))
    assert (one, error) == again
    exact = silhouette_score(scaled, labels)
    assert abs(one - exact) < 4 * error
    assert 0 < error < 0.01


def test_the_standard_error_of_the_silhouette_is_the_spread_over_samples(many):
    scaled, labels = many
    drawn = np.array([silhouette(scaled, labels, seed) for seed in range(12)])
    # A sample of 5,000 of 8,000 varies less than the error says, which counts drawing from all.
    assert drawn[:, 0].std() < 1.5 * drawn[:, 1].mean()


def test_small_silhouettes_are_exact():
    scaled = np.random.default_rng(0).normal(size=(6, 2))
    assert silhouette(scaled, FIRST, 0) == (pytest.approx(silhouette_score(scaled, FIRST)), 0.0)


def test_alignment_faces_partners():
    second = np.array([2, 2, 0, 0, 1, 3])
    assert contingency(FIRST, second).tolist() == [[0, 0, 2, 0], [2, 0, 0, 0], [0, 1, 0, 1]]
    assert align(FIRST, second).tolist() == [2, 0, 1, 3]
    assert compare(FIRST, second).share_alike == pytest.approx(5 / 6)


def test_agreement_is_one_for_renamed_segments():
    matrix = agreement_matrix([FIRST, (FIRST + 1) % 3, np.array([0, 1, 0, 1, 0, 1])])
    assert matrix[0, 1] == pytest.approx(1)
    assert matrix[0, 2] < 0.1
    np.testing.assert_array_equal(matrix, matrix.T)


def test_projection_is_the_singular_value_decomposition(customers):
    from segmentation.data.preprocessing import CustomerPreprocessing

    projection = project(customers)
    scaled = CustomerPreprocessing().fit(customers).apply(customers)
    _, values, _ = np.linalg.svd(scaled, full_matrices=False)
    np.testing.assert_allclose(projection.explained, (values**2 / (values**2).sum())[:3])
    np.testing.assert_allclose(
        projection.coordinates, scaled @ projection.loadings, rtol=1e-4, atol=1e-4
    )
    assert projection.coordinates.dtype == np.float32
