"""Compiled loops of the Gaussian mixture: densities, posteriors and weighted sums of a block.

Rows are worked on in tiles, columns first, so that every inner loop runs over neighbouring
numbers with a fixed count and the compiler can use the processor's vector instructions. Nothing
here calls BLAS, and the interpreter lock is released.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

TILE = 128
PRODUCT = 32  # so many sums of at most k numbers up to 1 multiply without overflow, k < 10^9
LOWEST = -700.0  # exp of it is still a normal number
LOG2_E = 1.4426950408889634
LN2_HIGH = 0.693147180369123816490
LN2_LOW = 1.90821492927058770002e-10
EXPONENT_SHIFT = 2.0**52 + 1023.0  # adding it leaves the exponent's bits at the low end
# Not "nnan" and "ninf": what goes wrong must stay visible.
FAST = {"reassoc", "contract", "nsz", "arcp"}


@njit(nogil=True, cache=True, fastmath=FAST, inline="always")
def _exp_tile(values, power, bits):
    """Replace a tile of values <= 0 by their exponentials, to one unit in the last place or two.

    `bits` is the memory of `power` seen as integers.
    """
    for t in range(TILE):
        x = max(values[t], LOWEST)
        n = math.floor(x * LOG2_E + 0.5)
        r = (x - n * LN2_HIGH) - n * LN2_LOW
        p = 1.0 / 6227020800.0
        p = p * r + 1.0 / 479001600.0
        p = p * r + 1.0 / 39916800.0
        p = p * r + 1.0 / 3628800.0
        p = p * r + 1.0 / 362880.0
        p = p * r + 1.0 / 40320.0
        p = p * r + 1.0 / 5040.0
        p = p * r + 1.0 / 720.0
        p = p * r + 1.0 / 120.0
        p = p * r + 1.0 / 24.0
        p = p * r + 1.0 / 6.0
        p = p * r + 0.5
        p = p * r + 1.0
        values[t] = p * r + 1.0
        power[t] = n + EXPONENT_SHIFT
    for t in range(TILE):
        bits[t] = bits[t] << 52
    for t in range(TILE):
        values[t] *= power[t]


@njit(nogil=True, cache=True, fastmath=FAST)
def _tile_posteriors(block, start, means, factors, constants, scratch, bits, joint):
    """Turn rows from `start` into posteriors.

    `scratch` has n_columns * 2 + 4 rows: the tile's columns, differences, then four of work; the
    last two hold the largest log-density of each row and the sum of the others relative to it.
    Rows after the end of the block repeat its last row.
    """
    n_components, n_columns = means.shape
    last = block.shape[0] - 1
    for t in range(TILE):
        row = min(start + t, last)
        for j in range(n_columns):
            scratch[j, t] = block[row, j]
    work = scratch[2 * n_columns]
    power = scratch[2 * n_columns + 1]
    top = scratch[2 * n_columns + 2]
    total = scratch[2 * n_columns + 3]
    for k in range(n_components):
        density = joint[k]
        for t in range(TILE):
            density[t] = 0.0
        for j in range(n_columns):
            column = scratch[j]
            difference = scratch[n_columns + j]
            mean = means[k, j]
            for t in range(TILE):
                difference[t] = column[t] - mean
            for t in range(TILE):
                work[t] = 0.0
            for i in range(j + 1):
                earlier = scratch[n_columns + i]
                factor = factors[k, i, j]
                if factor != 0.0:
                    for t in range(TILE):
                        work[t] += factor * earlier[t]
            for t in range(TILE):
                density[t] += work[t] * work[t]
        constant = constants[k]
        for t in range(TILE):
            density[t] = constant - 0.5 * density[t]
    for t in range(TILE):
        top[t] = joint[0, t]
        total[t] = 0.0
    for k in range(1, n_components):
        density = joint[k]
        for t in range(TILE):
            top[t] = max(top[t], density[t])
    for k in range(n_components):
        density = joint[k]
        for t in range(TILE):
            density[t] -= top[t]
        _exp_tile(density, power, bits)
        for t in range(TILE):
            total[t] += density[t]
    for t in range(TILE):
        power[t] = 1.0 / total[t]
    for k in range(n_components):
        density = joint[k]
        for t in range(TILE):
            density[t] *= power[t]


@njit(nogil=True, cache=True, fastmath=FAST)
def moments(block, means, factors, constants):
    """Return the weighted sums of a block that the M step needs.

    Parameters
    ----------
    block : float array of shape (n_rows, n_columns), C-contiguous
    means : float array of shape (n_components, n_columns)
    factors : float array of shape (n_components, n_columns, n_columns)
        Upper triangular; factor @ factor.T is the inverse covariance.
    constants : float array of shape (n_components,)
        What a log-density is at the mean, weight included.

    Returns
    -------
    weight : float array of shape (n_components,)
        Sum of posteriors.
    first : float array of shape (n_components, n_columns)
        Weighted sum of differences to the component's mean.
    second : float array of shape (n_components, n_columns, n_columns)
        Weighted sum of products of these differences; upper triangle, zero below.
    likelihood : float
        Sum of log-densities of rows.
    """
    n_components, n_columns = means.shape
    n_rows = block.shape[0]
    scratch = np.empty((2 * n_columns + 4, TILE))
    bits = scratch[2 * n_columns + 1].view(np.int64)
    joint = np.empty((n_components, TILE))
    weight = np.zeros(n_components)
    first = np.zeros((n_components, n_columns))
    second = np.zeros((n_components, n_columns, n_columns))
    likelihood = 0.0
    top = scratch[2 * n_columns + 2]
    total = scratch[2 * n_columns + 3]
    weighted = scratch[2 * n_columns]
    for start in range(0, n_rows, TILE):
        _tile_posteriors(block, start, means, factors, constants, scratch, bits, joint)
        used = min(TILE, n_rows - start)
        for t in range(used, TILE):
            top[t] = 0.0
            total[t] = 1.0
            for k in range(n_components):
                joint[k, t] = 0.0
        for group in range(0, TILE, PRODUCT):
            product = 1.0
            for t in range(group, group + PRODUCT):
                likelihood += top[t]
                product *= total[t]
            likelihood += math.log(product)
        for k in range(n_components):
            posterior = joint[k]
            added = 0.0
            for t in range(TILE):
                added += posterior[t]
            weight[k] += added
            for j in range(n_columns):
                column = scratch[j]
                difference = scratch[n_columns + j]
                mean = means[k, j]
                for t in range(TILE):
                    difference[t] = column[t] - mean
            for j in range(n_columns):
                difference = scratch[n_columns + j]
                for t in range(TILE):
                    weighted[t] = posterior[t] * difference[t]
                added = 0.0
                for t in range(TILE):
                    added += weighted[t]
                first[k, j] += added
                for i in range(j + 1):
                    other = scratch[n_columns + i]
                    added = 0.0
                    for t in range(TILE):
                        added += weighted[t] * other[t]
                    second[k, i, j] += added
    return weight, first, second, likelihood


@njit(nogil=True, cache=True, fastmath=FAST)
def posteriors(block, means, factors, constants):
    """Return posteriors, shape (n_rows, n_components), and log-densities, shape (n_rows,)."""
    n_components, n_columns = means.shape
    n_rows = block.shape[0]
    scratch = np.empty((2 * n_columns + 4, TILE))
    bits = scratch[2 * n_columns + 1].view(np.int64)
    joint = np.empty((n_components, TILE))
    top = scratch[2 * n_columns + 2]
    total = scratch[2 * n_columns + 3]
    shares = np.empty((n_rows, n_components))
    densities = np.empty(n_rows)
    for start in range(0, n_rows, TILE):
        _tile_posteriors(block, start, means, factors, constants, scratch, bits, joint)
        for t in range(min(TILE, n_rows - start)):
            densities[start + t] = top[t] + math.log(total[t])
            for k in range(n_components):
                shares[start + t, k] = joint[k, t]
    return shares, densities
