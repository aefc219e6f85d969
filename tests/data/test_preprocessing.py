import numpy as np
import pandas as pd
import pytest
from scipy.stats import skew

from segmentation.data.preprocessing import CustomerPreprocessing, skewness
from segmentation.data.schema import FEATURE_NAMES, DataError


def reasons(preprocessing):
    return {column.name: column.reason for column in preprocessing.columns_ if not column.used}


def test_arithmetic_of_other_columns_is_left_out_with_the_reason(customers):
    preprocessing = CustomerPreprocessing().fit(customers)
    left_out = reasons(preprocessing)
    assert left_out["avg_order_value"] == "is revenue divided by orders"
    assert left_out["frequency_per_month"] == "is orders divided by lifetime"
    assert {"total_purchases", "total_revenue", "recency_days"} <= set(preprocessing.used_)
    assert {column.name for column in preprocessing.columns_} == set(FEATURE_NAMES)


def test_left_out_columns_can_be_put_back(customers):
    preprocessing = CustomerPreprocessing(list(FEATURE_NAMES)).fit(customers)
    assert preprocessing.used_ == list(FEATURE_NAMES)


def test_a_loglinear_column_of_an_unknown_table_is_left_out():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"visits": rng.lognormal(2, 1, 200), "spend": rng.lognormal(4, 1, 200)})
    table["spend_per_visit"] = table["spend"] / table["visits"]
    table["empty"] = np.where(np.arange(200) < 120, 0, table["spend"])
    table["same"] = 7.0
    left_out = reasons(CustomerPreprocessing().fit(table))
    assert left_out == {
        "spend_per_visit": "follows from the other columns (visits, spend)",
        "empty": "is zero for 60% of customers",
        "same": "is the same for every customer",
    }


@pytest.mark.parametrize(
    ("values", "transform"),
    [
        (np.random.default_rng(0).lognormal(3, 1, 500), "log1p"),
        (np.random.default_rng(0).normal(10, 1, 500), "identity"),
        (100 - np.random.default_rng(0).lognormal(1, 0.5, 500), "identity"),
        (np.random.default_rng(0).lognormal(3, 1, 500) - 50, "identity"),
    ],
    ids=["right-skewed", "symmetric", "left-skewed", "negative"],
)
def test_the_logarithm_is_taken_where_it_helps(values, transform):
    table = pd.DataFrame({"a": values, "b": np.random.default_rng(1).normal(size=500)})
    column = CustomerPreprocessing(["a", "b"]).fit(table).columns_[0]
    assert column.transform == transform


def test_scaled_columns_have_mean_zero_and_variance_one_and_can_be_inverted(customers):
    preprocessing = CustomerPreprocessing().fit(customers)
    scaled = preprocessing.apply(customers)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(axis=0), 1)
    back = preprocessing.invert(scaled)
    np.testing.assert_allclose(back, customers[preprocessing.used_], rtol=1e-9, atol=1e-9)


def test_new_customers_are_scaled_as_the_old_ones(customers):
    preprocessing = CustomerPreprocessing().fit(customers)
    np.testing.assert_array_equal(
        preprocessing.apply(customers.iloc[:1]), preprocessing.apply(customers)[:1]
    )


def test_skewness_is_scipys(customers):
    values = customers["total_revenue"].to_numpy()
    assert skewness(values) == pytest.approx(skew(values))
    assert skewness(np.ones(5)) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"total_revenue": np.inf}, 'Column "total_revenue", row 3: holds .*inf'),
        ({"total_revenue": "many"}, "holds 'many', which is not a finite number"),
    ],
)
def test_faults_name_column_row_and_cure(customers, change, message):
    table = customers.astype({"total_revenue": object})
    for name, value in change.items():
        table.loc[2, name] = value
    with pytest.raises(DataError, match=message):
        CustomerPreprocessing().fit(table)


def test_a_table_without_variation_is_an_error():
    with pytest.raises(DataError, match="No column is left"):
        CustomerPreprocessing().fit(pd.DataFrame({"a": [1, 1], "b": [2, 2]}))


def test_forced_logarithm_of_a_negative_column_is_an_error():
    table = pd.DataFrame({"a": [1.0, -2.0, 3.0]})
    with pytest.raises(DataError, match='Column "a", row 2'):
        CustomerPreprocessing(["a"], "log1p").fit(table)
