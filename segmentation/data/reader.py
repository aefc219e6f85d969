"""From a file to a table, and from a table to customers."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from python_calamine import CalamineError

from segmentation.data.dataset import Dataset
from segmentation.data.features import (
    TransactionSummary,
    monthly_sales,
    parse_as_of,
    summarize_transactions,
)
from segmentation.data.mapping import (
    ColumnMapping,
    leave_out_anonymous,
    propose_mapping,
    recognise,
    standardize,
)
from segmentation.data.schema import (
    FEATURE_NAMES,
    DataError,
    Fault,
    Role,
    columns_with,
    describe,
    slug,
    validate_customers,
)

_TEXT: Final = (".csv", ".tsv", ".tab", ".txt")
_EXCEL: Final = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_PARQUET: Final = (".parquet", ".pq")
_DELIMITERS: Final = (",", ";", "\t", "|")
_PLAIN_NUMBER: Final = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?"
_TEXT_ROLES: Final = (Role.ID, Role.PERSONAL)  # postal codes and phone numbers are no measures
_BLOCK_BYTES: Final = 1 << 24
_RAGGED_SHOWN: Final = 5
# What the parsers raise for files that are damaged or not what their names promise.
_DAMAGE: Final = (OSError, EOFError, zlib.error, csv.Error, pa.ArrowException, CalamineError)


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a CSV, TSV, Excel or Parquet file.

    Text files may be compressed with gzip, encoded in UTF-8, UTF-16 or Windows-1252, and
    separated by comma, semicolon, tab or bar. A column becomes numeric only if every cell that is
    not empty is a plain number without leading zeros, and it is not a column of ids or
    personal data. Of an Excel
    file the first sheet is read. Parquet keeps its types, except that decimals become floats, and
    lists and the like become text.

    Returns
    -------
    DataFrame of shape (n_rows, n_columns)
        Empty cells are missing in numeric columns and empty text elsewhere.

    Raises
    ------
    DataError
        If the file is missing, empty, of an unknown kind, damaged, or has no rows; and for every
        row that has not as many cells as the header, and every column name that appears twice.
    """
    path = Path(path)
    if not path.is_file():
        raise _file_error(path, "does not exist.", "Check the path.")
    read = _reader(path)
    try:
        table = read(path)
    except _DAMAGE as error:
        problem = f"cannot be read: {str(error).rstrip('.')}."
        raise _file_error(path, problem, "Save or export it again.") from error
    if table.empty:
        raise _file_error(path, "has no rows of data.", "Choose a file with data.")
    return table


def read_dataset(
    path: str | Path, *, as_of: date | str | None = None, name: str | None = None
) -> Dataset:
    """Read customers, or transactions and compute their customers.

    Parameters
    ----------
    path : str or Path
        A file that `read_table` reads.
    as_of : date or str, optional
        ISO date to which recency is counted; for transactions the day after the last order by
        default.
    name : str, optional
        For people; the file's name by default.

    Raises
    ------
    DataError
        With every fault of the file or table.
    """
    path = Path(path)
    table = read_table(path)
    build = _from_customers if recognise(table.columns) == "customers" else _from_transactions
    return build(table, as_of, name or path.name)


def _from_customers(table: pd.DataFrame, as_of: date | str | None, name: str) -> Dataset:
    customer = propose_mapping(table.columns).customer
    names = {column: slug(column) for column in table if slug(column) in FEATURE_NAMES}
    renamed = table.rename(columns={**names, customer: "customer_id"})
    _checked_names(renamed.columns)
    customers = validate_customers(renamed)
    notes = [f"Read {len(customers):,} customers; customer = {customer}."]
    personal = columns_with(customers.columns, Role.PERSONAL)
    if personal:
        notes.append(f"Personal data, never used by a method: {', '.join(personal)}.")
    day = parse_as_of(as_of).isoformat() if as_of is not None else ""
    return Dataset(name, customers, "file", as_of=day, notes=tuple(notes))


def _from_transactions(table: pd.DataFrame, as_of: date | str | None, name: str) -> Dataset:
    mapping = propose_mapping(table.columns)
    lines, anonymous = leave_out_anonymous(standardize(table, mapping))
    summary = summarize_transactions(lines, as_of=as_of)
    notes = _notes(table, mapping, summary, as_of is None)
    return Dataset(
        name=name,
        customers=validate_customers(summary.customers),
        source="file",
        as_of=summary.as_of.isoformat(),
        monthly=monthly_sales(lines),
        notes=(*notes, anonymous) if anonymous else notes,
    )


def _notes(
    table: pd.DataFrame, mapping: ColumnMapping, summary: TransactionSummary, assumed: bool
) -> tuple[str, ...]:
    """Say what was recognised, assumed and left out."""
    roles = {
        "order": mapping.order or f"{mapping.customer} and {mapping.date}",
        "amount": mapping.amount or f"{mapping.quantity} x {mapping.unit_price}",
        "date": mapping.date,
        "department": mapping.department,
        "class": mapping.product_class,
        "return": mapping.is_return,
    }
    recognised = ", ".join(f"{role} = {column}" for role, column in roles.items() if column)
    notes = [
        f"Read {summary.lines:,} transaction lines of {len(summary.customers):,} customers; "
        f"customer = {mapping.customer}, {recognised}."
    ]
    if assumed:
        notes.append(f"Recency counts to {summary.as_of}, the day after the last order.")
    if summary.returns_only:
        notes.append(f"Customers left out, with returns but no order: {summary.returns_only:,}.")
    used = {mapping.customer, *roles.values(), mapping.quantity}
    used |= set() if mapping.amount else {mapping.unit_price}
    unused = [str(column) for column in table.columns if column not in used]
    if unused:
        notes.append(f"Columns not used: {', '.join(unused)}.")
    return tuple(notes)


def _file_error(path: Path, problem: str, cure: str) -> DataError:
    return DataError([Fault(f"the file {path.name or path} {problem}", cure)])


def _reader(path: Path) -> Callable[[Path], pd.DataFrame]:
    """Choose how to read a file, by the end of its name."""
    name = path.name.lower()
    if name.endswith((*_TEXT, *(f"{ending}.gz" for ending in _TEXT))):
        return _read_text
    if name.endswith(_EXCEL):
        return _read_excel
    if name.endswith(_PARQUET):
        return _read_parquet
    cure = f"Choose one of {', '.join((*_TEXT, *_EXCEL, *_PARQUET))}; text files may end in .gz."
    raise _file_error(path, "is of an unknown kind.", cure)


def _read_text(path: Path) -> pd.DataFrame:
    text = _decode(path)
    rows: list[pyarrow.csv.InvalidRow] = []

    def collect(row: pyarrow.csv.InvalidRow) -> str:
        rows.append(row)
        return "skip"

    cells = pyarrow.csv.read_csv(
        pa.BufferReader(text.encode()),
        # Rows are counted by a single thread only.
        pyarrow.csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES),
        pyarrow.csv.ParseOptions(
            delimiter=_delimiter(text), newlines_in_values=True, invalid_row_handler=collect
        ),
        pyarrow.csv.ConvertOptions(default_column_type=pa.string(), strings_can_be_null=False),
    )
    if rows:
        raise DataError(_ragged_faults(rows))
    names = _checked_names(cells.column_names)
    return _with_numbers(cells.rename_columns(names).to_pandas())


def _read_excel(path: Path) -> pd.DataFrame:
    cells = pd.read_excel(path, header=None, dtype=str, keep_default_na=False, engine="calamine")
    cells = cells[(cells != "").any(axis=1)]
    if cells.empty:
        return cells
    names = _checked_names(cells.iloc[0].to_list())
    return _with_numbers(cells.iloc[1:].set_axis(names, axis=1).reset_index(drop=True))


def _read_parquet(path: Path) -> pd.DataFrame:
    # What pandas once stored as an index may be the customer: keep it as a column.
    table = pyarrow.parquet.read_table(path)
    table = table.rename_columns(_checked_names(table.column_names))
    cells = table.to_pandas(ignore_metadata=True)
    for field in table.schema:
        # In pandas these are Python objects: decimals are no numbers, and lists have no hash.
        if pa.types.is_decimal(field.type):
            cells[field.name] = cells[field.name].astype(float)
        elif pa.types.is_nested(field.type):
            cells[field.name] = cells[field.name].astype("str")
    return cells


def _decode(path: Path) -> str:
    """Return the text of a file, decompressed if its name ends in .gz."""
    content = path.read_bytes()
    if path.suffix.lower() == ".gz":
        content = gzip.decompress(content)
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not text.strip():
            raise _file_error(path, "is empty.", "Choose a file with data.")
        if "\0" not in text:
            return text
    raise _file_error(path, "is not a text file.", "Save it as CSV in UTF-8.")


def _delimiter(text: str) -> str:
    """Return the delimiter that splits the header into the most cells."""

    def cells(delimiter: str) -> int:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return len(next(row for row in rows if row))

    return max(_DELIMITERS, key=cells)


def _ragged_faults(rows: Sequence[pyarrow.csv.InvalidRow]) -> list[Fault]:
    """Return a fault for the first ragged rows, and one that counts the others."""
    cure = "Put text that holds the delimiter into quotes, or complete the row."
    faults = [
        Fault(
            f"has {row.actual_columns} cells, but the header has {row.expected_columns}.",
            cure,
            row=row.number - 1,
        )
        for row in rows[:_RAGGED_SHOWN]
    ]
    if len(rows) > _RAGGED_SHOWN:
        more = f"{len(rows) - _RAGGED_SHOWN:,} more rows have too many or too few cells."
        faults.append(Fault(more, cure))
    return faults


def _checked_names(names: Sequence[str]) -> list[str]:
    """Return column names without outer blanks, a blank one by its position.

    Raises
    ------
    DataError
        If a name appears twice.
    """
    named = [name.strip() or f"column_{number}" for number, name in enumerate(names, start=1)]
    repeated = [name for name, count in Counter(named).items() if count > 1]
    if repeated:
        cure = "Rename or remove one of the columns."
        raise DataError([Fault("appears more than once.", cure, name) for name in repeated])
    return named


def _with_numbers(cells: pd.DataFrame) -> pd.DataFrame:
    """Return a table of text with the columns of plain numbers as numbers."""
    mapping = propose_mapping(cells.columns)
    columns = {}
    for name in cells:
        filled = cells[name][cells[name] != ""]
        is_id = name in (mapping.customer, mapping.order) or describe(name).role in _TEXT_ROLES
        if not is_id and len(filled) and filled.str.fullmatch(_PLAIN_NUMBER).all():
            columns[name] = pd.to_numeric(cells[name].where(cells[name] != ""))
    return cells.assign(**columns)
