"""Scaled customers as blocks of rows, so that sums over them need not hold all of them at once.

Fuzzy c-means, Gaussian mixtures and k-means iterate "assign a block of customers, add up small
weighted sums, update". What adds up can be added block by block: in memory on all cores, or while
streaming a file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from operator import add
from typing import Protocol, TypeVar

import numpy as np
from joblib import cpu_count

from segmentation.data.order import canonical_order

# Fixed, and added up in order: the sums are the same to the last bit with one thread or many.
BLOCK_ROWS = 32_768

T = TypeVar("T")


class Blocks(Protocol):
    """Rows of a scaled matrix, in blocks of at most `BLOCK_ROWS`, always the same ones.

    Attributes
    ----------
    n_rows, n_columns : int
    """

    n_rows: int
    n_columns: int

    def __iter__(self) -> Iterator[np.ndarray]:
        """Yield C-contiguous float64 arrays of shape (n_block_rows, n_columns), in order."""

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Return `n` different rows at random (all rows if there are no more)."""


class ArrayBlocks:
    """Blocks of an array in memory; they are views, not copies."""

    def __init__(self, scaled: np.ndarray):
        self.array = np.ascontiguousarray(scaled, dtype=np.float64)
        self.n_rows, self.n_columns = self.array.shape

    def __iter__(self) -> Iterator[np.ndarray]:
        """Yield the blocks."""
        for start in range(0, self.n_rows, BLOCK_ROWS):
            yield self.array[start : start + BLOCK_ROWS]

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Return `n` different rows at random (all rows if there are no more).

        Every so-manieth row along a random direction is taken: which rows these are depends on
        their values, not on the order in which they stand, and equal rows keep their share.
        """
        order = canonical_order(self.array, rng)
        if n >= self.n_rows:
            return self.array[order]
        chosen = ((np.arange(n) + rng.random()) * (self.n_rows / n)).astype(np.intp)
        return self.array[order[chosen]]


def add_up(blocks: Blocks, statistics: Callable[[np.ndarray], T]) -> T:
    """Return the sum of `statistics(block)` over all blocks.

    Parameters
    ----------
    blocks : Blocks
    statistics : callable
        Must release the interpreter lock to use all cores; its results must support `+`.
    """
    return reduce(add, map_blocks(blocks, statistics))


def map_blocks(blocks: Blocks, function: Callable[[np.ndarray], T]) -> Iterator[T]:
    """Yield `function(block)` for all blocks in order, computed on all cores.

    Only a few blocks are held at a time.
    """
    n_threads = cpu_count()
    if n_threads == 1 or blocks.n_rows <= BLOCK_ROWS:
        yield from map(function, blocks)
        return
    with ThreadPoolExecutor(n_threads) as pool:
        waiting: deque = deque()
        for block in blocks:
            waiting.append(pool.submit(function, block))
            if len(waiting) > 2 * n_threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
