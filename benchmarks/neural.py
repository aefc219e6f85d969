"""The autoencoder beside the same network trained by plain Keras."""

from __future__ import annotations

import numpy as np

from benchmarks import data
from benchmarks.report import Bar, Report, Row
from benchmarks.timing import medians, seconds_of
from segmentation.data.schema import FEATURE_NAMES

CUSTOMERS = 20_000
LARGE = 1_000_000
EPOCHS = 100
KERAS_BAR = 10
LARGE_BAR = 60.0
SEED = 0


def run(customers: int, runs: int) -> Report:
    """Measure the training on few customers against plain Keras, and on fifty times as many."""
    scaled = data.scaled(customers)
    first = seconds_of(lambda: ours(scaled))
    tasks = {
        "ours": lambda: ours(scaled),
        "Keras fit, batch 32": lambda: plain_keras(scaled),
    }
    found = medians(tasks, runs)
    own, peer = (found[name].seconds for name in tasks)
    errors = [found[name].result[0] for name in tasks]
    rows = [
        Row(
            name,
            timed.seconds,
            timed.seconds / own,
            first.seconds if name == "ours" else None,
            quality=f"reconstruction error {timed.result[0]:.5f}, {timed.result[1]} epochs",
        )
        for name, timed in found.items()
    ]
    n_large = customers * (LARGE // CUSTOMERS)
    many = data.scaled(n_large)
    large = seconds_of(lambda: ours(many))
    words = f"reconstruction error {large.result[0]:.5f}, {large.result[1]} epochs"
    rows.append(Row(f"ours, {n_large:,} customers", large.seconds, quality=words))
    bars = [
        Bar(
            f"{KERAS_BAR} times faster than Keras fit with batch 32",
            f"{peer / own:.1f}",
            peer >= KERAS_BAR * own,
        ),
        Bar(
            "reconstruction error no worse",
            f"{errors[0]:.5f} against {errors[1]:.5f}",
            errors[0] <= errors[1],
        ),
        Bar(
            f"1,000,000 customers within {LARGE_BAR:g} s",
            f"{large.seconds:.1f} s for {n_large:,}",
            large.seconds <= LARGE_BAR,
        ),
    ]
    return Report("neural", customers, rows, bars)


def ours(scaled: np.ndarray) -> tuple[float, int]:
    """Train the library's network; return reconstruction error and epochs."""
    import pandas as pd

    from segmentation.methods.neural import NeuralCustomerSegmentation

    names = list(FEATURE_NAMES)
    table = pd.DataFrame(scaled, columns=names, copy=False)
    model = NeuralCustomerSegmentation(
        epochs=EPOCHS, seed=SEED, features=names, transform="identity"
    ).fit(table)
    return _error(model.network_.reconstruct(scaled), scaled), len(model.history_["loss"])


def plain_keras(scaled: np.ndarray) -> tuple[float, int]:
    """Train the same network as the Keras guide does it; return the same."""
    from segmentation.methods.autoencoder import HIDDEN_UNITS, NOISE, import_keras

    keras = import_keras()
    keras.utils.set_random_seed(SEED)
    n_features = scaled.shape[1]
    layers: list = [keras.Input((n_features,)), keras.layers.GaussianNoise(NOISE)]
    bottleneck = min(10, n_features)
    for widths, last in ((HIDDEN_UNITS, bottleneck), (HIDDEN_UNITS[::-1], n_features)):
        for width in widths:
            layers += [keras.layers.Dense(width), keras.layers.BatchNormalization()]
            layers += [keras.layers.Activation("relu")]
        layers.append(keras.layers.Dense(last))
    model = keras.Sequential(layers)
    model.compile(optimizer="adam", loss="mse")
    stop = keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)
    rows = scaled.astype(np.float32)
    history = model.fit(
        rows, rows, batch_size=32, epochs=EPOCHS, validation_split=0.1, callbacks=[stop], verbose=0
    )
    error = _error(model.predict(rows, batch_size=4_096, verbose=0), scaled)
    return error, len(history.history["loss"])


def _error(found: np.ndarray, scaled: np.ndarray) -> float:
    return float(np.mean((found - scaled) ** 2))
