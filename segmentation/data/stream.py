"""Customers in a Parquet file, segmented without ever holding all of them in memory."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from segmentation.data.blocks import BLOCK_ROWS, Blocks, map_blocks
from segmentation.data.preprocessing import CustomerPreprocessing
from segmentation.data.schema import DataError, Fault, default_features, numeric_faults

# Choice and transform of columns are decided on this many rows, spread over the file.
DECISION_ROWS = 200_000
BUFFER_BYTES = 2**20
REVENUE = "total_revenue"
ID = "customer_id"

Columns = dict[str, np.ndarray]


class StreamingModel(Protocol):
    """What a method must offer to be fitted to a file.

    `_fit_blocks` learns from blocks of scaled customers, `_memberships` returns the memberships
    of one block, `_order_` puts the segments into order.
    """

    seed: int
    features: Sequence[str] | None
    transform: str
    preprocessing_: CustomerPreprocessing
    warnings_: list[str]
    seconds_: float
    _order_: np.ndarray

    def _fit_blocks(self, blocks: Blocks) -> object: ...

    def _memberships(self, scaled: np.ndarray) -> np.ndarray: ...

    def _fit_warnings(self) -> list[str]: ...


class ParquetColumns:
    """Columns of a Parquet file as numbers, in blocks of `BLOCK_ROWS` rows.

    Parameters
    ----------
    path : str or Path
    names : sequence of str
        Numeric columns.
    text : sequence of str
        Further columns, as they are.

    Raises
    ------
    DataError
        If the file cannot be read, or a column is missing or not numeric; while iterating, if
        a cell is not a finite number.
    """

    def __init__(self, path: str | Path, names: Sequence[str], text: Sequence[str] = ()):
        self.path, self.names, self.text = Path(path), list(names), list(text)
        with _opened(self.path) as file:
            schema, self.n_rows = file.schema_arrow, file.metadata.num_rows
        faults = [fault for name in self.names for fault in _type_faults(schema, name)]
        if not self.n_rows:
            faults.append(Fault("the file has no rows.", "Choose a file with customers."))
        if faults:
            raise DataError(faults)

    def __iter__(self) -> Iterator[Columns]:
        """Yield arrays by column name; all blocks but the last have `BLOCK_ROWS` rows."""
        first_row = 0
        with _opened(self.path) as file:
            batches = file.iter_batches(BLOCK_ROWS, columns=[*self.names, *self.text])
            for table in _rechunked(batches):
                yield self._numbers(table, first_row)
                first_row += len(table)

    def _numbers(self, table: pa.Table, first_row: int) -> Columns:
        columns = {name: table[name].cast(pa.float64()).to_numpy() for name in self.names}
        if not all(np.isfinite(column).all() for column in columns.values()):
            numbers = pd.DataFrame(columns, index=range(first_row, first_row + len(table)))
            faults = numeric_faults(numbers, self.names)
            raise DataError([_moved(fault, first_row) for fault in faults])
        return columns | {name: table[name] for name in self.text}


class ParquetBlocks:
    """Scaled customers of a Parquet file, see `segmentation.data.blocks.Blocks`.

    Every iteration reads the file once, and only the columns that are used.

    Parameters
    ----------
    path : str or Path
    preprocessing : CustomerPreprocessing
        Fitted.
    """

    def __init__(self, path: str | Path, preprocessing: CustomerPreprocessing):
        self.preprocessing = preprocessing
        self.columns = ParquetColumns(path, preprocessing.used_)
        self.n_rows, self.n_columns = self.columns.n_rows, len(preprocessing.used_)

    def __iter__(self) -> Iterator[np.ndarray]:
        """Yield the blocks; they are scaled on all cores."""
        return map_blocks(self.columns, self.preprocessing.scale)

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Return the rows that `segmentation.data.blocks.ArrayBlocks` would return, save near ties.

        They are found in two passes: one for the values along the random direction at which the
        rows lie, one for the rows. Rows of equal value are equal rows.
        """
        direction = rng.normal(size=self.n_columns)

        def along(block: np.ndarray) -> np.ndarray:
            return np.einsum("ij,j->i", block, direction)

        n = min(n, self.n_rows)
        values = np.empty(self.n_rows)
        for place, block in enumerate(map_blocks(self, along)):
            values[place * BLOCK_ROWS :][: len(block)] = block
        values.sort()
        if n < self.n_rows:
            places = (np.arange(n) + rng.random()) * (self.n_rows / n)
            values = values[places.astype(np.intp)]
        distinct, back = np.unique(values, return_inverse=True)
        rows = np.empty((len(distinct), self.n_columns))
        for block in self:
            found = along(block)
            nearest = np.minimum(np.searchsorted(distinct, found), len(distinct) - 1)
            hit = distinct[nearest] == found
            rows[nearest[hit]] = block[hit]
        return rows[back]


def fit_preprocessing(
    path: str | Path, features: Sequence[str] | None = None, transform: str = "auto"
) -> CustomerPreprocessing:
    """Fit the preprocessing to a Parquet file in at most two passes.

    Columns and transforms are decided on `DECISION_ROWS` rows, mean and scale are those of all
    rows.

    Parameters
    ----------
    path, features, transform
        See `ParquetColumns` and `segmentation.data.preprocessing.CustomerPreprocessing`.

    Raises
    ------
    DataError
        See `ParquetColumns` and `CustomerPreprocessing.fit`.
    """
    if features is None:
        with _opened(Path(path)) as file:
            features_seen = default_features(file.schema_arrow.empty_table().to_pandas())
    else:
        features_seen = list(features)
    columns = ParquetColumns(path, features_seen)
    preprocessing = CustomerPreprocessing(features, transform)
    preprocessing.decide(_decision_rows(columns))
    columns.names = preprocessing.used_
    # Not standardized yet, the preprocessing only transforms.
    preprocessing.standardize(np.zeros(len(columns.names)), np.ones(len(columns.names)))
    count, mean, squares = reduce(
        _joined, map_blocks(columns, lambda block: _moments(preprocessing.scale(block)))
    )
    return preprocessing.standardize(mean, np.sqrt(squares / count))


def fit_file(model: StreamingModel, path: str | Path) -> StreamingModel:
    """Segment the customers of a Parquet file.

    The model is the one that `model.fit` would find for the same customers, but it keeps neither
    labels nor memberships: `predict_file` writes those. Where virtual memory is limited, set the
    environment variable ARROW_DEFAULT_MEMORY_POOL=system: Arrow's own pool reserves far ahead.

    Parameters
    ----------
    model : FuzzyCustomerSegmentation or GMMCustomerSegmentation
    path : str or Path
        One row a customer; segments are numbered by descending mean of `total_revenue` if there
        is such a column, else by size.

    Returns
    -------
    model

    Raises
    ------
    TypeError
        If the method cannot be fitted block by block.
    ValueError
        If a parameter of the model is out of its range.
    DataError
        See `fit_preprocessing`.
    """
    if not hasattr(model, "_fit_blocks"):
        raise TypeError(f"{type(model).__name__} needs all customers in memory: use fit instead.")
    started = time.perf_counter()
    model.spec.check(model.get_params(deep=False))
    model.preprocessing_ = fit_preprocessing(path, model.features, model.transform)
    model._fit_blocks(ParquetBlocks(path, model.preprocessing_))
    model._order_, empty = _order(model, path)
    model.warnings_ = model._fit_warnings()
    if empty:
        model.warnings_.append(f"{empty} segments are empty. Ask for fewer segments.")
    model.seconds_ = time.perf_counter() - started
    return model


def predict_file(model: StreamingModel, path: str | Path, out: str | Path) -> None:
    """Write segments and memberships of the customers of a Parquet file, in the same order.

    Parameters
    ----------
    model : FuzzyCustomerSegmentation or GMMCustomerSegmentation
        Fitted.
    path : str or Path
    out : str or Path
        Parquet file with customer_id (if the customers have one), segment (int, from 0) and
        membership_0 to membership_<k-1>. A failure leaves an existing file untouched.

    Raises
    ------
    DataError
        See `ParquetColumns`.
    """
    out = Path(out)
    with _opened(Path(path)) as file:
        text = [ID] if ID in file.schema_arrow.names else []
    columns = ParquetColumns(path, model.preprocessing_.used_, text)

    def answer(block: Columns) -> pa.Table:
        memberships = model._memberships(model.preprocessing_.scale(block))[:, model._order_]
        labels = memberships.argmax(axis=1).astype(np.int32)
        answers = {f"membership_{k}": column for k, column in enumerate(memberships.T)}
        return pa.table({name: block[name] for name in text} | {"segment": labels} | answers)

    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".saving-") as directory:
        draft = Path(directory) / out.name
        tables = map_blocks(columns, answer)
        first = next(tables)
        with pq.ParquetWriter(draft, first.schema) as writer:
            writer.write_table(first)
            for table in tables:
                writer.write_table(table)
        draft.replace(out)


def _opened(path: Path) -> pq.ParquetFile:
    try:
        # Without buffers of a fixed size all that was read is kept until the end of the file.
        return pq.ParquetFile(path, pre_buffer=False, buffer_size=BUFFER_BYTES)
    except (OSError, pa.ArrowInvalid) as error:
        problem = f"the file {path.name} cannot be read as Parquet: {error}."
        raise DataError([Fault(problem, "Check the path, or export it again.")]) from error


def _type_faults(schema: pa.Schema, name: str) -> list[Fault]:
    if name not in schema.names:
        return [Fault("is missing.", "Add the column or choose other features.", column=name)]
    kind = schema.field(name).type
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean)
    if any(test(kind) for test in tests):
        return []
    return [Fault(f"holds {kind}, not numbers.", "Convert it or leave it out.", column=name)]


def _moved(fault: Fault, rows: int) -> Fault:
    return Fault(fault.problem, fault.cure, fault.column, (fault.row or 0) + rows)


def _rechunked(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Yield tables of exactly `BLOCK_ROWS` rows, whatever the row groups; the last may be less."""
    waiting: list[pa.RecordBatch] = []
    missing = BLOCK_ROWS
    for batch in batches:
        while batch.num_rows >= missing:
            yield pa.Table.from_batches([*waiting, batch.slice(0, missing)])
            batch, waiting, missing = batch.slice(missing), [], BLOCK_ROWS
        if batch.num_rows:
            waiting.append(batch)
            missing -= batch.num_rows
    if waiting:
        yield pa.Table.from_batches(waiting)


def _decision_rows(columns: ParquetColumns) -> pd.DataFrame:
    """Return rows at equal distances all over the file; all rows of a small file."""
    step = max(1, -(-columns.n_rows // DECISION_ROWS))
    # Copies, since a view would keep its whole block in memory.
    parts = [
        {name: column[-place * BLOCK_ROWS % step :: step].copy() for name, column in block.items()}
        for place, block in enumerate(columns)
    ]
    return pd.DataFrame({name: np.concatenate([p[name] for p in parts]) for name in columns.names})


Moments = tuple[int, np.ndarray, np.ndarray]


def _moments(rows: np.ndarray) -> Moments:
    """Return count, means and sums of squares about the means."""
    mean = rows.mean(axis=0)
    return len(rows), mean, ((rows - mean) ** 2).sum(axis=0)


def _joined(first: Moments, second: Moments) -> Moments:
    """Join the moments of two sets of rows (Chan, Golub and LeVeque 1983)."""
    count = first[0] + second[0]
    step = second[1] - first[1]
    mean = first[1] + step * (second[0] / count)
    return count, mean, first[2] + second[2] + step**2 * (first[0] * second[0] / count)


def _order(model: StreamingModel, path: str | Path) -> tuple[np.ndarray, int]:
    """Return segment numbers by descending mean revenue, empty ones last, and how many are empty.

    Without revenue the size decides.
    """
    used = model.preprocessing_.used_
    with _opened(Path(path)) as file:
        has_revenue = REVENUE in file.schema_arrow.names
    names = list(dict.fromkeys([*used, REVENUE])) if has_revenue else used

    def totals(block: Mapping[str, np.ndarray]) -> np.ndarray:
        memberships = model._memberships(model.preprocessing_.scale(block))
        labels, k = memberships.argmax(axis=1), memberships.shape[1]
        sizes = np.bincount(labels, minlength=k)
        weights = block[REVENUE] if has_revenue else None
        return np.array([sizes, np.bincount(labels, weights, minlength=k)])

    sizes, worth = sum(map_blocks(ParquetColumns(path, names), totals))
    if has_revenue:
        worth = worth / np.maximum(sizes, 1)
    order = np.argsort(np.where(sizes > 0, -worth, np.inf), kind="stable")
    return order, int((sizes == 0).sum())
