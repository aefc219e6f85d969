"""The Gaussian mixture on customers: what it reports, and the choice of components."""

import numpy as np
import pandas as pd
import pytest
from sklearn.mixture import GaussianMixture

from segmentation.data.generator import RetailDataGenerator
from segmentation.methods.gmm import GMMCustomerSegmentation
from segmentation.methods.mixture_em import COVARIANCE_TYPES
from segmentation.quality.metrics import METRICS
from segmentation.quality.mixture_choice import best, icl, parsimonious, verdict

TWO = {"features": ["spent", "visits"], "transform": "identity"}


def customers_of(*groups, seed=0):
    """Return customers in groups of (n, mean spent, mean visits, deviation of visits)."""
    rng = np.random.default_rng(seed)
    parts = [
        np.column_stack([rng.normal(spent, 1, n), rng.normal(visits, sd, n)])
        for n, spent, visits, sd in groups
    ]
    return pd.DataFrame(np.concatenate(parts), columns=["spent", "visits"])


HEALTHY = customers_of((300, 0, 0, 1), (300, 8, 8, 1))
ATOM = customers_of((300, 0, 1, 0), (300, 8, 8, 1))
TINY = customers_of((600, 0, 0, 1), (6, 40, 40, 1))


@pytest.mark.parametrize(
    ("table", "settings", "words"),
    [
        (HEALTHY, {}, None),
        (ATOM, {"reg_covar": 0.01}, r"Segment \d has collapsed onto customers .* in visits.*more "),
        (TINY, {}, r"smallest component holds 1.0% of customers\. Ask for fewer segments"),
        (HEALTHY, {"max_iter": 1}, r"not converged after 1 steps\. Allow more iterations"),
    ],
)
def test_warnings_come_with_their_cure(table, settings, words):
    model = GMMCustomerSegmentation(2, **TWO | settings).fit(table)
    if words is None:
        assert model.warnings_ == []
    else:
        found = pd.Series(model.warnings_)
        assert found.str.contains(words).sum() == 1


def test_the_collapsed_segment_is_the_one_of_equal_customers():
    model = GMMCustomerSegmentation(2, reg_covar=0.01, **TWO).fit(ATOM)
    number = int(model.predict(ATOM.iloc[:1])[0]) + 1
    assert f"Segment {number} has" in model.warnings_[0]


def test_columns_that_determine_each_other_are_no_collapse():
    table = HEALTHY.assign(visits=2 * HEALTHY["spent"])
    model = GMMCustomerSegmentation(2, **TWO).fit(table)
    assert model.evaluate(table)["smallest_eigenvalue"] == pytest.approx(0.1, rel=1e-6)
    assert model.warnings_ == []


def test_metrics_against_scikit_learn():
    model = GMMCustomerSegmentation(2, **TWO).fit(HEALTHY)
    metrics = model.evaluate(HEALTHY)
    scaled = model.preprocessing_.apply(HEALTHY)
    peer = GaussianMixture(2, reg_covar=0.1, n_init=10, random_state=42).fit(scaled)
    p = peer.predict_proba(scaled)
    assert metrics["bic"] == pytest.approx(peer.bic(scaled))
    assert metrics["aic"] == pytest.approx(peer.aic(scaled))
    assert metrics["log_likelihood"] == pytest.approx(peer.score(scaled))
    entropy = -np.sum(p * np.log(np.maximum(p, 1e-300)))
    assert metrics["icl"] == pytest.approx(peer.bic(scaled) + 2 * entropy)
    expected = np.linalg.eigvalsh(peer.covariances_).min()
    assert metrics["smallest_eigenvalue"] == pytest.approx(expected)
    assert metrics["smallest_weight"] == pytest.approx(peer.weights_.min())
    assert set(metrics) <= set(METRICS)


def test_icl_by_hand():
    assert icl(10, np.array([[0.5, 0.5], [1.0, 0.0]])) == pytest.approx(10 + 2 * np.log(2))


@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
def test_large_data_need_no_more_than_blocks(covariance_type, recwarn):
    table = RetailDataGenerator(seed=1).generate_customer_data(40_000)
    model = GMMCustomerSegmentation(4, covariance_type, n_init=3).fit(table)
    assert not [w for w in recwarn if not issubclass(w.category, DeprecationWarning)]
    assert (np.bincount(model.labels_, minlength=4) > 0).all()
    assert np.isfinite(list(model.evaluate(table).values())).all()


def test_table_of_criteria_is_scikit_learns_at_its_best_start():
    model = GMMCustomerSegmentation(2, **TWO).fit(HEALTHY)
    seen = []
    table = model.bic_table(
        HEALTHY, (1, 2, 3), progress=lambda fraction, text: seen.append(fraction)
    )
    assert list(table.columns) == ["n_clusters", "covariance_type", "bic", "aic", "icl"]
    assert len(table) == 12
    assert seen == sorted(seen)
    assert seen[-1] == 1
    scaled = model.preprocessing_.apply(HEALTHY)
    for row in table[table["n_clusters"] < 3].itertuples():
        peer = GaussianMixture(
            row.n_clusters, covariance_type=row.covariance_type, reg_covar=0.1, random_state=0
        ).fit(scaled)
        assert row.bic == pytest.approx(peer.bic(scaled), rel=1e-3)
        assert row.aic == pytest.approx(peer.aic(scaled), rel=1e-3)
        expected = icl(peer.bic(scaled), peer.predict_proba(scaled))
        assert row.icl == pytest.approx(expected, rel=1e-3)
    again = model.bic_table(HEALTHY, (1, 2, 3))
    pd.testing.assert_frame_equal(table, again)


def test_table_of_many_customers_uses_a_sample():
    model = GMMCustomerSegmentation(2, **TWO).fit(HEALTHY)
    sampled = model.bic_table(HEALTHY, (1,), ("full",), max_customers=100)["bic"].item()
    assert sampled == pytest.approx(
        model.bic_table(HEALTHY, (1,), ("full",))["bic"].item() / 6, rel=0.15
    )


def curves(values, kind="full"):
    ks = range(1, len(values) + 1)
    return pd.DataFrame({"n_clusters": ks, "covariance_type": kind, "bic": values, "icl": values})


@pytest.mark.parametrize(
    ("values", "k", "few", "words"),
    [
        ([100, 10, 1.0, 0, 5], 4, 3, "with 4 components; 3 are nearly as good"),
        ([100, 10, 0, 1, 5], 3, 3, "BIC is lowest for full covariance with 3 components"),
        ([100, 10, 5, 1, 0], 5, 4, "BIC keeps improving up to 5 components: it has no best value"),
        ([0, 1, 2], 1, 1, "lowest for a single component: by it there are no segments"),
    ],
)
def test_choice_of_components(values, k, few, words):
    worse = curves([value + 1 for value in values], "diag")
    table = pd.concat([worse, curves(values)], ignore_index=True)
    assert best(table) == (k, "full")
    assert parsimonious(table) == few
    assert words in verdict(table)
    assert verdict(table, "icl").startswith("ICL")
