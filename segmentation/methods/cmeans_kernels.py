"""Compiled loops of fuzzy c-means over a block of rows.

They work on tiles of `TILE` rows, turned so that the rows of a tile lie side by side: every inner
loop then runs over rows and becomes vector instructions, logarithm and exponential included.
"""

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

TILE = 128
# A customer on a centre: smaller than any distance that matters, its inverse does not overflow.
TINY = 1e-290
LN2 = 0.6931471805599453
# ln 2 in two parts, so that the argument of the exponential is reduced without loss.
LN2_HIGH, LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
# Added to a double, it leaves the nearest whole number in the lowest bits.
ROUNDER = 6755399441055744.0
# Sums may be taken in any order; more freedom would break the rounding in `_exp`.
SUMS = {"reassoc", "contract", "nsz"}


@intrinsic
def _bits(_typing, _number):
    def generate(context, builder, _signature, arguments):
        return builder.bitcast(arguments[0], context.get_value_type(types.int64))

    return types.int64(types.float64), generate


@intrinsic
def _from_bits(_typing, _number):
    def generate(context, builder, _signature, arguments):
        return builder.bitcast(arguments[0], context.get_value_type(types.float64))

    return types.float64(types.int64), generate


@njit(inline="always", error_model="numpy")
def _log(x):
    """Return the logarithm of a positive normal number, right to the last bits."""
    bits = _bits(x)
    exponent = (bits - SQRT_HALF_BITS) >> 52
    mantissa = _from_bits(bits - (exponent << 52))
    s = (mantissa - 1.0) / (mantissa + 1.0)
    z = s * s
    series = 1.0 / 19.0
    series = series * z + 1.0 / 17.0
    series = series * z + 1.0 / 15.0
    series = series * z + 1.0 / 13.0
    series = series * z + 1.0 / 11.0
    series = series * z + 1.0 / 9.0
    series = series * z + 1.0 / 7.0
    series = series * z + 1.0 / 5.0
    series = series * z + 1.0 / 3.0
    series = series * z + 1.0
    return 2.0 * s * series + exponent * LN2


@njit(inline="always", error_model="numpy")
def _exp(x):
    """Return the exponential of a number below 700, right to the last bits."""
    x = max(x, -700.0)
    shifted = x * (1.0 / LN2) + ROUNDER
    whole = shifted - ROUNDER
    r = (x - whole * LN2_HIGH) - whole * LN2_LOW
    series = 1.0 / 6227020800.0
    series = series * r + 1.0 / 479001600.0
    series = series * r + 1.0 / 39916800.0
    series = series * r + 1.0 / 3628800.0
    series = series * r + 1.0 / 362880.0
    series = series * r + 1.0 / 40320.0
    series = series * r + 1.0 / 5040.0
    series = series * r + 1.0 / 720.0
    series = series * r + 1.0 / 120.0
    series = series * r + 1.0 / 24.0
    series = series * r + 1.0 / 6.0
    series = series * r + 0.5
    series = series * r + 1.0
    series = series * r + 1.0
    return _from_bits(_bits(series) + (_bits(shifted) << 52))


@njit(inline="always", error_model="numpy")
def _buffers(centers):
    n_clusters, n_columns = centers.shape
    x = np.empty((n_columns, TILE))
    inverse = np.empty((n_clusters, TILE))
    u = np.empty((n_clusters, TILE))
    return x, inverse, u, np.empty(TILE), np.empty(TILE)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _tile(rows, centers, m, delta, x, inverse, u, cost, total):
    """Fill memberships `u`, inverse squared distances and the cost of every row of a tile.

    With p = 1 / (m - 1), u_j = d_j^-2p / sum d^-2p and the cost is (sum d^-2p)^(1 - m), so that
    u_j^m = u_j cost / d_j^2 needs no power. Powers are taken relative to the nearest centre.
    """
    n = rows.shape[0]
    n_clusters, n_columns = centers.shape
    for f in range(n_columns):
        for t in range(n):
            x[f, t] = rows[t, f]
    for j in range(n_clusters):
        for t in range(n):
            inverse[j, t] = TINY
        for f in range(0, n_columns - 1, 2):
            center, other = centers[j, f], centers[j, f + 1]
            for t in range(n):
                first = x[f, t] - center
                second = x[f + 1, t] - other
                inverse[j, t] += first * first + second * second
        if n_columns % 2:
            center = centers[j, n_columns - 1]
            for t in range(n):
                first = x[n_columns - 1, t] - center
                inverse[j, t] += first * first
        for t in range(n):
            inverse[j, t] = 1.0 / inverse[j, t]
    if m == 2.0:
        for t in range(n):
            total[t] = 1.0 / delta
        for j in range(n_clusters):
            for t in range(n):
                total[t] += inverse[j, t]
        for t in range(n):
            cost[t] = 1.0 / total[t]
        for j in range(n_clusters):
            for t in range(n):
                u[j, t] = inverse[j, t] * cost[t]
        return
    power = 1.0 / (m - 1.0)
    far = -_log(delta) if delta < np.inf else -np.inf
    for t in range(n):
        cost[t] = far
    for j in range(n_clusters):
        for t in range(n):
            u[j, t] = _log(inverse[j, t])
            cost[t] = max(cost[t], u[j, t])
    for t in range(n):
        total[t] = 0.0
    if delta < np.inf:
        for t in range(n):
            total[t] = _exp(power * (far - cost[t]))
    for j in range(n_clusters):
        for t in range(n):
            u[j, t] = _exp(power * (u[j, t] - cost[t]))
            total[t] += u[j, t]
    for t in range(n):
        cost[t] = _exp((1.0 - m) * _log(total[t]) - cost[t])
        total[t] = 1.0 / total[t]
    for j in range(n_clusters):
        for t in range(n):
            u[j, t] *= total[t]


@njit(nogil=True, cache=True, error_model="numpy", fastmath=SUMS)
def fuzzy_sums(block, centers, m, delta):
    """Return what a step of fuzzy c-means needs to know about a block; it adds up.

    Parameters
    ----------
    block : C-contiguous float64 array of shape (n_rows, n_columns)
    centers : C-contiguous float64 array of shape (n_clusters, n_columns)
    m : float
    delta : float
        Squared distance of every row to the noise cluster; infinite without one.

    Returns
    -------
    float64 array of shape (n_clusters + 1, n_columns + 1)
        Row j holds sum u_j^m x and sum u_j^m; the last row begins with the sum of all u^2 and
        ends with the objective.
    """
    n_clusters, n_columns = centers.shape
    x, inverse, u, cost, total = _buffers(centers)
    sums = np.zeros((n_clusters + 1, n_columns + 1))
    for start in range(0, block.shape[0], TILE):
        rows = block[start : start + TILE]
        n = rows.shape[0]
        _tile(rows, centers, m, delta, x, inverse, u, cost, total)
        for j in range(n_clusters):
            crisp, weight = 0.0, 0.0
            for t in range(n):
                crisp += u[j, t] * u[j, t]
                u[j, t] *= cost[t] * inverse[j, t]
                weight += u[j, t]
            sums[n_clusters, 0] += crisp
            sums[j, n_columns] += weight
            for f in range(n_columns):
                weighted = 0.0
                for t in range(n):
                    weighted += u[j, t] * x[f, t]
                sums[j, f] += weighted
        objective = 0.0
        for t in range(n):
            objective += cost[t]
        sums[n_clusters, n_columns] += objective
    return sums


@njit(nogil=True, cache=True, error_model="numpy")
def fuzzy_memberships(block, centers, m, delta, out):
    """Write the memberships of a block to `out`, shape (n_rows, n_clusters)."""
    x, inverse, u, cost, total = _buffers(centers)
    for start in range(0, block.shape[0], TILE):
        rows = block[start : start + TILE]
        _tile(rows, centers, m, delta, x, inverse, u, cost, total)
        for t in range(rows.shape[0]):
            for j in range(centers.shape[0]):
                out[start + t, j] = u[j, t]


@njit(nogil=True, cache=True, error_model="numpy")
def fuzzy_labels(block, centers, m, delta, out):
    """Write the number of the largest membership of every row to `out`, shape (n_rows,)."""
    x, inverse, u, cost, total = _buffers(centers)
    for start in range(0, block.shape[0], TILE):
        rows = block[start : start + TILE]
        _tile(rows, centers, m, delta, x, inverse, u, cost, total)
        for t in range(rows.shape[0]):
            label = 0
            for j in range(1, centers.shape[0]):
                if u[j, t] > u[label, t]:
                    label = j
            out[start + t] = label
