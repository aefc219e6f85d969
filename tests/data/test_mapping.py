import pandas as pd
import pytest

from segmentation.data.mapping import (
    ColumnMapping,
    leave_out_anonymous,
    propose_mapping,
    recognise,
    standardize,
)
from segmentation.data.schema import DataError

RETAILER = ["InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"]
SUPERSTORE = [
    *("Row ID", "Order ID", "Order Date", "Ship Date", "Customer ID", "Customer Name"),
    *("Category", "Sub-Category", "Sales", "Quantity", "Profit"),
]
SUPERMARKET = [
    *("household_id", "basket_id", "quantity", "sales_value", "transaction_timestamp"),
    *("department", "product_category", "product_type"),
]
STANDARD = [
    *("customer_id", "order_id", "order_date", "amount", "quantity", "unit_price"),
    *("department", "class", "is_return"),
]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            RETAILER,
            ColumnMapping(
                customer="CustomerID",
                order="InvoiceNo",
                date="InvoiceDate",
                quantity="Quantity",
                unit_price="UnitPrice",
            ),
        ),
        (
            SUPERSTORE,
            ColumnMapping(
                customer="Customer ID",
                order="Order ID",
                date="Order Date",
                amount="Sales",
                quantity="Quantity",
                department="Category",
                product_class="Sub-Category",
            ),
        ),
        (
            SUPERMARKET,
            ColumnMapping(
                customer="household_id",
                order="basket_id",
                date="transaction_timestamp",
                amount="sales_value",
                quantity="quantity",
                department="department",
                product_class="product_category",
            ),
        ),
        (STANDARD, ColumnMapping(*STANDARD)),
        (["a", "b"], ColumnMapping()),
    ],
)
def test_propose_mapping(columns, expected):
    assert propose_mapping(columns) == expected


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        (RETAILER, "transactions"),
        (SUPERSTORE, "transactions"),
        (SUPERMARKET, "transactions"),
        (STANDARD, "transactions"),
        (["customer_id", "total_revenue", "recency_days", "date", "amount"], "customers"),
        (["Customer ID", "Total revenue", "Recency Days"], "customers"),
        (["client", "age", "income"], "customers"),
    ],
)
def test_recognise(columns, kind):
    assert recognise(columns) == kind


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (["order_id", "date", "sales"], "recognised as customer"),
        (["customer_id", "order_id", "sales"], "recognised as date"),
        (["customer_id", "date", "quantity"], "recognised as amount"),
        (["colour"], "customer or date or amount.*the table has colour"),
    ],
)
def test_an_unknown_table_is_named(columns, words):
    with pytest.raises(DataError, match=words):
        recognise(columns)


def table(**columns) -> pd.DataFrame:
    plain = {"client": ["01", "02", "02"], "bought": "2024-01-05", "paid": ["1.5", "2", "-3"]}
    return pd.DataFrame({**plain, **columns})


MAPPING = ColumnMapping(customer="client", date="bought", amount="paid")


def test_standardize_names_and_types():
    source = table(shop="north")
    before = source.copy()
    lines = standardize(source, MAPPING)
    assert list(lines.columns) == ["customer_id", "order_id", "order_date", "amount"]
    assert lines["customer_id"].tolist() == ["01", "02", "02"]
    assert lines["amount"].tolist() == [1.5, 2.0, -3.0]
    assert lines["order_date"].tolist() == [pd.Timestamp("2024-01-05")] * 3
    assert lines["order_id"].nunique() == 2
    pd.testing.assert_frame_equal(source, before)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (
            ["2024-01-05", "2024-01-06 10:30", "2024-01-07T08:00:00Z"],
            ["05", "06 10:30", "07 08:00"],
        ),
        (["2024-01-05T23:00:00-05:00"] * 3, ["06 04:00"] * 3),
        (["20240105", "20240106", "20240107"], ["05", "06", "07"]),
        (["1/5/2024 8:26", "1/13/2024 0:00", "1/5/2024 8:26"], ["05 08:26", "13", "05 08:26"]),
        (["05/01/2024", "13/01/2024", "05/01/2024"], ["05", "13", "05"]),
        (["05.01.2024", "06.01.2024", "07.01.2024"], ["05", "06", "07"]),
        (["01/01/2024"] * 3, ["01"] * 3),
        (pd.to_datetime(["2024-01-05"] * 3, utc=True), ["05"] * 3),
    ],
)
def test_dates(written, read):
    dates = standardize(table(bought=written), MAPPING)["order_date"]
    assert dates.tolist() == [pd.Timestamp(f"2024-01-{day}") for day in read]


def test_dates_that_can_be_read_in_two_ways_are_refused():
    with pytest.raises(DataError, match="month first or day first"):
        standardize(table(bought=["1/2/2024", "3/4/2024", "5/6/2024"]), MAPPING)


@pytest.mark.parametrize(
    ("client", "ids"),
    [
        ([17850.0, None, 3.0], ["17850", None, "3"]),
        ([17850, 2, 3], ["17850", "2", "3"]),
        (["007", " ", "a b"], ["007", None, "a b"]),
    ],
)
def test_ids_are_text(client, ids):
    found = standardize(table(client=client), MAPPING)["customer_id"]
    assert found.astype(object).where(found.notna(), None).tolist() == ids


def test_every_fault_is_listed_with_its_row():
    source = table(
        bought=["2024-01-05", "2024-02-30", "later"],
        paid=["1", "2", "three"],
        bill=["x", "", "z"],
        back=["no", "maybe", "YES"],
    )
    mapping = ColumnMapping("client", "bill", "bought", "paid", is_return="back")
    with pytest.raises(DataError) as caught:
        standardize(source, mapping)
    places = [(fault.column, fault.row) for fault in caught.value.faults]
    assert places == [("paid", 3), ("bought", 2), ("bill", 2), ("back", 2)]
    assert "'2024-02-30', which is not a date (2 rows in all)" in str(caught.value)


@pytest.mark.parametrize(
    "back", [["yes", "No", ""], [True, False, False], [1, 0, 0], ["Returned", None, "false"]]
)
def test_returns(back):
    mapping = ColumnMapping("client", None, "bought", "paid", is_return="back")
    assert standardize(table(back=back), mapping)["is_return"].tolist() == [True, False, False]


def test_a_mapping_that_lacks_a_role_is_refused():
    with pytest.raises(DataError, match="No column for date"):
        standardize(table(), ColumnMapping(customer="client", amount="paid"))


def test_anonymous_lines_are_left_out_with_a_note():
    lines, note = leave_out_anonymous(standardize(table(client=["01", "", "02"]), MAPPING))
    assert lines["customer_id"].tolist() == ["01", "02"]
    assert note == "Lines left out, without a customer: 1 of 3 (amounts of 2.00 in all)."
    assert leave_out_anonymous(lines)[1] is None


def test_a_mostly_anonymous_table_is_refused():
    with pytest.raises(DataError, match='Column "client", row 2: is blank in 2 of 3 rows'):
        standardize(table(client=["01", "", None]), MAPPING)
