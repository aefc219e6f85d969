"""A denoising autoencoder: a Keras architecture, trained by compiled JAX epochs, used in NumPy.

Keras and JAX are imported when a network is trained, not before: they are slow to import and the
dashboard's own process must stay free of them. A trained network needs neither.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from segmentation.data.blocks import ArrayBlocks, map_blocks
from segmentation.data.schema import DataError, Fault

if TYPE_CHECKING:
    import keras

HIDDEN_UNITS = (64, 32)
NOISE = 0.2
VALIDATION_SHARE, VALIDATION_ROWS = 0.1, 20_000
EPOCH_ROWS = 200_000
STEPS_PER_EPOCH, LARGEST_BATCH = 140, 1_024
LEARNING_RATE, HIGHEST_RATE = 2e-3, 1e-2  # of batches of 32; of any
AVERAGING = 0.99
PATIENCE = 10
WORTHWHILE = 1e-3  # of the variance of a standardized column
# XLA's threads split sums according to the number of cores; one thread gives the same sums
# everywhere and is no slower on layers of this size.
ONE_THREAD = {"xla_cpu_multi_thread_eigen": False}

Layer = tuple[np.ndarray, np.ndarray]
Values = list[list]


class Autoencoder:
    """Encoder [64, 32, encoding_dim] and its mirror image, with batch normalization.

    The bottleneck is linear: a rectified one loses dimensions. Gaussian noise on the (scaled)
    input makes the code robust. Weights are averaged over the last hundred steps or so, which
    allows a high learning rate. Training stops when the error on a validation share has not
    fallen by a thousandth of a column's variance for ten epochs; the best weights are kept.

    Parameters
    ----------
    n_features, encoding_dim : int
    seed : int
        Of weights, noise, validation rows and batch order. No global generator is used.

    Attributes
    ----------
    values : list of two lists of arrays
        Trainable and other variables of the Keras architecture.
    encoder, decoder : list of (weights, bias)
        Dense layers with the normalization folded in, ReLU between them.
    rate : float
        Learning rate of the last training.

    References
    ----------
    Vincent et al. (2008), Extracting and composing robust features with denoising autoencoders;
    Polyak and Juditsky (1992), Acceleration of stochastic approximation by averaging.
    """

    def __init__(self, n_features: int, encoding_dim: int, seed: int):
        self.shape = (n_features, encoding_dim)
        self.rng = np.random.default_rng(seed)
        networks = architecture(*self.shape)
        trainable = [
            np.asarray(v.value) for network in networks for v in network.trainable_variables
        ]
        fixed = [
            np.asarray(v.value) for network in networks for v in network.non_trainable_variables
        ]
        trainable = [self._glorot(v.shape) if v.ndim == 2 else v for v in trainable]
        self.adopt([trainable, fixed])

    def _glorot(self, shape: tuple[int, ...]) -> np.ndarray:
        bound = np.sqrt(6 / sum(shape))
        return self.rng.uniform(-bound, bound, shape).astype(np.float32)

    def adopt(self, values: Values) -> None:
        """Use these values of the architecture's variables from now on."""
        self.values = [[np.asarray(value) for value in group] for group in values]
        halves = [(group[: len(group) // 2], group[len(group) // 2 :]) for group in self.values]
        self.encoder, self.decoder = (_folded(*half) for half in zip(*halves, strict=True))

    def fit(
        self,
        scaled: np.ndarray,
        epochs: int,
        batch_size: int,
        on_epoch: Callable[[int, float, float], None],
    ) -> dict[str, list[float]]:
        """Train and return the curves "loss" and "val_loss" (mean squared error per epoch).

        An epoch shows every row once, or 200,000 random rows if there are more.

        Parameters
        ----------
        scaled : float array of shape (n_customers, n_features)
        epochs : int
        batch_size : int
            The smallest: see `fitted_batch_size`. The learning rate grows with the square root of
            the batch, the rule for Adam.
        on_epoch : callable(epoch, loss, val_loss)
            Called after every epoch; epochs count from 1.

        Raises
        ------
        DataError
            If the error is not finite.
        """
        rows = self.rng.permutation(len(scaled))
        n_validation = min(max(1, round(VALIDATION_SHARE * len(scaled))), VALIDATION_ROWS)
        data = scaled.astype(np.float32, copy=False)
        validation, training = data[rows[:n_validation]], data[rows[n_validation:]]
        size = fitted_batch_size(len(training), batch_size)
        self.rate = min(LEARNING_RATE * np.sqrt(size / 32), HIGHEST_RATE)
        run_epoch, slots = _pretraining(*self.shape, self.rate)
        seed = int(self.rng.integers(2**31))

        state, average = [*self.values, slots], self.values
        best_values, best, counted, waited = average, np.inf, np.inf, 0
        history: dict[str, list[float]] = {"loss": [], "val_loss": []}
        for epoch in range(1, epochs + 1):
            state, average, loss = run_epoch(
                state, average, *batches(training, size, self.rng), seed
            )
            self.adopt(average)
            error = float(self.errors(validation).mean())
            check_finite(epoch, float(loss), error)
            history["loss"].append(float(loss))
            history["val_loss"].append(error)
            on_epoch(epoch, float(loss), error)
            if error < best:
                best, best_values = error, average
            waited = 0 if error < counted - WORTHWHILE else waited + 1
            counted = error if waited == 0 else counted
            if waited >= PATIENCE:
                break
        self.adopt(best_values)
        return history

    def encode(self, scaled: np.ndarray) -> np.ndarray:
        """Return codes, float array of shape (n_customers, encoding_dim)."""
        return in_blocks(scaled, partial(forward, self.encoder))

    def reconstruct(self, scaled: np.ndarray) -> np.ndarray:
        """Return what the network makes of its input, same shape."""
        return in_blocks(scaled, partial(forward, self.encoder + self.decoder))

    def errors(self, scaled: np.ndarray) -> np.ndarray:
        """Return the mean squared error of every row, shape (n_customers,)."""

        def of_block(block: np.ndarray) -> np.ndarray:
            return np.mean((forward(self.encoder + self.decoder, block) - block) ** 2, axis=1)

        return in_blocks(scaled, of_block)


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


@lru_cache(maxsize=16)
def architecture(n_features: int, encoding_dim: int) -> tuple[keras.Sequential, keras.Sequential]:
    """Return encoder and decoder, without weights of their own: every fit brings its values."""
    keras = import_keras()

    def network(n_inputs: int, *units: int) -> keras.Sequential:
        layers: list[keras.layers.Layer] = [keras.Input((n_inputs,))]
        for width in units[:-1]:
            layers += [
                keras.layers.Dense(width, use_bias=False, kernel_initializer="zeros"),
                keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-3),
                keras.layers.ReLU(),
            ]
        return keras.Sequential(
            [*layers, keras.layers.Dense(units[-1], kernel_initializer="zeros")]
        )

    return (
        network(n_features, *HIDDEN_UNITS, encoding_dim),
        network(encoding_dim, *reversed(HIDDEN_UNITS), n_features),
    )


def compiled_epoch(
    loss_of: Callable, variables: list[keras.Variable], rate: float
) -> tuple[Callable, list[np.ndarray]]:
    """Return a compiled epoch of Adam with averaged weights, and the optimizer's first state.

    Parameters
    ----------
    loss_of : callable(trainable, fixed, batch, key)
        Returns the loss and the new fixed variables.
    variables : list of Variable
        Whose shapes the trainable values have.
    rate : float
        Learning rate.

    Returns
    -------
    run_epoch : callable(state, average, batches, n_batches, seed)
        Returns state, average and mean loss. `state` is [trainable, fixed, slots], `average` is
        [trainable, fixed]. JAX compiles it once for every shape of `batches`.
    slots : list of arrays
    """
    import jax
    import jax.numpy as jnp

    optimizer = import_keras().optimizers.Adam(rate)
    optimizer.build(variables)
    gradient = jax.value_and_grad(loss_of, has_aux=True)

    @partial(jax.jit, compiler_options=ONE_THREAD)
    def run_epoch(
        state: Values, average: Values, batches: jax.Array, n_batches: int, seed: int
    ) -> tuple:
        def step(position: int, carry: tuple) -> tuple:
            (trainable, fixed, slots), average, total = carry
            count = slots[0]
            key = jax.random.fold_in(jax.random.key(seed), count)
            (loss, fixed), slopes = gradient(trainable, fixed, batches[position], key)
            trainable, slots = optimizer.stateless_apply(slots, slopes, trainable)
            share = jnp.maximum(1 - AVERAGING, 1 / (count + 1))
            average = jax.tree.map(
                lambda old, new: old + share * (new - old), average, [trainable, fixed]
            )
            return [trainable, fixed, slots], average, total + loss

        state, average, total = jax.lax.fori_loop(0, n_batches, step, (state, average, 0.0))
        return state, average, total / n_batches

    return run_epoch, [np.asarray(variable.value) for variable in optimizer.variables]


@lru_cache(maxsize=16)
def _pretraining(n_features: int, encoding_dim: int, rate: float) -> tuple[Callable, list]:
    import jax
    import jax.numpy as jnp

    model = import_keras().Sequential(list(architecture(n_features, encoding_dim)))

    def loss_of(trainable: list, fixed: list, batch: jax.Array, key: jax.Array) -> tuple:
        noisy = batch + NOISE * jax.random.normal(key, batch.shape)
        output, fixed = model.stateless_call(trainable, fixed, noisy, training=True)
        return jnp.mean((output - batch) ** 2), fixed

    return compiled_epoch(loss_of, model.trainable_variables, rate)


def fitted_batch_size(n_rows: int, smallest: int) -> int:
    """Return the batch size for so many training rows.

    `smallest` is doubled as long as an epoch keeps 140 steps and the batch 1,024 rows.

    >>> [fitted_batch_size(n, 32) for n in (20, 450, 18_000, 900_000)]
    [20, 32, 128, 1024]
    """
    size = smallest
    while 2 * size <= min(LARGEST_BATCH, min(n_rows, EPOCH_ROWS) / STEPS_PER_EPOCH):
        size *= 2
    return min(size, n_rows)


def batches(rows: np.ndarray, size: int, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    """Return random batches and how many there are.

    The array is padded to a power of two of batches, so that tables of similar size share what
    was compiled.
    """
    count = min(len(rows), EPOCH_ROWS) // size
    chosen = rng.permutation(len(rows))[: count * size]
    padded = np.zeros((1 << (count - 1).bit_length(), size, rows.shape[1]), dtype=np.float32)
    padded[:count] = rows[chosen].reshape(count, size, -1)
    return padded, count


def check_finite(epoch: int, *errors: float) -> None:
    """Raise DataError if the training has diverged."""
    if not np.isfinite(errors).all():
        raise DataError(
            [
                Fault(
                    f"the training of the network diverged in epoch {epoch}: "
                    f"its error is no longer a finite number.",
                    'Look for extreme values in the chosen columns, use transform="auto", '
                    "or raise the batch size.",
                )
            ]
        )


def in_blocks(scaled: np.ndarray, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return `function` of all rows, computed in blocks on all cores, as float64."""
    with threadpool_limits(1, user_api="blas"):  # the blocks take the cores
        return np.concatenate(list(map_blocks(ArrayBlocks(scaled), function)))


def forward(layers: list[Layer], rows: np.ndarray) -> np.ndarray:
    """Return the output of dense layers; the last of encoder and of decoder is linear."""
    values = rows.astype(np.float32, copy=False)
    for position, (weights, bias) in enumerate(layers, 1):
        values = values @ weights
        values += bias
        if position % (len(HIDDEN_UNITS) + 1):
            np.maximum(values, 0, out=values)
    return values.astype(float)


def _folded(trainable: list[np.ndarray], fixed: list[np.ndarray]) -> list[Layer]:
    """Return dense layers that hold the batch normalization, whose statistics are constant now."""
    layers = []
    for depth in range(len(HIDDEN_UNITS)):
        weights, gain, shift = trainable[3 * depth : 3 * depth + 3]
        mean, variance = fixed[2 * depth : 2 * depth + 2]
        slope = gain / np.sqrt(variance + 1e-3)
        layers.append((weights * slope, shift - mean * slope))
    return [*layers, (trainable[-2], trainable[-1])]
