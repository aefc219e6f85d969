"""Indices of a fuzzy partition by hand and against R."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import silhouette_score

from segmentation.methods.cmeans import FuzzyCMeans
from segmentation.quality.fuzzy_indices import (
    fuzzy_silhouette,
    modified_partition_coefficient,
    xie_beni,
)
from segmentation.quality.metrics import METRICS

GOLDEN = Path(__file__).parents[1] / "golden"
LINE = np.array([[0.0], [1.0], [9.0], [10.0]])
HALVES = np.array([[1.0, 0.0], [0.8, 0.2], [0.3, 0.7], [0.0, 1.0]])


@pytest.mark.parametrize(
    ("memberships", "expected"),
    [(np.eye(3), 1), (np.full((5, 4), 0.25), 0), (HALVES, 2 * (1 + 0.68 + 0.58 + 1) / 4 - 1)],
)
def test_modified_partition_coefficient_by_hand(memberships, expected):
    assert modified_partition_coefficient(memberships) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("m", "within"),
    [(2, 0.64 + 0.04 * 81 + 0.09 * 81 + 0.49), (1, 0.8 + 0.2 * 81 + 0.3 * 81 + 0.7)],
)
def test_xie_beni_by_hand(m, within):
    centers = np.array([[0.0], [10.0]])
    assert xie_beni(LINE, HALVES, centers, m) == pytest.approx(within / (4 * 100))


def test_xie_beni_of_coincident_centres_is_infinite():
    assert xie_beni(LINE, HALVES, np.array([[5.0], [5.0]])) == float("inf")


@pytest.mark.parametrize("job", ["cj_dev600_log4", "cj_dev600_logrfm3"])
def test_xie_beni_equals_the_reference_of_r(job):
    reference = json.loads((GOLDEN / f"{job}.json").read_text(encoding="utf-8"))
    expected = reference["cmeans"]
    rows = pd.read_csv(GOLDEN / f"{job}.csv")[reference["columns"]].to_numpy()
    model = FuzzyCMeans(expected["k"], m=expected["m"], max_iter=2_000, error=1e-9).fit(rows)
    value = xie_beni(rows, model.predict_proba(rows), model.cluster_centers_, expected["m"])
    assert value == pytest.approx(expected["xie_beni"], rel=1e-6)


def test_fuzzy_silhouette_by_hand():
    values = np.array([1 - 1 / 9.5, 1 - 1 / 8.5, 1 - 1 / 8.5, 1 - 1 / 9.5])
    weights = np.array([1.0, 0.6, 0.4, 1.0])
    assert fuzzy_silhouette(LINE, HALVES, 0) == pytest.approx(weights @ values / weights.sum())
    plain = silhouette_score(LINE, [0, 0, 1, 1])
    assert fuzzy_silhouette(LINE, HALVES, 0, alpha=0) == pytest.approx(plain)


def test_fuzzy_silhouette_of_many_customers_is_sampled_with_the_seed():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(8_000, 2)) + 4 * (np.arange(8_000) % 2)[:, None]
    memberships = FuzzyCMeans(2, n_init=1).fit(rows).predict_proba(rows)
    first, again = (fuzzy_silhouette(rows, memberships, 1) for _ in range(2))
    assert first == again
    assert first == pytest.approx(fuzzy_silhouette(rows, memberships, 2), abs=0.02)


@pytest.mark.parametrize("memberships", [np.full((4, 2), 0.5), np.tile([0.9, 0.1], (4, 1))])
def test_fuzzy_silhouette_of_nothing_is_nan(memberships):
    assert np.isnan(fuzzy_silhouette(LINE, memberships, 0))


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("partition_coefficient", "higher"),
        ("modified_partition_coefficient", "higher"),
        ("partition_entropy", "lower"),
        ("xie_beni", "lower"),
        ("fuzzy_silhouette", "higher"),
    ],
)
def test_the_direction_is_known(name, better):
    assert METRICS[name].better == better
