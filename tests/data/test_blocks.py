import threading

import numpy as np
import pytest

from segmentation.data import blocks
from segmentation.data.blocks import BLOCK_ROWS, ArrayBlocks, add_up, canonical_order, map_blocks

SIZES = [1, 5, BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1, 3 * BLOCK_ROWS + 7]


def rows(n: int, columns: int = 3) -> np.ndarray:
    return np.random.default_rng(n).normal(size=(n, columns))


@pytest.mark.parametrize("n", SIZES)
def test_blocks_are_the_rows_in_order_without_copies(n):
    array = rows(n)
    found = list(ArrayBlocks(array))
    np.testing.assert_array_equal(np.concatenate(found), array)
    assert all(len(block) == BLOCK_ROWS for block in found[:-1])
    assert all(np.shares_memory(block, array) and block.flags.c_contiguous for block in found)


@pytest.mark.parametrize("given", [rows(40).astype(np.float32), np.asfortranarray(rows(40))])
def test_any_matrix_becomes_contiguous_doubles(given):
    (block,) = ArrayBlocks(given)
    assert block.dtype == np.float64 and block.flags.c_contiguous
    np.testing.assert_array_equal(block, given)


@pytest.mark.parametrize("n", SIZES)
def test_sums_over_blocks_are_the_sums_over_rows(n):
    array = rows(n)
    total = add_up(ArrayBlocks(array), lambda block: block.T @ block)
    np.testing.assert_allclose(total, array.T @ array, rtol=1e-11)


def test_sums_are_the_same_bits_with_any_number_of_threads(monkeypatch):
    array = rows(9 * BLOCK_ROWS + 11)
    found = []
    for n_threads in (1, 2, 5):
        monkeypatch.setattr(blocks, "cpu_count", lambda n=n_threads: n)
        found.append(add_up(ArrayBlocks(array), lambda block: np.exp(block).sum(axis=0)))
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


def test_only_a_few_blocks_are_held(monkeypatch):
    monkeypatch.setattr(blocks, "cpu_count", lambda: 2)
    gate, drawn = threading.Event(), []

    class Watched(ArrayBlocks):
        def __iter__(self):
            for place, block in enumerate(super().__iter__()):
                drawn.append(place)
                yield block

    def wait(block):
        gate.wait(10)
        return len(block)

    results = map_blocks(Watched(rows(12 * BLOCK_ROWS, 1)), wait)
    threading.Timer(0.2, gate.set).start()
    next(results)
    assert len(drawn) <= 6
    assert list(results) == [BLOCK_ROWS] * 11


def test_an_error_in_a_thread_arrives(monkeypatch):
    monkeypatch.setattr(blocks, "cpu_count", lambda: 2)
    with pytest.raises(ZeroDivisionError):
        add_up(ArrayBlocks(rows(3 * BLOCK_ROWS)), lambda block: 1 / 0)


@pytest.mark.parametrize("n", [1, 10, 999, 1_000, 5_000])
def test_a_sample_does_not_depend_on_the_order_of_rows(n):
    array = rows(1_000)
    shuffled = np.random.default_rng(7).permutation(array)
    first = ArrayBlocks(array).sample(n, np.random.default_rng(3))
    second = ArrayBlocks(shuffled).sample(n, np.random.default_rng(3))
    np.testing.assert_array_equal(first, second)
    assert len(np.unique(first, axis=0)) == min(n, 1_000)
    assert {tuple(row) for row in first} <= {tuple(row) for row in array}


def test_equal_rows_keep_their_share_of_a_sample():
    array = np.vstack([np.zeros((600, 2)), rows(400, 2)])
    found = ArrayBlocks(array).sample(100, np.random.default_rng(0))
    assert abs((found == 0).all(axis=1).sum() - 60) <= 1


def test_the_order_of_rows_is_that_along_a_direction():
    array = rows(500)
    order = canonical_order(array, np.random.default_rng(5))
    direction = np.random.default_rng(5).normal(size=3)
    along = array[order] @ direction
    assert (np.diff(along) >= -1e-12).all()
    assert sorted(order) == list(range(500))
