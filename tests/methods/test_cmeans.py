"""Fuzzy c-means on arrays: conventions, definition, and the optimum of scikit-fuzzy."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from skfuzzy.cluster import cmeans
from sklearn.utils.estimator_checks import parametrize_with_checks

from segmentation.data import blocks as blocks_module
from segmentation.data.blocks import ArrayBlocks
from segmentation.methods.cmeans import SAMPLE, FuzzyCMeans, _Descent, memberships_of
from segmentation.methods.cmeans_kernels import TILE, fuzzy_sums

FUZZIFIERS = [1.013, 1.05, 1.6, 2.0, 3.3, 5.0]


@parametrize_with_checks([FuzzyCMeans(3), FuzzyCMeans(3, m=1.4, noise=2.0)])
def test_scikit_learn_accepts_the_estimator(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def many() -> np.ndarray:
    """Overlapping groups, more rows than the library's own fit is used for."""
    rng = np.random.default_rng(7)
    means = rng.normal(scale=2, size=(4, 5))
    return means[rng.integers(4, size=SAMPLE + 15_001)] + rng.normal(size=(SAMPLE + 15_001, 5))


def by_definition(rows, centers, m):
    """Memberships and squared distances, in logarithms."""
    squared = cdist(rows, centers, "sqeuclidean")
    logs = -np.log(squared) / (m - 1)
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True), squared


def reached(rows, centers, m):
    """Objective at centres."""
    memberships, squared = by_definition(rows, centers, m)
    return (memberships**m * squared).sum()


@pytest.mark.parametrize("m", FUZZIFIERS)
@pytest.mark.parametrize("n_rows", [1, TILE, TILE + 3])
def test_kernels_equal_the_definition(m, n_rows):
    rng = np.random.default_rng(1)
    rows, centers = rng.normal(size=(n_rows, 7)), rng.normal(size=(4, 7))
    expected, squared = by_definition(rows, centers, m)
    np.testing.assert_allclose(memberships_of(rows, centers, m), expected, rtol=1e-10, atol=1e-250)
    sums = fuzzy_sums(rows, centers, m, np.inf)
    weights = expected**m
    np.testing.assert_allclose(sums[:4, :7], weights.T @ rows, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(sums[:4, 7], weights.sum(axis=0), rtol=1e-9, atol=1e-250)
    assert sums[4, 7] == pytest.approx((weights * squared).sum(), rel=1e-12)
    assert sums[4, 0] == pytest.approx((expected**2).sum(), rel=1e-12)


@pytest.mark.parametrize("m", FUZZIFIERS)
def test_a_row_on_a_centre_belongs_to_it_alone(m):
    centers = np.array([[0.0, 0.0], [3.0, 4.0], [1e6, -1e6]])
    np.testing.assert_allclose(memberships_of(centers, centers, m), np.eye(3), atol=1e-12)
    twins = memberships_of(centers[:1], centers[[0, 0, 1]], m)
    np.testing.assert_allclose(twins, [[0.5, 0.5, 0]], atol=1e-12)


def test_few_rows_give_the_librarys_own_result(many):
    rows = many[:400]
    model = FuzzyCMeans(3, m=1.7, n_init=1, random_state=5).fit(rows)
    rng = np.random.default_rng(5)
    ordered = ArrayBlocks(rows).sample(SAMPLE, rng)
    first = rng.dirichlet(np.ones(3), size=400).T
    centers, _, _, _, objectives, n_steps, _ = cmeans(ordered.T, 3, 1.7, 0.005, 150, init=first)
    np.testing.assert_array_equal(model.cluster_centers_, centers)
    assert model.objective_ == objectives[-1]
    assert model.n_iter_ == n_steps


@pytest.mark.parametrize("m", [1.05, 1.6, 2.0])
def test_many_rows_reach_the_optimum_of_the_library(many, m):
    model = FuzzyCMeans(4, m=m).fit(many)
    first = memberships_of(many, model.cluster_centers_, m).T
    centers, *_ = cmeans(many.T, 4, m, 1e-5, 40, init=first)
    ours, best = reached(many, model.cluster_centers_, m), reached(many, centers, m)
    assert ours <= best * (1 + 1e-8)
    assert model.objective_ == pytest.approx(ours, rel=1e-9)
    assert model.n_iter_ < 20
    memberships = model.predict_proba(many)
    np.testing.assert_array_equal(model.labels_, memberships.argmax(axis=1))
    assert model.partition_coefficient_ == pytest.approx(
        (memberships**2).sum() / len(many), rel=1e-3
    )


def test_from_a_random_start_the_library_does_no_better(many):
    rows = many[: SAMPLE + 1, :3]
    first = np.random.default_rng(0).dirichlet(np.ones(4), size=len(rows)).T
    centers, *_ = cmeans(rows.T, 4, 2.0, 0.005, 150, init=first)
    model = FuzzyCMeans(4).fit(rows)
    assert reached(rows, model.cluster_centers_, 2.0) <= reached(rows, centers, 2.0) * (1 + 1e-6)


class Streamed:
    """Blocks that cannot be had at once."""

    def __init__(self, rows):
        self.inner = ArrayBlocks(rows)
        self.n_rows, self.n_columns = rows.shape

    def __iter__(self):
        return (block.copy() for block in self.inner)

    def sample(self, n, rng):
        return self.inner.sample(n, rng)


def test_streamed_rows_and_one_core_give_the_same_to_the_last_bit(many, monkeypatch):
    model = FuzzyCMeans(4).fit(many)
    streamed = FuzzyCMeans(4).fit_blocks(Streamed(many))
    np.testing.assert_array_equal(streamed.cluster_centers_, model.cluster_centers_)
    monkeypatch.setattr(blocks_module, "cpu_count", lambda: 1)
    alone = FuzzyCMeans(4).fit(many)
    np.testing.assert_array_equal(alone.cluster_centers_, model.cluster_centers_)
    np.testing.assert_array_equal(alone.labels_, model.labels_)


def test_labels_of_many_rows_do_not_depend_on_their_order(many):
    order = np.random.default_rng(2).permutation(len(many))
    model, shuffled = FuzzyCMeans(4).fit(many), FuzzyCMeans(4).fit(many[order])
    np.testing.assert_allclose(shuffled.cluster_centers_, model.cluster_centers_, atol=1e-9)
    np.testing.assert_array_equal(shuffled.labels_, model.labels_[order])


@pytest.mark.parametrize("m", [1.5, 2.0])
def test_rows_that_belong_nowhere_go_to_the_noise_cluster(many, m):
    rows = many[:3_000].copy()
    rows[:30] += 60 * np.random.default_rng(3).choice([-1, 1], size=(30, 5))
    model = FuzzyCMeans(4, m=m, noise=1.0).fit(rows)
    assert model.noise_[:30].min() > 0.9
    assert np.median(model.noise_[30:]) < 0.5
    memberships = model.predict_proba(rows)
    np.testing.assert_allclose(memberships.sum(axis=1) + model.noise_share(rows), 1, atol=1e-12)
    # Dave's definition, the noise cluster being one more distance.
    squared = np.column_stack([cdist(rows, model.cluster_centers_, "sqeuclidean"), rows[:, 0] * 0])
    squared[:, -1] = model.delta_
    weights = squared ** (-1 / (m - 1))
    np.testing.assert_allclose(memberships, (weights / weights.sum(1, keepdims=True))[:, :-1])
    # Without their pull, the centres stay with the rest.
    assert np.abs(model.cluster_centers_).max() < 8
    assert not FuzzyCMeans(4).fit(rows[:100]).noise_share(rows).round(12).any()


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"n_clusters": 0}, "n_clusters must be a whole number of at least 1"),
        ({"n_init": 2.5}, "n_init must be a whole number"),
        ({"max_iter": True}, "max_iter must be a whole number"),
        ({"m": 1}, "m must be a number above 1"),
        ({"m": "auto"}, "m must be a number above 1"),
        ({"m": np.nan}, "m must be a number above 1"),
        ({"error": 0}, "error must be a number above 0"),
        ({"noise": -1.0}, "noise must be a number above 0"),
        ({"n_clusters": 11}, "n_clusters=11 clusters need as many rows; got n_samples=10"),
    ],
)
def test_parameters_out_of_range_are_explained(changes, rule):
    with pytest.raises(ValueError, match=rule):
        FuzzyCMeans(**({"n_clusters": 2} | changes)).fit(np.arange(20.0).reshape(10, 2))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("m", [1.05, 5.0])
def test_extreme_rows_stay_finite(many, m):
    rows = np.vstack([many, np.full((2, 5), 1e7), np.repeat(many[:1], 3_000, axis=0)])
    model = FuzzyCMeans(12, m=m).fit(rows)
    assert np.isfinite(model.cluster_centers_).all()
    np.testing.assert_allclose(model.predict_proba(rows).sum(axis=1), 1, atol=1e-12)


def test_an_overshooting_step_is_taken_back():
    descent = _Descent(np.zeros((1, 1)))
    descent.take(np.array([[2.0, 1.0], [1.0, 10.0]]), 1)
    assert (descent.centers.item(), descent.objective) == (2.0, 6.0)
    before = descent.decrease
    descent.at = np.array([[50.0]])
    descent.take(np.array([[2.0, 1.0], [1.0, 99.0]]), 1)
    assert descent.at.item() == 2.0
    assert (descent.objective, descent.decrease) == (6.0, before)


def test_progress_is_reported(many):
    seen = []
    FuzzyCMeans(4, n_init=2).fit_blocks(ArrayBlocks(many), lambda done, text: seen.append(done))
    assert seen == sorted(seen)
    assert seen[-1] == 1
