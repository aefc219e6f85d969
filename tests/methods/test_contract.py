"""What every registered method has to fulfil."""

import inspect
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from segmentation.data.schema import FEATURE_NAMES, DataError
from segmentation.methods.autoencoder import import_keras
from segmentation.methods.registry import METHODS
from segmentation.methods.result import SegmentationResult
from segmentation.quality.metrics import METRICS

QUICK = {"neural": {"epochs": 3}}


def make(key, **changes):
    return METHODS[key](**(QUICK.get(key, {}) | changes))


@pytest.fixture(scope="module", params=list(METHODS))
def key(request):
    return request.param


@pytest.fixture(scope="module")
def fitted(key, customers):
    if key == "neural":
        import_keras()  # importing Keras draws from the global generator once
    before = customers.copy(deep=True)
    state = np.random.get_state()  # noqa: NPY002
    model = make(key).fit(customers)
    np.testing.assert_array_equal(np.random.get_state()[1], state[1])  # noqa: NPY002
    pd.testing.assert_frame_equal(customers, before)
    return model


def test_constructor_only_assigns_what_the_form_offers(key):
    signature = inspect.signature(METHODS[key].__init__).parameters
    model = METHODS[key]()
    for parameter in METHODS[key].spec.parameters:
        assert signature[parameter.name].default == parameter.default
        parameter.check(getattr(model, parameter.name))
    assert METHODS[key](**model.get_params()).get_params() == model.get_params()


def test_memberships_are_a_partition(fitted, customers):
    memberships = fitted.predict_proba(customers)
    assert memberships.shape == (len(customers), 4)
    assert (memberships >= 0).all()
    np.testing.assert_allclose(memberships.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_array_equal(fitted.predict(customers), memberships.argmax(axis=1))
    np.testing.assert_array_equal(fitted.predict(customers), fitted.labels_)
    np.testing.assert_allclose(memberships, fitted.memberships_, atol=1e-6)


def test_segments_are_ordered_by_revenue(fitted, customers):
    revenue = customers["total_revenue"].groupby(fitted.labels_).mean()
    assert revenue.is_monotonic_decreasing
    assert len(revenue) == 4


def test_prediction_does_not_depend_on_the_other_rows(fitted, customers):
    alone = np.concatenate([fitted.predict_proba(customers.iloc[[row]]) for row in range(5)])
    np.testing.assert_allclose(alone, fitted.predict_proba(customers)[:5], atol=1e-5)


def test_labels_do_not_depend_on_the_order_of_customers(key, fitted, customers):
    order = np.random.default_rng(1).permutation(len(customers))
    shuffled = make(key).fit(customers.iloc[order].reset_index(drop=True))
    np.testing.assert_array_equal(shuffled.labels_, fitted.labels_[order])


def test_centers_are_in_original_units(fitted, customers):
    centers = fitted.get_cluster_centers()
    assert list(centers.columns) == fitted.preprocessing_.used_
    for name in centers:
        low, high = customers[name].min() - 1e-9, customers[name].max() + 1e-9
        assert centers[name].between(low, high).all()


def test_metrics_have_a_direction(fitted, customers):
    metrics = fitted.evaluate(customers)
    assert set(metrics) <= set(METRICS)
    assert np.isfinite(list(metrics.values())).all()
    assert -1 <= metrics["silhouette_score"] <= 1


def test_result_survives_the_way_through_files(fitted, customers, tmp_path):
    result = fitted.result(customers)
    result.save(tmp_path)
    loaded = SegmentationResult.load(tmp_path)
    np.testing.assert_array_equal(loaded.memberships, result.memberships)
    np.testing.assert_array_equal(loaded.customer_ids, customers["customer_id"])
    pd.testing.assert_frame_equal(loaded.centers, result.centers)
    assert loaded.columns == result.columns
    assert loaded.scores.keys() == result.scores.keys()
    for name, values in result.scores.items():
        np.testing.assert_array_equal(loaded.scores[name], values)
    assert loaded.metrics == result.metrics
    assert loaded.parameters == result.parameters
    assert loaded.features == fitted.preprocessing_.used_
    assert loaded.sizes.sum() == len(customers)


def test_label_and_profile_columns_never_enter_the_distance(fitted):
    assert set(fitted.preprocessing_.used_) <= set(FEATURE_NAMES)


@pytest.mark.parametrize("n_clusters", [1, 13, 2.5, True, "4"])
def test_a_parameter_out_of_range_is_explained(key, customers, n_clusters):
    with pytest.raises(ValueError, match="n_clusters must be a whole number from 2 to 12"):
        make(key, n_clusters=n_clusters).fit(customers)


def test_too_few_different_customers_are_an_error(key, customers):
    table = customers.iloc[np.zeros(50, dtype=int)].reset_index(drop=True)
    table.loc[0, ["total_revenue", "total_purchases"]] += 1
    with pytest.raises(DataError, match="only 2 customers differ.*Ask for at most 2 segments"):
        make(key).fit(table)


def test_few_customers_per_segment_are_a_warning(key, customers):
    model = make(key).fit(customers.iloc[:30])
    assert "30 customers are few for 4 segments" in model.warnings_[0]


def test_a_missing_number_is_named(key, customers):
    table = customers.copy()
    table.loc[7, "recency_days"] = np.nan
    with pytest.raises(DataError, match='Column "recency_days", row 8: holds .*nan'):
        make(key).fit(table)


def test_progress_ends_within_bounds(key, customers):
    seen = []
    make(key).fit(customers, progress=lambda fraction, text: seen.append(fraction))
    assert all(0 <= fraction <= 1 for fraction in seen)
    assert seen == sorted(seen)


SCRIPT = """
import sys
from segmentation.data.generator import RetailDataGenerator
from segmentation.methods.registry import METHODS
customers = RetailDataGenerator(seed=42).generate_customer_data(300)
parameters = {"epochs": 3} if sys.argv[1] == "neural" else {}
model = METHODS[sys.argv[1]](**parameters).fit(customers)
sys.stdout.write("".join(map(str, model.labels_)))
"""


ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "LOKY_MAX_CPU_COUNT": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}


@pytest.mark.parametrize("threads", [{}, ONE_THREAD], ids=["all threads", "one thread"])
def test_the_same_seed_gives_the_same_labels_in_another_process(key, fitted, threads):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, key],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | threads,
    )
    assert done.stdout == "".join(map(str, fitted.labels_))
