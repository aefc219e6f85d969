import numpy as np
import pandas as pd

from segmentation.quality.projection import project, segment_shapes


def test_shapes_are_weighted_means_and_covariances():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(40, 2)) + 100
    memberships = rng.dirichlet(np.ones(3), 40)
    means, covariances = segment_shapes(points.astype(np.float32), memberships)
    for segment, weights in enumerate(memberships.T):
        np.testing.assert_allclose(means[segment], np.average(points, axis=0, weights=weights))
        expected = np.cov(points.T, aweights=weights, ddof=0)
        np.testing.assert_allclose(covariances[segment], expected, atol=1e-4)


def test_crisp_shapes_are_those_of_the_customers_and_empty_ones_are_points():
    points = np.array([[0.0, 0.0], [2.0, 0.0], [5.0, 5.0]])
    means, covariances = segment_shapes(points, np.eye(3)[[0, 0, 1]])
    assert means.tolist() == [[1, 0], [5, 5], [0, 0]]
    assert covariances[0].tolist() == [[1, 0], [0, 0]]
    assert not covariances[1:].any()


def test_a_single_feature_still_makes_a_plane():
    customers = pd.DataFrame({"customer_id": list("abcd"), "x": [1, 2, 3, 4], "same": [1, 1, 1, 1]})
    found = project(customers)
    assert found.coordinates.shape == (4, 2)
    assert found.explained.tolist() == [1, 0]
    assert found.loadings.shape == (1, 2)
