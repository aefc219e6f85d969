"""What single methods promise beyond the contract."""

import numpy as np
import pytest
from skfuzzy.cluster import cmeans
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import StandardScaler

from segmentation.data.order import canonical_order
from segmentation.data.schema import FEATURE_NAMES
from segmentation.methods.fuzzy import FuzzyCustomerSegmentation
from segmentation.methods.gmm import GMMCustomerSegmentation, uncertainty_metrics
from segmentation.methods.kmeans import KMeansCustomerSegmentation

PUBLISHED = {"features": list(FEATURE_NAMES), "transform": "identity"}


@pytest.fixture(scope="module")
def standardized(customers):
    return StandardScaler().fit_transform(customers[list(FEATURE_NAMES)])


def test_fuzzy_is_the_published_algorithm_on_the_seven_columns(customers, standardized):
    model = FuzzyCustomerSegmentation(4, m=2.0, n_init=1, **PUBLISHED).fit(customers)
    rng = np.random.default_rng(42)
    order = canonical_order(standardized, rng)
    first = rng.dirichlet(np.ones(4), size=len(customers)).T
    centers, memberships, *_ = cmeans(standardized[order].T, 4, 2.0, 0.005, 150, init=first)
    np.testing.assert_allclose(model.centers_, centers, rtol=1e-9)
    # The library's last memberships belong to the centres before the last step.
    expected = memberships.T[:, model._order_]
    np.testing.assert_allclose(model.memberships_[order], expected, atol=0.005)


def test_fuzzy_memberships_equal_the_definition(customers):
    model = FuzzyCustomerSegmentation(3, m=1.6).fit(customers)
    scaled = model.preprocessing_.apply(customers.iloc[:5])
    distance = np.linalg.norm(scaled[:, None] - model.centers_[None], axis=2)
    for row, column in np.ndindex(distance.shape):
        expected = 1 / np.sum((distance[row, column] / distance[row]) ** (2 / (1.6 - 1)))
        assert model._memberships(scaled)[row, column] == pytest.approx(expected)


def test_fuzzy_gives_a_customer_on_a_centre_to_it(customers):
    model = FuzzyCustomerSegmentation(3).fit(customers)
    np.testing.assert_allclose(model._memberships(model.centers_), np.eye(3), atol=1e-12)


def test_mixture_is_scikit_learns(customers, standardized):
    model = GMMCustomerSegmentation(3, n_init=2, reg_covar=1e-6, **PUBLISHED).fit(customers)
    order = canonical_order(standardized, np.random.default_rng(0))
    peer = GaussianMixture(3, n_init=2, random_state=42, max_iter=200).fit(standardized[order])
    np.testing.assert_allclose(
        model.memberships_, peer.predict_proba(standardized)[:, model._order_], atol=1e-9
    )
    metrics = model.evaluate(customers)
    assert metrics["bic"] == pytest.approx(peer.bic(standardized))
    assert metrics["aic"] == pytest.approx(peer.aic(standardized))


def test_kmeans_is_scikit_learns(customers, standardized):
    model = KMeansCustomerSegmentation(3, **PUBLISHED).fit(customers)
    order = canonical_order(standardized, np.random.default_rng(42))
    peer = KMeans(3, n_init=10, random_state=42).fit(standardized[order])
    assert model.evaluate(customers)["inertia"] == pytest.approx(peer.inertia_)


def test_uncertainty_by_hand():
    metrics = uncertainty_metrics(np.array([[0.95, 0.05], [0.8, 0.2], [0.5, 0.5], [1.0, 0.0]]))
    assert metrics["high_confidence_pct"] == pytest.approx(50)
    assert metrics["low_confidence_pct"] == pytest.approx(25)
    assert metrics["mean_confidence"] == pytest.approx(0.8125)
    each = [-(p * np.log(p) + (1 - p) * np.log(1 - p)) for p in (0.95, 0.8, 0.5)]
    assert metrics["mean_entropy"] == pytest.approx(sum(each) / 4)
    assert metrics["normalized_entropy"] == pytest.approx(sum(each) / 4 / np.log(2))


def test_bic_table_covers_every_combination(customers):
    model = GMMCustomerSegmentation(2, n_init=1).fit(customers)
    table = model.bic_table(customers, (1, 2), ("full", "diag"), n_init=1)
    assert len(table) == 4
    best = table[(table.n_clusters == 2) & (table.covariance_type == "full")]
    assert best["bic"].item() == pytest.approx(model.evaluate(customers)["bic"], rel=1e-3)
