"""Gaussian mixtures on arrays and blocks, against scikit-learn and by definition."""

import tracemalloc
import warnings

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from sklearn.utils.estimator_checks import parametrize_with_checks

from segmentation.data import blocks
from segmentation.data.blocks import ArrayBlocks
from segmentation.methods import mixture, mixture_em
from segmentation.methods.mixture import BlockGaussianMixture
from segmentation.methods.mixture_em import COVARIANCE_TYPES, EM, Components, count_parameters

# No exclusions: every check of scikit-learn passes.


@parametrize_with_checks([BlockGaussianMixture()])
def test_scikit_learns_conventions(estimator, check):
    check(estimator)


def overlapping(n, k=3, d=4, seed=0):
    rng = np.random.default_rng(seed)
    means = 2.5 * rng.normal(size=(k, d))
    mixing = 0.6 * rng.normal(size=(k, d, d))
    which = rng.integers(k, size=n)
    return means[which] + np.einsum("nij,nj->ni", mixing[which], rng.normal(size=(n, d)))


@pytest.fixture(scope="module")
def many():
    return overlapping(50_000)


def start(rows, k):
    chosen = rows[np.random.default_rng(1).choice(len(rows), k, replace=False)]
    return Components(np.full(k, 1 / k), chosen, np.stack([np.cov(rows.T)] * k))


@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
def test_small_data_get_scikit_learns_fit(covariance_type):
    # Rows are put into an order of their own before a fit; these already stand in it.
    rows = ArrayBlocks(overlapping(600)).sample(600, np.random.default_rng(0))
    settings = {"covariance_type": covariance_type, "n_init": 2, "reg_covar": 0.01}
    ours = BlockGaussianMixture(3, random_state=5, **settings).fit(rows)
    peer = GaussianMixture(3, random_state=5, **settings).fit(rows)
    for name in ("weights_", "means_", "covariances_", "precisions_cholesky_", "lower_bound_"):
        np.testing.assert_allclose(getattr(ours, name), getattr(peer, name))
    np.testing.assert_allclose(ours.predict_proba(rows), peer.predict_proba(rows), atol=1e-12)
    np.testing.assert_allclose(ours.score_samples(rows), peer.score_samples(rows), atol=1e-11)
    np.testing.assert_array_equal(ours.predict(rows), peer.predict(rows))
    for name in ("score", "bic", "aic"):
        assert getattr(ours, name)(rows) == pytest.approx(getattr(peer, name)(rows))


@pytest.mark.parametrize("n_rows", [3, 127, 129, 3_000])
@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
def test_steps_are_scikit_learns(covariance_type, n_rows):
    rows = overlapping(max(n_rows, 40), d=3)
    begin = start(rows, 3)
    blocks_of = ArrayBlocks(rows[:n_rows])
    # One step of our own gives the start the shape of the type; three follow in both.
    moved = EM(3, covariance_type, 0.05, 1).run(blocks_of, begin, 0.0).components
    fit = EM(3, covariance_type, 0.05, 3).run(blocks_of, moved, 0.0)
    peer = GaussianMixture(
        3,
        covariance_type=covariance_type,
        reg_covar=0.05,
        max_iter=3,
        tol=0.0,
        weights_init=moved.weights,
        means_init=moved.means,
        precisions_init=mixture_em.shaped(np.linalg.inv(moved.covariances), covariance_type),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        peer.fit(rows[:n_rows])
    np.testing.assert_allclose(fit.components.weights, peer.weights_, rtol=1e-9)
    np.testing.assert_allclose(fit.components.means, peer.means_, rtol=1e-8, atol=1e-10)
    found = mixture_em.shaped(fit.components.covariances, covariance_type)
    np.testing.assert_allclose(found, peer.covariances_, rtol=1e-8, atol=1e-10)
    assert fit.log_likelihood == pytest.approx(peer.lower_bound_, rel=1e-10)


@pytest.mark.parametrize("n_rows", [600, 30_000])
def test_order_of_rows_does_not_matter(n_rows):
    rows = overlapping(n_rows)
    turned = rows[::-1].copy()
    one = BlockGaussianMixture(3, reg_covar=0.01, random_state=0).fit(rows)
    two = BlockGaussianMixture(3, reg_covar=0.01, random_state=0).fit(turned)
    np.testing.assert_array_equal(one.predict(rows), two.predict(rows))


def test_densities_by_definition():
    rows = overlapping(300)
    components = start(rows, 2)
    joint = np.stack(
        [
            w * multivariate_normal(m, c).pdf(rows)
            for w, m, c in zip(*vars(components).values(), strict=True)
        ],
        axis=1,
    )
    shares, densities = components.densities(rows)
    np.testing.assert_allclose(shares, joint / joint.sum(axis=1, keepdims=True), atol=1e-13)
    np.testing.assert_allclose(densities, np.log(joint.sum(axis=1)), atol=1e-12)


def test_far_away_rows_have_finite_densities():
    components = Components(np.full(2, 0.5), np.array([[0.0], [1.0]]), np.ones((2, 1, 1)))
    shares, densities = components.densities(np.array([[1e8], [-1e8], [0.5]]))
    np.testing.assert_allclose(shares, [[0, 1], [1, 0], [0.5, 0.5]], atol=1e-300)
    assert np.isfinite(densities).all()


@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
def test_large_data_fit_as_well_as_scikit_learns_best_start(many, covariance_type):
    settings = {"covariance_type": covariance_type, "reg_covar": 0.01, "random_state": 0}
    ours = BlockGaussianMixture(3, n_init=10, max_iter=500, **settings).fit(many)
    peer = GaussianMixture(3, n_init=3, max_iter=500, tol=1e-5, **settings).fit(many)
    assert ours.converged_
    assert ours.score(many) >= peer.score(many) - 1e-4
    assert ours.covariances_.shape == peer.covariances_.shape
    np.testing.assert_allclose(ours.precisions_cholesky_.shape, peer.precisions_cholesky_.shape)
    assert ours.n_parameters_ == peer._n_parameters()
    assert ours.bic(many) <= peer.bic(many) + 2e-4 * len(many)
    assert ours.lower_bound_ == pytest.approx(ours.score(many), abs=1e-4)


def test_number_of_threads_does_not_matter(many, monkeypatch):
    fits = []
    for n_threads in (1, 2):
        for module in (blocks, mixture):
            monkeypatch.setattr(module, "cpu_count", lambda n=n_threads: n)
        model = BlockGaussianMixture(3, n_init=3, random_state=1).fit(many)
        fits.append((model.means_, model.covariances_, model.predict_proba(many)))
    for one, two in zip(*fits, strict=True):
        np.testing.assert_array_equal(one, two)


class Streamed:
    """Blocks that are never together in memory."""

    def __init__(self, rows):
        self.whole = ArrayBlocks(rows)
        self.n_rows, self.n_columns = rows.shape

    def __iter__(self):
        for block in self.whole:
            yield block.copy()

    def sample(self, n, rng):
        return self.whole.sample(n, rng)


def test_streamed_blocks_fit_the_same(many):
    streamed = BlockGaussianMixture(3, random_state=1).fit_blocks(Streamed(many))
    whole = BlockGaussianMixture(3, random_state=1).fit(many)
    np.testing.assert_array_equal(streamed.means_, whole.means_)
    assert streamed.n_features_in_ == 4


def test_memory_of_a_fit_is_less_than_the_memberships_allow():
    rows = overlapping(700_000)
    BlockGaussianMixture(3, random_state=1).fit(rows[:30_000])
    tracemalloc.start()
    model = BlockGaussianMixture(3, random_state=1).fit(rows)
    memberships = model.predict_proba(rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5 * memberships.nbytes


def test_too_few_steps_are_a_warning(many):
    with pytest.warns(ConvergenceWarning, match="did not converge"):
        model = BlockGaussianMixture(3, max_iter=1, random_state=1).fit(many)
    assert not model.converged_


def test_a_collapse_without_a_floor_is_explained():
    rows = np.repeat(np.eye(3), 10_000, axis=0)
    with pytest.raises(ValueError, match="raise reg_covar"):
        BlockGaussianMixture(3, reg_covar=0.0, random_state=1).fit(rows)


@pytest.mark.parametrize(("kind", "expected"), [
    ("full", 3 * 10 + 12 + 2), ("tied", 10 + 12 + 2), ("diag", 12 + 12 + 2), ("spherical", 17),
])  # fmt: skip
def test_parameters_by_hand(kind, expected):
    assert count_parameters(3, 4, kind) == expected
