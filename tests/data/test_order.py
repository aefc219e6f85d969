import numpy as np
import pytest

from segmentation.data import order
from segmentation.data.order import canonical_order


@pytest.mark.parametrize("n_rows", [1, 1_000, 150_000])
def test_rows_in_any_order_come_in_the_same_order(n_rows):
    rows = np.random.default_rng(0).normal(size=(n_rows, 3))
    shuffled = rows[np.random.default_rng(1).permutation(n_rows)]
    first, second = (table[canonical_order(table, np.random.default_rng(2))]
                     for table in (rows, shuffled))  # fmt: skip
    # To 33 bits of the range hardly two of many rows fall together; exactly, none do.
    moved = (first != second).any(axis=1).sum()
    assert moved <= (10 if n_rows > order.EXACT_ORDER else 0)


@pytest.mark.parametrize(
    "keys",
    [
        np.random.default_rng(0).normal(size=150_000),
        np.random.default_rng(0).integers(0, 5, 150_000).astype(float),
        np.zeros(150_000),
        np.append(np.random.default_rng(0).normal(size=150_000), 1e6),
    ],
    ids=["normal", "atoms", "constant", "outlier"],
)
def test_the_radix_order_is_an_order(keys):
    found = order._radix_order(keys)
    np.testing.assert_array_equal(np.sort(found), np.arange(len(keys)))
    assert np.diff(keys[found]).min() >= -np.ptp(keys) / 2**32
