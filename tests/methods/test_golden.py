"""Reference results of R on 600 real households."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segmentation.data.blocks import ArrayBlocks
from segmentation.methods.base import no_progress
from segmentation.methods.fuzzy import FuzzyCustomerSegmentation
from segmentation.methods.mixture_em import EM, Components, count_parameters
from segmentation.quality.metrics import partition_coefficient, partition_entropy

GOLDEN = Path(__file__).parents[1] / "golden"
JOBS = sorted(path.stem for path in GOLDEN.glob("*.json"))


@pytest.fixture(params=JOBS)
def golden(request):
    reference = json.loads((GOLDEN / f"{request.param}.json").read_text(encoding="utf-8"))
    table = pd.read_csv(GOLDEN / f"{request.param}.csv")
    return reference, table[reference["columns"]].to_numpy()


def test_fuzzy_reaches_the_objective_of_e1071(golden):
    reference, scaled = golden
    expected = reference["cmeans"]
    model = FuzzyCustomerSegmentation(expected["k"], m=expected["m"], max_iter=2_000, error=1e-9)
    model._fit(scaled, no_progress)
    assert model.objective_ == pytest.approx(expected["objective"], rel=1e-6)
    order = np.argsort(model.centers_[:, 0])
    np.testing.assert_allclose(model.centers_[order], expected["centers"], atol=1e-3)
    memberships = model._memberships(scaled)
    assert partition_coefficient(memberships) == pytest.approx(
        expected["partition_coefficient"], abs=1e-4
    )
    assert partition_entropy(memberships) == pytest.approx(expected["partition_entropy"], abs=1e-4)
    sizes = np.bincount(memberships.argmax(axis=1))[order]
    np.testing.assert_allclose(sizes, expected["hard_sizes"], atol=1)


def test_mixture_started_at_mclust_keeps_its_likelihood(golden):
    reference, scaled = golden
    expected = reference["mclust"]
    weights, means, covariances = (
        np.array(expected[name]) for name in ("proportions", "means", "covariances")
    )
    em = EM(expected["k"], "full", 1e-12, max_iter=100)
    fit = em.run(ArrayBlocks(scaled), Components(weights, means, covariances), tol=1e-3)
    assert fit.converged
    total = fit.components.densities(scaled)[1].sum()
    # EM may climb a little further than R did, within its tolerance, and never falls.
    assert total == pytest.approx(expected["log_likelihood"], rel=1e-6)
    n_parameters = count_parameters(*means.shape, "full")
    assert n_parameters * np.log(len(scaled)) - 2 * total == pytest.approx(
        expected["bic"], rel=1e-6
    )
    assert 2 * n_parameters - 2 * total == pytest.approx(expected["aic"], rel=1e-6)
