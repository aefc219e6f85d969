import gzip
from decimal import Decimal

import pandas as pd
import pytest

from segmentation.data.reader import read_dataset, read_table
from segmentation.data.schema import DataError, fingerprint

LINES = (
    "Customer ID,Customer Name,Order ID,Order Date,Sales,Category\n"
    '00004,"Doe, Zoë",A1,2024-01-01,10.50,Food\n'
    "00004,Zoë,A2,2024-01-31,20,Food\n"
    ",,A3,2024-02-01,5.25,Food\n"
    "AB-1,Max,A4,2024-02-01,7.75,Toys\n"
    "Z,Eve,A5,2024-02-02,-1,Toys\n"
)


def customers(**columns) -> pd.DataFrame:
    plain = {"customer_id": ["01", "02", "03"], "total_revenue": [1.5, 2, 3], "total_purchases": 1}
    return pd.DataFrame({**plain, **columns})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", [".csv", ".tsv", ".CSV.gz"])
def test_text_files(tmp_path, encoding, delimiter, ending):
    path = tmp_path / f"table{ending}"
    rows = [["id", "name", "n"], ["007", "Zoë", "1.5"], ["8", '"a ""b""\nc"', ""]]
    content = "\n".join(delimiter.join(row) for row in rows).encode(encoding)
    path.write_bytes(gzip.compress(content) if ending.endswith("gz") else content)
    table = read_table(path)
    assert table["id"].tolist() == ["007", "8"]
    assert table["name"].tolist() == ["Zoë", 'a "b"\nc']
    assert table["n"].iloc[0] == 1.5
    assert pd.isna(table["n"].iloc[1])


@pytest.mark.parametrize(
    ("name", "cells", "dtype"),
    [
        ("amount", ["1", "-2.5", "3e2"], "float64"),
        ("count", ["1", "2", "3"], "int64"),
        ("count", ["1", "", "3"], "float64"),
        ("code", ["1", "2", "3"], "str"),
        ("Customer Number", ["1", "2", "3"], "str"),
        ("postal", ["01234", "20000", "30000"], "str"),
        ("Phone", ["555", "556", "557"], "str"),
        ("StoreID", ["1", "2", "3"], "str"),
        ("amount", ["1", "2", "n/a"], "str"),
        ("amount", ["1", "nan", "NA"], "str"),
        ("amount", ["1,5", "2,5", "3"], "str"),
        ("blank", ["", "", ""], "str"),
    ],
)
def test_numbers(tmp_path, name, cells, dtype):
    path = tmp_path / "table.csv"
    pd.DataFrame({name: cells, "z": "z"}).to_csv(path, index=False)
    table = read_table(path)
    assert str(table[name].dtype) == dtype
    if dtype == "str":
        assert table[name].tolist() == cells


def test_excel(tmp_path):
    path = tmp_path / "book.xlsx"
    table = customers(joined=pd.to_datetime("2024-01-05"), account_key=[17, 18, 19])
    with pd.ExcelWriter(path) as book:
        table.to_excel(book, sheet_name="first", index=False)
        customers(total_revenue=9).to_excel(book, sheet_name="second", index=False)
    found = read_table(path)
    assert found["customer_id"].tolist() == ["01", "02", "03"]
    assert found["account_key"].tolist() == ["17", "18", "19"]
    assert found["total_revenue"].tolist() == [1.5, 2.0, 3.0]
    assert found["joined"].str.startswith("2024-01-05").all()


def test_parquet_keeps_types_and_index(tmp_path):
    path = tmp_path / "table.parquet"
    customers(day=pd.Timestamp("2024-01-05")).set_index("customer_id").to_parquet(path)
    table = read_table(path)
    assert table["customer_id"].tolist() == ["01", "02", "03"]
    assert pd.api.types.is_datetime64_any_dtype(table["day"])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", None, "does not exist"),
        ("a.doc", b"x", "unknown kind.*\\.xlsx"),
        ("a.xlsx.gz", b"x", "unknown kind"),
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\xef\xbb\xbf \n\n", "is empty"),
        ("a.csv", b"a,b\n", "no rows of data"),
        ("a.csv", b"a,b\n1\0,2\n", "not a text file"),
        ("a.csv", b"a,b\n\x81,2\n", "not a text file"),
        ("a.csv", b"a,a,b\n1,2,3\n", 'Column "a": appears more than once'),
        ("a.csv.gz", b"plain", "cannot be read"),
        ("a.csv.gz", gzip.compress(b"a,b\n1,2\n")[:-9], "cannot be read"),
        ("a.xlsx", b"plain", "cannot be read"),
        ("a.parquet", b"plain", "cannot be read"),
    ],
)
def test_unreadable_files(tmp_path, name, content, words):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=words):
        read_table(path)


def test_parquet_decimals_are_numbers_and_lists_are_text(tmp_path):
    table = customers(total_revenue=[Decimal("1.5"), Decimal(2), None], tags=[[1], [2, 3], None])
    table.to_parquet(tmp_path / "a.parquet")
    found = read_table(tmp_path / "a.parquet")
    assert found["total_revenue"].tolist()[:2] == [1.5, 2.0]
    assert found["tags"].tolist()[:2] == ["[1]", "[2 3]"]
    assert len(fingerprint(found)) == 64


def test_departments_in_any_alphabet_stay_apart(tmp_path):
    columns = {
        "customer": ["a", "a", "b"],
        "date": ["2025-01-01", "2025-01-05", "2025-02-01"],
        "amount": [1.0, 2.0, 4.0],
        "department": ["Молоко", "飲料", "Молоко"],
    }
    pd.DataFrame(columns).to_csv(tmp_path / "a.csv", index=False)
    found = read_dataset(tmp_path / "a.csv").customers
    assert found["dept_total_value_молоко"].tolist() == [1.0, 4.0]
    assert found["dept_total_value_飲料"].tolist() == [2.0, 0.0]


def test_an_empty_sheet_has_no_rows(tmp_path):
    pd.DataFrame().to_excel(tmp_path / "book.xlsx", index=False)
    with pytest.raises(DataError, match="no rows of data"):
        read_table(tmp_path / "book.xlsx")


def test_ragged_rows_are_listed(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,"x\ny"\n3\n4,5,6\n' + "7\n" * 8)
    with pytest.raises(DataError) as caught:
        read_table(path)
    assert [fault.row for fault in caught.value.faults] == [2, 3, 4, 5, 6, None]
    assert "Row 3: has 3 cells, but the header has 2." in str(caught.value)
    assert "5 more rows" in str(caught.value)


def test_a_column_without_a_name_is_numbered(tmp_path):
    customers().to_csv(tmp_path / "a.csv")
    assert read_table(tmp_path / "a.csv").columns[0] == "column_1"


def test_transactions_become_customers(tmp_path):
    path = tmp_path / "till.csv"
    path.write_text(LINES, encoding="utf-8")
    data = read_dataset(path)
    assert data.customers["customer_id"].tolist() == ["00004", "AB-1"]
    assert data.customers["total_revenue"].tolist() == [30.5, 7.75]
    assert data.customers["recency_days"].tolist() == [2, 1]
    assert not [column for column in data.customers if "name" in column.lower()]
    assert (data.name, data.source, data.as_of) == ("till.csv", "file", "2024-02-02")
    assert data.monthly["revenue"].tolist() == [30.5, 7.75]
    assert data.notes == (
        "Read 4 transaction lines of 2 customers; customer = Customer ID, order = Order ID, "
        "amount = Sales, date = Order Date, department = Category.",
        "Recency counts to 2024-02-02, the day after the last order.",
        "Customers left out, with returns but no order: 1.",
        "Columns not used: Customer Name.",
        "Lines left out, without a customer: 1 of 5 (amounts of 5.25 in all).",
    )


def test_as_of_and_name_are_taken(tmp_path):
    path = tmp_path / "till.csv"
    path.write_text(LINES, encoding="utf-8")
    data = read_dataset(path, as_of="2024-03-01", name="My shop")
    assert (data.name, data.as_of) == ("My shop", "2024-03-01")
    assert data.customers["recency_days"].tolist() == [30, 29]


def test_customers_are_validated(tmp_path):
    path = tmp_path / "customers.csv"
    names = {"customer_id": "Household ID", "total_revenue": "Total Revenue"}
    customers(email="a@example.org").rename(columns=names).to_csv(path, index=False)
    data = read_dataset(path, as_of="2024-03-01")
    expected = ["customer_id", "total_revenue", "total_purchases", "email"]
    assert list(data.customers.columns) == expected
    assert data.customers["customer_id"].tolist() == ["01", "02", "03"]
    assert data.monthly is None
    assert data.as_of == "2024-03-01"
    assert data.notes == (
        "Read 3 customers; customer = Household ID.",
        "Personal data, never used by a method: email.",
    )


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (customers(customer_id=["1", "1", "2"]), "repeats the id"),
        (customers(total_revenue=["1", "x", "2"]), "'x', which is not a finite number"),
        (customers(**{"Total Revenue": 1}), "appears more than once"),
        (pd.DataFrame({"colour": ["red"], "size": ["XL"]}), "the table has colour, size"),
    ],
)
def test_faulty_tables(tmp_path, table, words):
    table.to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(DataError, match=words):
        read_dataset(tmp_path / "a.csv")
