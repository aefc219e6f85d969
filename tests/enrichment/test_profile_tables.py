from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmentation.enrichment import tables
from segmentation.enrichment.profiles import profile_segments
from segmentation.enrichment.rules import enrich

CUSTOMERS = pd.DataFrame(
    {
        "customer_id": list("abcd"),
        "email": ["a@b.c"] * 4,
        "total_revenue": [10.0, 30.0, 100.0, 60.0],
        "avg_order_value": [10.0, 15.0, 20.0, 30.0],
        "customer_lifetime_months": [1.0, 3.0, 10.0, 10.0],
        "true_segment": [1, 1, 0, 0],
        "visits": pd.array([1, None, 3, 4], dtype="Int64"),
        "dept_total_value_food": [10.0, 0.0, 60.0, 60.0],
        "dept_total_value_toys": [0.0, 30.0, 40.0, 0.0],
        "class_total_value_toys_cars": [0.0, 30.0, 10.0, 0.0],
    }
)
LABELS = np.array([1, 1, 0, 0])
CENTERS = pd.DataFrame({"total_revenue": [75.0, 18.0]})
PROFILES = enrich(profile_segments(CUSTOMERS, LABELS, CENTERS), "€")
HIGH, LOW = PROFILES
UNKNOWN = enrich(
    profile_segments(pd.DataFrame({"age": [20, 60.0, 60], "visits": [3.0, 1, 1]}), LABELS[1:])
)


def test_index_table_by_hand():
    table = tables.index_table(PROFILES)
    assert table.columns[0] == "Revenue"
    assert table["Revenue"].tolist() == pytest.approx([160, 40])


def test_strongest_counts_half_as_much_as_double():
    assert tables.strongest(LOW).name == "customer_lifetime_months"  # 2 of 6: a third
    same = profile_segments(CUSTOMERS.assign(total_revenue=5.0)[["total_revenue"]], LABELS)
    assert tables.strongest(same[0]) is None


def test_widest_is_by_ratio_but_nearly_nothing_does_not_win():
    table = pd.DataFrame({"a": [50.0, 150], "b": [0.0, 120], "c": [20.0, 300]})
    assert tables.widest(table) == ("c", 20, 300)
    assert tables.widest(pd.DataFrame({"a": [100.0, 100]})) is None


def test_peak_is_the_highest_cell():
    table = pd.DataFrame({"a": [130.0, np.nan], "b": [90.0, 250]})
    assert tables.peak(table) == (1, "b", 250)
    assert tables.peak(pd.DataFrame({"a": [110.0]})) is None


def test_departments_come_in_the_order_of_revenue():
    table = tables.department_table(PROFILES)
    assert table.columns.tolist() == ["Food", "Toys"]  # 130 against 70
    assert table.loc[1, "Toys"] == pytest.approx((30 / 40) / (70 / 200) * 100)
    assert tables.department_table(UNKNOWN).shape == (2, 0)


def test_key_facts_fall_back_to_what_the_table_has():
    facts = tables.key_facts(HIGH, "€")
    assert facts == [("2", "customers"), ("80%", "of revenue"), ("€25", "average order")]
    texts = [text for _, text in tables.key_facts(UNKNOWN[0])]
    assert texts[:2] == ["customers", "of customers"]
    assert len(texts) == 3


def test_segments_that_start_alike_are_told_apart_by_numbers():
    texts = ["Alike. 5% bring 9%: mean age 1.5.", "Alike. 9%: mean age 3.", "Nobody is here."]
    alike = [replace(HIGH, description=text) for text in texts]
    assert tables.one_liners(alike) == ["Mean age 1.5", "Mean age 3", "Nobody is here"]
    assert tables.one_liners(alike[1:]) == ["Alike", "Nobody is here"]


def test_tables_of_a_segment_in_words():
    features = tables.feature_table(HIGH, "€").set_index("Feature")
    assert features.loc["Revenue"].tolist() == ["€80", "€80", "€50", "160"]
    assert features.loc["Lifetime, months", "Mean"] == "10"
    assert tables.center_table(LOW, "€").to_numpy().tolist() == [["Revenue", "€18", "€20", "€20"]]
    toys, food = tables.taste_table(LOW).to_numpy().tolist()
    assert toys == ["Toys", "75%", "214", "Cars"]
    assert food[0] == "Food"


def test_a_customer_beside_the_segment_without_labels_and_personal_columns():
    table = tables.customer_table(CUSTOMERS, 1, LOW, "€").set_index("Feature")
    assert table.loc["Revenue"].tolist() == ["€30", "€20", "€50"]
    assert table.loc["Visits", "This customer"] == "n/a"
    assert not {"Email", "True segment", "Customer"} & set(table.index)
    assert tables.customer_headline(CUSTOMERS, 1, LOW, "€") == "Revenue €30, segment mean €20"


def test_a_customers_departments_by_hand():
    table = tables.customer_departments(CUSTOMERS, 2, HIGH, "€")
    assert table.to_numpy().tolist() == [
        ["Food", "€60", "60%", "75%"],
        ["Toys", "€40", "40%", "25%"],
    ]
    assert tables.customer_departments(CUSTOMERS, 2, UNKNOWN[0]).empty
