"""The network: what it learns, and that NumPy uses it as Keras would."""

import numpy as np
import pytest

from segmentation.data.schema import DataError
from segmentation.methods import autoencoder
from segmentation.methods.autoencoder import (
    EPOCH_ROWS,
    Autoencoder,
    architecture,
    batches,
    fitted_batch_size,
)


def quiet(*values):
    """Ignore an epoch."""


@pytest.fixture(scope="module")
def flat():
    """Customers on a plane in six dimensions."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 2)) @ rng.normal(size=(2, 6))
    return rows / rows.std(axis=0)


@pytest.fixture(scope="module")
def trained(flat):
    network = Autoencoder(6, 2, seed=0)
    epochs = []
    history = network.fit(flat, 40, 32, lambda epoch, loss, error: epochs.append(epoch))
    assert epochs == list(range(1, len(history["loss"]) + 1))
    return network, history


def test_it_learns(trained, flat):
    network, history = trained
    assert min(history["val_loss"]) < 0.1 * history["val_loss"][0]
    assert network.encode(flat).shape == (400, 2)
    error = np.mean((network.reconstruct(flat) - flat) ** 2)
    assert error < 0.1
    np.testing.assert_allclose(network.errors(flat).mean(), error, rtol=1e-6)


def test_its_parts_have_the_published_widths(trained):
    network, _ = trained
    assert [len(bias) for _, bias in network.encoder] == [64, 32, 2]
    assert [len(bias) for _, bias in network.decoder] == [32, 64, 6]


def test_numpy_uses_the_network_as_keras_does(trained, flat):
    network, _ = trained
    rows = flat.astype(np.float32)
    trainable, fixed = network.values
    keras_encoder, keras_decoder = architecture(6, 2)
    codes, _ = keras_encoder.stateless_call(trainable[:8], fixed[:4], rows, training=False)
    output, _ = keras_decoder.stateless_call(trainable[8:], fixed[4:], codes, training=False)
    np.testing.assert_allclose(network.encode(flat), codes, atol=1e-4)
    np.testing.assert_allclose(network.reconstruct(flat), output, atol=1e-4)


def test_training_stops_when_it_no_longer_improves_and_keeps_the_best(flat, monkeypatch):
    monkeypatch.setattr(autoencoder, "PATIENCE", 3)
    monkeypatch.setattr(autoencoder, "WORTHWHILE", 1.0)
    errors = iter([0.9, 0.8, 0.5, 0.6, 0.7])
    kept = {}
    network = Autoencoder(6, 2, seed=0)

    def errors_of(rows):
        error = next(errors)
        kept[error] = network.encoder[0][0]
        return np.array([error])

    monkeypatch.setattr(network, "errors", errors_of)
    assert network.fit(flat, 40, 32, quiet)["val_loss"] == [0.9, 0.8, 0.5, 0.6]
    np.testing.assert_array_equal(network.encoder[0][0], kept[0.5])


def test_the_seed_decides(flat):
    first, same, other = (Autoencoder(6, 2, seed) for seed in (1, 1, 2))
    for network in (first, same, other):
        network.fit(flat, 2, 32, quiet)
    np.testing.assert_array_equal(first.encode(flat), same.encode(flat))
    assert not np.allclose(first.encode(flat), other.encode(flat))


def test_tables_of_similar_size_share_what_was_compiled(flat):
    rate = Autoencoder(6, 3, seed=0)
    rate.fit(flat, 1, 32, quiet)
    compiled, _ = autoencoder._pretraining(6, 3, rate.rate)
    for n_rows, seed in ((400, 1), (390, 2), (330, 3)):
        Autoencoder(6, 3, seed).fit(flat[:n_rows], 1, 32, quiet)
    assert compiled._cache_size() == 1


def test_a_training_that_diverges_is_explained(flat):
    with pytest.raises(DataError, match="diverged in epoch 1.*extreme values"):
        Autoencoder(6, 2, seed=0).fit(flat * 1e30, 2, 32, quiet)


@pytest.mark.parametrize(
    ("n_rows", "smallest", "expected"),
    [(20, 32, 20), (4_000, 32, 32), (18_000, 32, 128), (10**7, 32, 1024), (10**7, 4096, 4096)],
)
def test_batches_grow_with_the_data(n_rows, smallest, expected):
    assert fitted_batch_size(n_rows, smallest) == expected


def test_an_epoch_shows_every_row_once_or_a_random_part():
    rng = np.random.default_rng(0)
    rows = np.arange(100, dtype=np.float32)[:, None]
    padded, count = batches(rows, 20, rng)
    assert (count, padded.shape) == (5, (8, 20, 1))
    assert sorted(padded[:count].ravel()) == list(range(100))
    many = np.arange(EPOCH_ROWS + 50_000, dtype=np.float32)[:, None]
    padded, count = batches(many, 1024, rng)
    shown = padded[:count].ravel()
    assert len(np.unique(shown)) == count * 1024 <= EPOCH_ROWS
    assert shown.max() > EPOCH_ROWS
