from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from segmentation.data.schema import (
    DataError,
    Role,
    default_features,
    describe,
    fingerprint,
    hierarchy,
    slug,
    validate_customers,
)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("customer_id", Role.ID),
        ("total_revenue", Role.FEATURE),
        ("visits", Role.FEATURE),
        ("dept_total_value_food", Role.PROFILE),
        ("count_size_XL", Role.PROFILE),
        ("true_segment", Role.LABEL),
        ("gmm_segment", Role.LABEL),
        ("gmm_segment_name", Role.LABEL),
        ("fuzzy_membership_3", Role.LABEL),
        ("neural_outlier", Role.LABEL),
        ("neural_reconstruction_error", Role.LABEL),
        ("cluster", Role.LABEL),
        ("name", Role.PERSONAL),
        ("E-Mail", Role.PERSONAL),
        ("Customer Name", Role.PERSONAL),
        ("Postal Code", Role.PERSONAL),
        ("home_phone", Role.PERSONAL),
        ("EmailAddress", Role.PERSONAL),
        ("emailaddress", Role.PERSONAL),
        ("PhoneNumber", Role.PERSONAL),
        ("Telephone", Role.PERSONAL),
        ("CustomerName", Role.PERSONAL),
        ("contact_name", Role.PERSONAL),
        ("DOB", Role.PERSONAL),
        ("brand_name", Role.FEATURE),
        ("telephony_minutes", Role.FEATURE),
        ("store_id", Role.ID),
        ("RegionCode", Role.ID),
        ("cluster_id", Role.LABEL),
        ("Segment ID", Role.LABEL),
    ],
)
def test_roles(name, role):
    assert describe(name).role == role


def test_classes_belong_to_the_longest_department():
    names = ["dept_total_value_home", "dept_total_value_home_garden",
             "class_total_value_home_garden_tools", "class_total_value_home_linen"]  # fmt: skip
    assert hierarchy(names) == {"home": ["linen"], "home_garden": ["tools"]}


def test_features_of_an_unknown_table_are_its_numbers():
    table = pd.DataFrame({"customer_id": ["a"], "visits": [1], "vip": [True], "city": ["x"]})
    assert default_features(table) == ["visits"]


def test_fingerprint_sees_every_cell(customers):
    changed = customers.copy()
    changed.loc[299, "return_rate"] += 1e-12
    assert fingerprint(changed) != fingerprint(customers)
    assert fingerprint(customers.copy()) == fingerprint(customers)


def test_valid_customers_come_back_with_text_ids():
    table = pd.DataFrame({"customer_id": [7, 8], "a": [1.0, 2.0], "b": [3, 4]}, index=[5, 6])
    valid = validate_customers(table)
    assert valid["customer_id"].tolist() == ["7", "8"]
    assert valid.index.tolist() == [0, 1]


def test_known_features_become_numbers_and_ids_whole():
    columns = {
        "customer_id": [7.0, 8.0],
        "total_purchases": ["007", "12"],
        "total_revenue": [Decimal("1.50"), Decimal("20.25")],
    }
    valid = validate_customers(pd.DataFrame(columns))
    assert valid["customer_id"].tolist() == ["7", "8"]
    assert valid["total_purchases"].tolist() == [7, 12]
    assert valid["total_revenue"].tolist() == [1.5, 20.25]
    assert valid.dtypes.iloc[1:].map(pd.api.types.is_numeric_dtype).all()


def test_decimal_commas_are_explained():
    table = pd.DataFrame({"customer_id": ["a", "b"], "x": ["1,5", "2,5"], "y": [1, 2]})
    with pytest.raises(DataError, match=r'"x", row 1: holds .1,5.*like 1234\.5'):
        validate_customers(table)


def test_columns_may_be_numbered():
    table = pd.DataFrame(np.eye(3))
    assert default_features(table) == [0, 1, 2]


@pytest.mark.parametrize(
    ("text", "part"),
    [("Getränke", "getränke"), ("Молоко, сыр", "молоко_сыр"), ("飲料", "飲料"), ("_&_", "unnamed")],
)
def test_slugs_keep_the_letters_of_every_language(text, part):
    assert slug(text) == part


def test_all_faults_are_reported_at_once():
    table = pd.DataFrame(
        {"customer_id": ["x", "", "x"], "visits": [1, np.nan, 2], "spend": ["1", "2", "?"]}
    )
    table["other"] = [1.0, 2.0, np.inf]
    with pytest.raises(DataError) as error:
        validate_customers(table)
    text = str(error.value)
    assert 'Column "customer_id", row 2: is blank.' in text
    assert "repeats the id 'x'" in text
    assert 'Column "visits", row 2' in text
    assert 'Column "other", row 3' in text


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame({"customer_id": []}), "no rows"),
        (pd.DataFrame({"visits": [1]}), 'Column "customer_id": is missing'),
        (pd.DataFrame({"customer_id": ["a"], "visits": [1]}), "two are needed"),
    ],
)
def test_unusable_tables(table, message):
    with pytest.raises(DataError, match=message):
        validate_customers(table)
