"""What fuzzy segmentation promises beyond the contract."""

import numpy as np
import pandas as pd
import pytest

from segmentation.methods.fuzzy import FuzzyCustomerSegmentation, fuzzifier
from segmentation.methods.registry import METHODS


@pytest.mark.parametrize(
    ("n_rows", "n_columns", "expected"),
    [
        (500, 4, 2.0),
        (2_500, 1, 2.0),
        (1_000, 10, 1.338),
        (1_000_000, 28, 1.054),
        # 1 + (1.418 + 22.05) / 36 + 0.25533 * 6 ** -0.39385
        (1_000, 6, 1 + 23.468 / 36 + 0.25533 * 6**-0.393855),
    ],
)
def test_fuzzifier_is_that_of_schwaemmle_and_jensen(n_rows, n_columns, expected):
    assert fuzzifier(n_rows, n_columns) == pytest.approx(expected, abs=1e-3)


def test_auto_is_a_value_of_m_and_the_number_used_is_kept(customers):
    model = FuzzyCustomerSegmentation(3, m="auto").fit(customers)
    n_columns = len(model.preprocessing_.used_)
    assert model.m_ == fuzzifier(len(customers), n_columns)
    assert model.get_params()["m"] == "auto"
    assert model.result(customers).parameters["m"] == "auto"
    assert FuzzyCustomerSegmentation().fit(customers).m_ == 2.0


def test_other_words_are_explained(customers):
    with pytest.raises(ValueError, match="m must be a number from 1.05 to 5 or 'auto'; got 'Auto'"):
        FuzzyCustomerSegmentation(m="Auto").fit(customers)


def test_the_form_proposes_auto_beside_the_published_default():
    (m,) = (p for p in METHODS["fuzzy"].spec.parameters if p.name == "m")
    assert (m.default, m.proposal) == (2.0, "auto")


def table(values: np.ndarray) -> pd.DataFrame:
    names = [f"dept_total_value_{i}" for i in range(values.shape[1])]
    return pd.DataFrame(values, columns=names).assign(
        customer_id=np.arange(len(values)).astype(str)
    )


def fit(values, n_clusters=4, **parameters):
    data = table(values)
    features = [name for name in data if name != "customer_id"]
    model = FuzzyCustomerSegmentation(n_clusters, features=features, **parameters)
    return model.fit(data)


@pytest.fixture(scope="module")
def wide() -> np.ndarray:
    """Forty columns of three groups: too many for m = 2."""
    rng = np.random.default_rng(4)
    means = rng.normal(scale=1.2, size=(3, 40))
    return np.exp(0.3 * (means[np.arange(600) % 3] + rng.normal(size=(600, 40))))


def test_coincident_centres_and_blurred_memberships_are_reported_with_the_cure(wide):
    text = " ".join(fit(wide, 3, m=2.0).warnings_)
    assert "nearly coincide" in text
    assert "Memberships are blurred: customers belong to all 3 segments almost alike" in text
    assert "Choose a fuzzifier m below 2, or ask for fewer segments" in text


def test_the_cure_cures(wide):
    model = fit(wide, 3, m="auto")
    assert model.warnings_ == []
    assert len(np.unique(model.labels_[::3])) == 1


def test_a_fit_that_ran_out_of_steps_is_reported(wide):
    warnings = fit(wide[:, :3], max_iter=2).warnings_
    assert "Stopped after 2 iterations. Allow more iterations." in warnings


def test_noise_leaves_a_partition_and_names_the_strangers():
    rng = np.random.default_rng(0)
    values = np.exp(rng.normal(size=(300, 3)) * 0.3 + 3 * (np.arange(300) % 2)[:, None])
    values[:3] = [1e6, 1e-2, 1e6]
    model = fit(values, 2, noise=1.0)
    data = table(values)
    share = model.noise_share(data)
    assert share[:3].min() > 0.8
    assert np.median(share[3:]) < 0.1
    np.testing.assert_allclose(model.predict_proba(data).sum(axis=1), 1, atol=1e-12)
    assert np.allclose(fit(values, 2).noise_share(data), 0, atol=1e-12)


def test_indices_of_the_partition_are_among_the_metrics(customers):
    metrics = FuzzyCustomerSegmentation().fit(customers).evaluate(customers)
    names = {"modified_partition_coefficient", "xie_beni", "fuzzy_silhouette"}
    assert names <= set(metrics)
    k, coefficient = 4, metrics["partition_coefficient"]
    assert metrics["modified_partition_coefficient"] == pytest.approx((k * coefficient - 1) / 3)
