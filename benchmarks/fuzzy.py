"""Fuzzy c-means beside scikit-fuzzy and scikit-learn's k-means."""

from __future__ import annotations

from functools import partial

import numpy as np

from benchmarks import data
from benchmarks.engines import SEED, K, compile_seconds, fitted, warm_up
from benchmarks.memory import engine_fit
from benchmarks.report import Bar, Report, Row
from benchmarks.timing import medians
from segmentation.data.blocks import ArrayBlocks, add_up

CUSTOMERS = 1_000_000
FUZZIFIERS = (2.0, 1.6)
SKFUZZY_BAR = 60
OBJECTIVE_BAR = 1e-6


def run(customers: int, runs: int) -> Report:
    """Measure fit and memberships for both fuzzifiers."""
    scaled = data.scaled(customers)
    warm_up("fuzzy")
    kmeans(scaled[:1_000])
    cold, warm = compile_seconds("fuzzy")
    memory = engine_fit("fuzzy", customers)
    rows, bars = [], []
    for m in FUZZIFIERS:
        tasks = {
            "ours": lambda m=m: fitted("fuzzy", scaled, m)[0].cluster_centers_,
            "scikit-fuzzy": partial(skfuzzy, scaled, m),
            "scikit-learn KMeans(n_init=1)": partial(kmeans, scaled),
        }
        found = medians(tasks, runs)
        ours, peer, plain = (found[name].seconds for name in tasks)
        reached = {name: objective(scaled, timed.result, m) for name, timed in found.items()}
        for name, timed in found.items():
            is_ours = name == "ours"
            rows.append(
                Row(
                    f"{name}, m = {m:g}",
                    timed.seconds,
                    timed.seconds / ours,
                    warm if is_ours else None,
                    memory["extra_mb"] if is_ours else None,
                    f"objective {reached[name] / customers:.8f} per customer",
                )
            )
        excess = reached["ours"] / reached["scikit-fuzzy"] - 1
        bars += [
            Bar(
                f"m = {m:g}: {SKFUZZY_BAR} times faster than scikit-fuzzy",
                f"{peer / ours:.0f}",
                peer >= SKFUZZY_BAR * ours,
            ),
            Bar(
                f"m = {m:g}: no slower than KMeans(n_init=1)",
                f"{ours / plain:.2f} of its time",
                ours <= plain,
            ),
            Bar(
                f"m = {m:g}: objective no worse than scikit-fuzzy's by 1e-6",
                f"{excess:+.1e}",
                excess <= OBJECTIVE_BAR,
            ),
        ]
    note = f"First call of all, nothing compiled yet: {cold:.1f} s; compiled code is kept on disk."
    return Report("fuzzy", customers, rows, bars, [note])


def skfuzzy(scaled: np.ndarray, m: float) -> np.ndarray:
    """Return the centres that scikit-fuzzy finds."""
    from skfuzzy.cluster import cmeans

    return cmeans(scaled.T, K, m, error=0.005, maxiter=150, seed=SEED)[0]


def kmeans(scaled: np.ndarray) -> np.ndarray:
    """Return the centres that scikit-learn's k-means finds."""
    from sklearn.cluster import KMeans

    return KMeans(K, n_init=1, random_state=SEED).fit(scaled).cluster_centers_


def objective(scaled: np.ndarray, centers: np.ndarray, m: float) -> float:
    """Return the fuzzy objective of centres with their best memberships."""

    def of_block(block: np.ndarray) -> float:
        squared = np.square(block[:, None, :] - centers).sum(axis=2)
        powers = np.maximum(squared, 1e-300) ** (-1 / (m - 1))
        return float((powers.sum(axis=1) ** (1 - m)).sum())

    return add_up(ArrayBlocks(scaled), of_block)
