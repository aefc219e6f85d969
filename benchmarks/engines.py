"""The two block engines by name, for the benchmarks that measure both."""

from __future__ import annotations

import numpy as np

ENGINES = ("fuzzy", "gmm")
K = 4
SEED = 0
REG_COVAR = 0.1
WARM_UP_ROWS = 25_000


def engine(name: str, m: float = 2.0) -> object:
    """Return an engine that is not fitted yet."""
    if name == "fuzzy":
        from segmentation.methods.cmeans import FuzzyCMeans

        return FuzzyCMeans(K, m=m, random_state=SEED)
    from segmentation.methods.mixture import BlockGaussianMixture

    return BlockGaussianMixture(
        K, covariance_type="full", reg_covar=REG_COVAR, n_init=10, random_state=SEED
    )


def fitted(name: str, scaled: np.ndarray, m: float = 2.0) -> tuple[object, np.ndarray]:
    """Return an engine fitted to rows, and their memberships."""
    model = engine(name, m).fit(scaled)
    return model, model.predict_proba(scaled)


def warm_up(name: str, n_columns: int = 7) -> None:
    """Compile (or load from the cache) what the engine compiles."""
    fitted(name, np.random.default_rng(SEED).normal(size=(WARM_UP_ROWS, n_columns)))


def first_call(name: str) -> dict[str, float]:
    """Return the seconds of the first fit in a process less those of the second one."""
    from benchmarks.timing import seconds_of

    engine(name)  # imports are not compilation
    first, second = (seconds_of(lambda: warm_up(name)).seconds for _ in range(2))
    return {"seconds": first - second}


def compile_seconds(name: str) -> tuple[float, float]:
    """Return what the first call costs in seconds: nothing cached, and with the cache."""
    from tempfile import TemporaryDirectory

    from benchmarks.timing import in_fresh_process

    with TemporaryDirectory() as folder:
        cold, warm = (
            in_fresh_process("engines.first_call", name, NUMBA_CACHE_DIR=folder)["seconds"]
            for _ in range(2)
        )
    return cold, warm
