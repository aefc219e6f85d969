"""Improved deep embedded clustering: codes and segment centres learned together."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy.spatial.distance import cdist

from segmentation.methods.autoencoder import (
    Autoencoder,
    architecture,
    batches,
    check_finite,
    compiled_epoch,
    fitted_batch_size,
    import_keras,
)

CLUSTERING_WEIGHT = 0.1
MOVED_SHARE = 0.001
RATE = 1e-3
ROUND_STEPS = 140


def student_t(squared: np.ndarray) -> np.ndarray:
    """Return memberships from squared distances to centres, shape (n_customers, n_clusters).

    Student's t with one degree of freedom: Xie, Girshick and Farhadi (2016), eq. 1.
    """
    weights = 1 / (1 + squared)
    return weights / weights.sum(axis=1, keepdims=True)


def sharpened(memberships: np.ndarray) -> np.ndarray:
    """Return the target of the clustering loss: squared, per segment size (their eq. 3)."""
    weights = memberships**2 / memberships.sum(axis=0)
    return weights / weights.sum(axis=1, keepdims=True)


def refine(
    network: Autoencoder,
    rows: np.ndarray,
    centers: np.ndarray,
    rounds: int,
    batch_size: int,
    on_round: Callable[[int, float, float], None],
) -> tuple[np.ndarray, float]:
    """Train a pretrained network and centres jointly: reconstruction + 0.1 x clustering loss.

    The clustering loss is the Kullback-Leibler divergence of the memberships from their sharpened
    target. The target is renewed every round: an epoch, or as many as give 140 steps. Training
    ends when under 0.1 % of customers change segment in a round. Batch normalization stays as it
    was learned, and weights and centres are averaged over the last steps as in the first training.

    Parameters
    ----------
    network : Autoencoder
        Changed in place.
    rows : float32 array of shape (n_customers, n_features)
    centers : float array of shape (n_clusters, encoding_dim)
        The start.
    rounds : int
        Most of them.
    batch_size : int
        The smallest.
    on_round : callable(round, loss, moved)
        Called after every round, with the joint loss and the share of customers that moved.

    Returns
    -------
    centers : float array of shape (n_clusters, encoding_dim)
    moved : float
        Share of customers that changed segment in the last round.

    References
    ----------
    Guo, Gao, Liu and Yin (2017), Improved deep embedded clustering with local structure
    preservation.
    """
    size = fitted_batch_size(len(rows), batch_size)
    repeats = -(-ROUND_STEPS // (len(rows) // size))
    run_epoch, slots = _joint(*network.shape, len(centers))
    seed = int(network.rng.integers(2**31))
    average = [[*network.values[0], centers.astype(np.float32)], network.values[1]]
    state = [*average, slots]
    memberships = student_t(cdist(network.encode(rows), centers, "sqeuclidean"))
    moved = 1.0
    for position in range(1, rounds + 1):
        labels = memberships.argmax(axis=1)
        pairs = np.column_stack([rows, sharpened(memberships).astype(np.float32)])
        pairs = np.tile(pairs, (repeats, 1))
        state, average, loss = run_epoch(state, average, *batches(pairs, size, network.rng), seed)
        check_finite(position, float(loss))
        network.adopt([average[0][:-1], average[1]])
        centers = np.asarray(average[0][-1], dtype=float)
        memberships = student_t(cdist(network.encode(rows), centers, "sqeuclidean"))
        moved = float(np.mean(memberships.argmax(axis=1) != labels))
        on_round(position, float(loss), moved)
        if moved < MOVED_SHARE:
            break
    return centers, moved


@lru_cache(maxsize=16)
def _joint(n_features: int, encoding_dim: int, n_clusters: int) -> tuple[Callable, list]:
    import jax
    import jax.numpy as jnp

    encoder, decoder = architecture(n_features, encoding_dim)
    n_trainable, n_fixed = len(encoder.trainable_variables), len(encoder.non_trainable_variables)

    def loss_of(trainable: list, fixed: list, batch: jax.Array, key: jax.Array) -> tuple:
        inputs, target = batch[:, :n_features], batch[:, n_features:]
        codes, _ = encoder.stateless_call(
            trainable[:n_trainable], fixed[:n_fixed], inputs, training=False
        )
        output, _ = decoder.stateless_call(
            trainable[n_trainable:-1], fixed[n_fixed:], codes, training=False
        )
        squared = jnp.sum((codes[:, None] - trainable[-1]) ** 2, axis=2)
        divergence = jnp.sum(target * jnp.log(target / student_t(squared)), axis=1)
        loss = jnp.mean((output - inputs) ** 2) + CLUSTERING_WEIGHT * jnp.mean(divergence)
        return loss, fixed

    centers = import_keras().Variable(np.zeros((n_clusters, encoding_dim), dtype=np.float32))
    variables = [*encoder.trainable_variables, *decoder.trainable_variables, centers]
    return compiled_epoch(loss_of, variables, RATE)
