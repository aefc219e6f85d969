"""Segments in the code of the network: k-means and joint training."""

import subprocess
import sys

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from segmentation.methods import idec, neural
from segmentation.methods.autoencoder import Autoencoder
from segmentation.methods.idec import refine, sharpened, student_t
from segmentation.methods.neural import NeuralCustomerSegmentation, outlier_bound


@pytest.fixture(scope="module", params=["kmeans", "idec"])
def clustering(request):
    return request.param


@pytest.fixture(scope="module")
def fitted(customers, clustering):
    return NeuralCustomerSegmentation(3, epochs=30, clustering=clustering).fit(customers)


def test_memberships_are_students_t(fitted, customers):
    scaled = fitted.preprocessing_.apply(customers.iloc[:4])
    codes = fitted.network_.encode(scaled)
    distance = np.linalg.norm(codes[:, None] - fitted.latent_centers_[None], axis=2)
    expected = 1 / (1 + distance**2)
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(fitted._memberships(scaled), expected)
    assert set(fitted.history_) == {"loss", "val_loss"}


def test_labels_do_not_depend_on_the_order_of_rows(fitted, customers):
    shuffled = customers.sample(frac=1, random_state=1)
    again = NeuralCustomerSegmentation(**fitted.get_params()).fit(shuffled)
    np.testing.assert_array_equal(again.labels_, fitted.labels_[shuffled.index])


SCRIPT = """
import os, sys
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
from segmentation.data.generator import RetailDataGenerator
from segmentation.methods.neural import NeuralCustomerSegmentation
customers = RetailDataGenerator(seed=42).generate_customer_data(300)
model = NeuralCustomerSegmentation(3, epochs=30, clustering=sys.argv[1]).fit(customers)
sys.stdout.write("".join(map(str, model.labels_)))
"""


def test_labels_are_the_same_on_one_core(fitted, clustering):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, clustering], capture_output=True, text=True, check=True
    )
    assert done.stdout == "".join(map(str, fitted.labels_))


def test_sharpened_by_hand():
    memberships = np.array([[0.8, 0.2], [0.4, 0.6]])
    first = np.array([0.64 / 1.2, 0.04 / 0.8])
    second = np.array([0.16 / 1.2, 0.36 / 0.8])
    expected = [first / first.sum(), second / second.sum()]
    np.testing.assert_allclose(sharpened(memberships), expected)


def test_the_joint_loss_is_reconstruction_plus_a_tenth_of_the_divergence(monkeypatch):
    monkeypatch.setattr(idec, "ROUND_STEPS", 1)
    rows = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    network = Autoencoder(3, 2, seed=0)
    codes = network.encode(rows)
    centers = codes[:3]
    memberships = student_t(((codes[:, None] - centers) ** 2).sum(axis=2))
    target = sharpened(memberships)
    expected = network.errors(rows).mean() + 0.1 * np.mean(
        np.sum(target * np.log(target / memberships), axis=1)
    )
    losses = []
    refine(network, rows, centers, 1, 40, lambda position, loss, moved: losses.append(loss))
    assert losses == [pytest.approx(expected, rel=1e-4)]


def test_joint_training_makes_segments_clearer_and_keeps_the_reconstruction(customers):
    plain, joint = (
        NeuralCustomerSegmentation(3, clustering=name).fit(customers) for name in ("kmeans", "idec")
    )
    assert joint.memberships_.max(axis=1).mean() > plain.memberships_.max(axis=1).mean()
    assert joint.reconstruction_errors(customers).mean() < 0.05
    assert not joint.warnings_


def test_a_joint_training_that_has_not_settled_is_reported(customers, monkeypatch):
    monkeypatch.setattr(idec, "MOVED_SHARE", 0.0)
    model = NeuralCustomerSegmentation(3, epochs=2, clustering="idec").fit(customers)
    model.moved_ = 0.05
    assert model._fit_warnings() == [
        "5.0% of customers still changed segment in the last round of joint training. "
        "Allow more epochs, or ask for fewer segments."
    ]


def test_progress_of_joint_training_only_rises(customers):
    seen = []
    NeuralCustomerSegmentation(3, epochs=3, clustering="idec").fit(
        customers, progress=lambda fraction, words: seen.append((fraction, words))
    )
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] <= fractions[-1] <= 1
    assert "of customers moved" in seen[-1][1]


def test_idle_directions_of_the_code_are_reported(fitted, monkeypatch):
    monkeypatch.setattr(fitted, "code_variances_", np.array([2.0, 0.1, 1e-3]))
    monkeypatch.setattr(fitted, "moved_", 0.0)
    assert fitted._fit_warnings() == [
        "1 of 3 latent dimensions hardly vary: the customers need fewer. Set the latent size to 2."
    ]


def test_variances_of_the_code_are_principal(fitted, customers):
    codes = fitted.network_.encode(fitted.preprocessing_.apply(customers))
    assert fitted.code_variances_.sum() == pytest.approx(codes.var(axis=0, ddof=1).sum(), rel=1e-5)
    assert (np.diff(fitted.code_variances_) <= 0).all()


def test_an_unheard_of_customer_is_an_outlier(fitted, customers):
    table = customers.copy()
    table.loc[0, "recency_days"] = 1e6
    assert fitted.outliers(table)[0]
    assert fitted.outliers(customers).mean() < 0.02
    errors = fitted.reconstruction_errors(customers)
    assert errors.shape == (len(customers),)
    metric = fitted.evaluate(customers)["reconstruction_error"]
    assert errors.mean() == pytest.approx(metric)


def test_outlier_bound_by_hand():
    logs = np.array([-1.0, 0.0, 0.5, 1.0, 9.0])
    expected = np.exp(0.5 + 5 * 0.5)
    assert outlier_bound(np.exp(logs)) == pytest.approx(expected)
    assert np.isfinite(outlier_bound(np.zeros(5)))


def test_large_data_are_clustered_on_a_sample_without_loss(customers, monkeypatch):
    whole, sampled = (NeuralCustomerSegmentation(3, epochs=30) for _ in range(2))
    whole.fit(customers)
    monkeypatch.setattr(neural, "LATENT_SAMPLE", 150)
    sampled.fit(customers)
    codes = whole.network_.encode(whole.preprocessing_.apply(customers))

    def inertia(model):
        return cdist(codes, model.latent_centers_, "sqeuclidean").min(axis=1).sum()

    assert inertia(whole) < inertia(sampled) < 1.05 * inertia(whole)
    assert len(sampled.labels_) == len(customers)
