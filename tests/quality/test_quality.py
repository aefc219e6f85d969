import numpy as np
import pytest
from sklearn.metrics import silhouette_score

from segmentation.quality.agreement import (
    agreement_matrix,
    align,
    contingency,
    share_placed_alike,
)
from segmentation.quality.metrics import common_metrics, partition_coefficient, partition_entropy
from segmentation.quality.projection import project

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


def test_large_silhouettes_are_sampled_with_the_seed():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 8_000)
    scaled = rng.normal(size=(8_000, 2)) + 5 * labels[:, None]
    one, again = (common_metrics(scaled, labels, 1)["silhouette_score"] for _ in range(2))
    assert one == again
    assert one == pytest.approx(silhouette_score(scaled, labels), abs=0.02)


def test_alignment_faces_partners():
    second = np.array([2, 2, 0, 0, 1, 3])
    assert contingency(FIRST, second).tolist() == [[0, 0, 2, 0], [2, 0, 0, 0], [0, 1, 0, 1]]
    assert align(FIRST, second).tolist() == [2, 0, 1, 3]
    assert share_placed_alike(FIRST, second) == pytest.approx(5 / 6)


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
