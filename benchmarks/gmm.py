"""Gaussian mixtures beside scikit-learn's."""

from __future__ import annotations

from functools import partial

import numpy as np

from benchmarks import data
from benchmarks.engines import REG_COVAR, SEED, K, compile_seconds, fitted, warm_up
from benchmarks.memory import engine_fit
from benchmarks.report import Bar, Report, Row
from benchmarks.timing import medians, seconds_of
from segmentation.data.blocks import ArrayBlocks, add_up

CUSTOMERS = 1_000_000
QUALITY_CUSTOMERS = 100_000
SKLEARN_BAR = 12
LIKELIHOOD_BAR = 1e-4


def run(customers: int, runs: int) -> Report:
    """Measure fit and posteriors, and the likelihood against the best of ten starts."""
    scaled = data.scaled(customers)
    warm_up("gmm")
    cold, warm = compile_seconds("gmm")
    memory = engine_fit("gmm", customers)
    tasks = {
        "ours, n_init 10": lambda: fitted("gmm", scaled)[0],
        "scikit-learn, n_init 1": partial(sklearn, scaled, 1),
    }
    found = medians(tasks, runs)
    ours, peer = (found[name].seconds for name in tasks)
    rows = [
        Row(name, timed.seconds, timed.seconds / ours, quality=_words(scaled, timed.result))
        for name, timed in found.items()
    ]
    rows[0] = Row(
        rows[0].what, ours, 1.0, warm, memory["extra_mb"], rows[0].quality
    )  # fmt: skip
    bars = [
        Bar(
            f"{SKLEARN_BAR} times faster than scikit-learn with one start",
            f"{peer / ours:.1f}",
            peer >= SKLEARN_BAR * ours,
        )
    ]
    fewer = data.scaled(min(customers, QUALITY_CUSTOMERS))
    best = seconds_of(lambda: sklearn(fewer, 10))
    own = seconds_of(lambda: fitted("gmm", fewer)[0])
    for name, timed in (("ours", own), ("scikit-learn", best)):
        what = f"{name}, n_init 10, {len(fewer):,} customers"
        ratio = timed.seconds / own.seconds
        rows.append(Row(what, timed.seconds, ratio, quality=_words(fewer, timed.result)))
    gain = log_likelihood(fewer, own.result) - log_likelihood(fewer, best.result)
    bars.append(
        Bar(
            "log-likelihood per customer no lower than scikit-learn's best of 10 by 1e-4",
            f"{gain:+.1e}",
            gain >= -LIKELIHOOD_BAR,
        )
    )
    note = f"First call of all, nothing compiled yet: {cold:.1f} s; compiled code is kept on disk."
    return Report("gmm", customers, rows, bars, [note])


def sklearn(scaled: np.ndarray, n_init: int) -> object:
    """Return scikit-learn's mixture; posteriors are computed too."""
    from sklearn.mixture import GaussianMixture

    model = GaussianMixture(K, reg_covar=REG_COVAR, n_init=n_init, random_state=SEED).fit(scaled)
    model.predict_proba(scaled)
    return model


def log_likelihood(scaled: np.ndarray, model: object) -> float:
    """Return the mean log-density of rows from weights, means and covariances alone."""
    from scipy.special import logsumexp
    from scipy.stats import multivariate_normal

    shapes = [
        multivariate_normal(mean, covariance)
        for mean, covariance in zip(model.means_, model.covariances_, strict=True)
    ]

    def of_block(block: np.ndarray) -> float:
        densities = np.column_stack([shape.logpdf(block) for shape in shapes])
        return float(logsumexp(densities + np.log(model.weights_), axis=1).sum())

    return add_up(ArrayBlocks(scaled), of_block) / len(scaled)


def _words(scaled: np.ndarray, model: object) -> str:
    return f"log-likelihood {log_likelihood(scaled, model):.6f} per customer"
