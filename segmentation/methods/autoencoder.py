"""A denoising autoencoder in Keras, trained with compiled JAX epochs.

Keras and JAX are imported when a network is built, not before: they are slow to import and the
dashboard's own process must stay free of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras

HIDDEN_UNITS = (64, 32)
NOISE = 0.2
VALIDATION_SHARE = 0.1
PATIENCE = 10
LEARNING_RATE = 1e-3
PREDICT_ROWS = 65_536


class Autoencoder:
    """Encoder [64, 32, encoding_dim] and its mirror image, with batch normalization.

    The bottleneck is linear: a rectified one loses dimensions. Gaussian noise on the (scaled)
    input makes the code robust. Training stops when the error on a validation share has not
    improved for ten epochs, and the best weights are kept.

    Parameters
    ----------
    n_features, encoding_dim : int
    seed : int
        Of weights, noise, validation rows and batch order. No global generator is used.

    References
    ----------
    Vincent et al. (2008), Extracting and composing robust features with denoising autoencoders.
    """

    def __init__(self, n_features: int, encoding_dim: int, seed: int):
        self.rng = np.random.default_rng(seed)
        self.encoder = self._network([*HIDDEN_UNITS, encoding_dim], n_features, noise=True)
        self.decoder = self._network([*reversed(HIDDEN_UNITS), n_features], encoding_dim)

    def _network(self, units: list[int], n_inputs: int, noise: bool = False) -> keras.Sequential:
        keras = import_keras()
        layers: list[keras.layers.Layer] = [keras.Input((n_inputs,))]
        if noise:
            layers.append(keras.layers.GaussianNoise(NOISE, seed=self._draw()))
        for width in units[:-1]:
            layers += [
                self._dense(width),
                keras.layers.BatchNormalization(),
                keras.layers.Activation("relu"),
            ]
        return keras.Sequential([*layers, self._dense(units[-1])])

    def _dense(self, width: int) -> keras.layers.Dense:
        keras = import_keras()
        start = keras.initializers.GlorotUniform(seed=self._draw())
        return keras.layers.Dense(width, kernel_initializer=start)

    def _draw(self) -> int:
        return int(self.rng.integers(2**31))

    def fit(
        self,
        scaled: np.ndarray,
        epochs: int,
        batch_size: int,
        on_epoch: Callable[[int, float, float], None],
    ) -> dict[str, list[float]]:
        """Train and return the curves "loss" and "val_loss" (mean squared error per epoch).

        Parameters
        ----------
        scaled : float array of shape (n_customers, n_features)
        epochs, batch_size : int
        on_epoch : callable(epoch, loss, val_loss)
            Called after every epoch; epochs count from 1.
        """
        keras = import_keras()
        rows = self.rng.permutation(len(scaled))
        n_validation = max(1, round(VALIDATION_SHARE * len(scaled)))
        data = scaled.astype(np.float32)
        validation, training = data[rows[:n_validation]], data[rows[n_validation:]]
        size = min(batch_size, len(training))
        n_batches = len(training) // size

        model = keras.Sequential([self.encoder, self.decoder])
        optimizer = keras.optimizers.Adam(LEARNING_RATE)
        optimizer.build(model.trainable_variables)
        run_epoch, validate = _compiled(model, optimizer)
        state = [
            [variable.value for variable in variables]
            for variables in (
                model.trainable_variables, model.non_trainable_variables, optimizer.variables
            )
        ]  # fmt: skip
        best, best_state, waited = np.inf, state, 0
        history: dict[str, list[float]] = {"loss": [], "val_loss": []}
        for epoch in range(1, epochs + 1):
            order = self.rng.permutation(len(training))[: n_batches * size]
            batches = training[order].reshape(n_batches, size, -1)
            state, loss = run_epoch(state, batches)
            error = float(validate(state, validation))
            history["loss"].append(float(loss))
            history["val_loss"].append(error)
            on_epoch(epoch, float(loss), error)
            waited = 0 if error < best else waited + 1
            if error < best:
                best, best_state = error, state
            if waited >= PATIENCE:
                break
        for variables, values in zip(
            (model.trainable_variables, model.non_trainable_variables), best_state, strict=False
        ):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
        return history

    def encode(self, scaled: np.ndarray) -> np.ndarray:
        """Return codes, float array of shape (n_customers, encoding_dim)."""
        return _predict(self.encoder, scaled)

    def reconstruct(self, scaled: np.ndarray) -> np.ndarray:
        """Return what the network makes of its input, same shape."""
        return _predict(self.decoder, self.encode(scaled))


def import_keras() -> keras:
    """Import Keras on the JAX backend.

    Raises
    ------
    RuntimeError
        If Keras was imported earlier on another backend.
    """
    os.environ.setdefault("KERAS_BACKEND", "jax")
    import keras

    if keras.backend.backend() != "jax":
        raise RuntimeError(
            "Keras is running on another backend. Set KERAS_BACKEND=jax before importing keras."
        )
    return keras


def _predict(network: keras.Model, rows: np.ndarray) -> np.ndarray:
    batches = np.array_split(rows, max(1, -(-len(rows) // PREDICT_ROWS)))
    return np.concatenate(
        [np.asarray(network(batch.astype(np.float32)), dtype=float) for batch in batches]
    )


def _compiled(model: keras.Model, optimizer: keras.Optimizer) -> tuple[Callable, Callable]:
    """Return compiled functions for one epoch and for the validation error."""
    import jax
    import jax.numpy as jnp

    def loss_of(trainable: list, fixed: list, batch: jax.Array) -> tuple:
        output, fixed = model.stateless_call(trainable, fixed, batch, training=True)
        return jnp.mean((output - batch) ** 2), fixed

    gradient = jax.value_and_grad(loss_of, has_aux=True)

    def step(state: list, batch: jax.Array) -> tuple:
        trainable, fixed, slots = state
        (loss, fixed), slopes = gradient(trainable, fixed, batch)
        trainable, slots = optimizer.stateless_apply(slots, slopes, trainable)
        return [trainable, fixed, slots], loss

    @jax.jit
    def run_epoch(state: list, batches: jax.Array) -> tuple:
        state, losses = jax.lax.scan(step, state, batches)
        return state, losses.mean()

    @jax.jit
    def validate(state: list, rows: jax.Array) -> jax.Array:
        output, _ = model.stateless_call(state[0], state[1], rows, training=False)
        return jnp.mean((output - rows) ** 2)

    return run_epoch, validate
