import random
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import StandardScaler

from segmentation.data.catalogue import AGE_GROUPS, DEPARTMENTS, SEGMENTS, SIZES
from segmentation.data.generator import RetailDataGenerator
from segmentation.data.preprocessing import CustomerPreprocessing
from segmentation.data.schema import (
    DAYS_PER_MONTH,
    FEATURE_NAMES,
    Role,
    columns_with,
    fingerprint,
    hierarchy,
    slug,
    validate_customers,
)

AS_OF = date(2025, 1, 1)
ROOT = Path(__file__).parents[2]
CLASSES = [(slug(d.name), slug(c.name), c) for d in DEPARTMENTS for c in d.classes]


@pytest.fixture(scope="module")
def customers():
    return RetailDataGenerator(seed=7).generate_customer_data(2000)


@pytest.fixture(scope="module")
def transactions():
    return RetailDataGenerator(seed=7).generate_transactions(2000)


def in_cents(values):
    cents = np.rint(np.asarray(values, dtype=float) * 100)
    np.testing.assert_allclose(np.asarray(values, dtype=float) * 100, cents, atol=1e-6)
    return cents.astype(np.int64)


def test_columns_in_order(customers):
    departments = [slug(d.name) for d in DEPARTMENTS]
    expected = [
        *("customer_id", "total_purchases", "total_revenue", "avg_order_value", "recency_days"),
        *("frequency_per_month", "customer_lifetime_months", "return_rate"),
        *("true_segment", "signup_date"),
    ]
    expected += [f"dept_total_{m}_{d}" for d in departments for m in ("value", "units")]
    expected += [f"class_total_{m}_{d}_{c}" for d, c, _ in CLASSES for m in ("value", "units")]
    expected += ["count_Baby", "count_Child", *(f"count_size_{s}" for s in SIZES)]
    assert list(customers.columns) == expected
    assert customers["customer_id"].iloc[[0, -1]].tolist() == ["CUST_00001", "CUST_02000"]
    assert set(customers["true_segment"]) == {"VIP", "Loyal", "Promising", "At Risk"}
    assert pd.api.types.is_datetime64_dtype(customers["signup_date"])
    pd.testing.assert_frame_equal(validate_customers(customers), customers)


def test_the_shop_is_large_enough_and_readable_from_the_columns(customers):
    found = hierarchy(customers.columns)
    assert found == {slug(d.name): [slug(c.name) for c in d.classes] for d in DEPARTMENTS}
    assert len(found) >= 5
    assert all(len(classes) >= 3 for classes in found.values())


def test_catalogue_is_complete():
    assert sum(segment.share for segment in SEGMENTS) == pytest.approx(1)
    for segment in SEGMENTS:
        assert len(segment.tastes) == len(DEPARTMENTS)
        assert sum(segment.tastes) == pytest.approx(1)
    for department in DEPARTMENTS:
        assert sum(item.popularity for item in department.classes) == pytest.approx(1)


@pytest.mark.parametrize(("n", "overlap"), [(1, 0.3), (2, 0.0), (3000, 0.0), (3000, 1.0)])
def test_everything_adds_up_to_the_cent(n, overlap):
    data = RetailDataGenerator(seed=3, overlap=overlap).generate_customer_data(n)
    revenue = in_cents(data["total_revenue"])
    np.testing.assert_array_equal(
        revenue, data["total_purchases"] * in_cents(data["avg_order_value"])
    )
    total = np.zeros(n, dtype=np.int64)
    for department, classes in hierarchy(data.columns).items():
        parts = [f"{department}_{item}" for item in classes]
        value = in_cents(data[f"dept_total_value_{department}"])
        class_values = [in_cents(data[f"class_total_value_{part}"]) for part in parts]
        class_units = [data[f"class_total_units_{part}"].to_numpy() for part in parts]
        np.testing.assert_array_equal(sum(class_values), value)
        np.testing.assert_array_equal(sum(class_units), data[f"dept_total_units_{department}"])
        for cents, units in zip(class_values, class_units, strict=True):
            assert (cents >= units).all()
            np.testing.assert_array_equal(cents > 0, units > 0)
        total += value
    np.testing.assert_array_equal(total, revenue)
    units = data[[f"class_total_units_{d}_{c}" for d, c, _ in CLASSES]].sum(axis=1)
    assert (units >= data["total_purchases"]).all()
    sized = [f"class_total_units_{d}_{c}" for d, c, item in CLASSES if item.sized]
    sizes = data[[f"count_size_{size}" for size in SIZES]].sum(axis=1)
    np.testing.assert_array_equal(sizes, data[sized].sum(axis=1))
    for group in AGE_GROUPS:
        aged = [f"class_total_units_{d}_{c}" for d, c, item in CLASSES if item.age_group == group]
        assert len(aged) >= 1
        np.testing.assert_array_equal(data[f"count_{group}"], data[aged].sum(axis=1))


def test_ranges_and_dates(customers):
    months = customers["customer_lifetime_months"]
    one_order = customers["total_purchases"] == 1
    assert (customers["total_purchases"] >= 1).all()
    assert (customers["recency_days"] >= 1).all()
    assert customers["return_rate"].between(0, 1).all()
    assert one_order.any()
    assert (months[one_order] == 0).all()
    assert (months[~one_order] > 0).all()
    np.testing.assert_allclose(
        customers["frequency_per_month"], customers["total_purchases"] / months.clip(lower=1)
    )
    age = (pd.Timestamp(AS_OF) - customers["signup_date"]).dt.days
    np.testing.assert_allclose(age, customers["recency_days"] + months * DAYS_PER_MONTH)


def test_segments_behave_as_named(customers):
    by_segment = customers.groupby("true_segment")[list(FEATURE_NAMES)].median()
    assert by_segment["recency_days"].idxmax() == "At Risk"
    assert by_segment["customer_lifetime_months"].idxmin() == "Promising"
    assert by_segment["total_purchases"].idxmin() == "Promising"
    assert by_segment["total_revenue"].idxmax() == "VIP"
    assert by_segment["avg_order_value"].idxmax() == "VIP"
    orders = by_segment["total_purchases"]
    assert min(orders["VIP"], orders["Loyal"]) > 2 * max(orders["Promising"], orders["At Risk"])
    kids = customers["dept_total_value_kids"] / customers["total_revenue"]
    assert kids.groupby(customers["true_segment"]).mean().idxmax() == "Loyal"


def test_spend_is_heavy_tailed(customers):
    revenue = customers["total_revenue"].sort_values(ascending=False)
    assert revenue.head(20).sum() > 0.05 * revenue.sum()
    assert revenue.mean() > 1.5 * revenue.median()


def agreement(overlap, seed):
    data = RetailDataGenerator(seed=seed, overlap=overlap).generate_customer_data(1500)
    logs = np.log1p(data[list(FEATURE_NAMES)].to_numpy())
    return [
        adjusted_rand_score(
            data["true_segment"], KMeans(4, n_init=5, random_state=0).fit_predict(scaled)
        )
        for scaled in (
            StandardScaler().fit_transform(logs),
            CustomerPreprocessing().fit(data).apply(data),
        )
    ]


def test_overlap_decides_how_well_segments_can_be_found():
    separated, default, blurred = (agreement(overlap, seed=42) for overlap in (0.0, 0.3, 0.9))
    assert min(separated) > 0.85
    assert 0.55 < min(default) <= max(default) < 0.75
    assert max(blurred) < 0.1


def test_transactions_have_the_columns_and_types_of_a_till(transactions):
    assert list(transactions.columns) == [
        *("customer_id", "order_id", "order_date", "department", "class", "quantity"),
        *("unit_price", "amount", "is_return", "size", "age_group"),
    ]
    assert pd.api.types.is_datetime64_dtype(transactions["order_date"])
    assert pd.api.types.is_integer_dtype(transactions["quantity"])
    assert transactions["is_return"].dtype == bool
    assert transactions["order_date"].is_monotonic_increasing
    by_order = transactions.groupby("order_id")[["customer_id", "order_date"]]
    assert (by_order.nunique() == 1).to_numpy().all()
    prices = in_cents(transactions["unit_price"])
    assert (prices > 0).all()
    np.testing.assert_array_equal(
        prices * transactions["quantity"], in_cents(transactions["amount"])
    )
    np.testing.assert_array_equal(transactions["is_return"], transactions["amount"] < 0)
    assert transactions["is_return"].any()
    sold = {order for order, lines in transactions.groupby("order_id") if not lines.is_return.all()}
    assert sold == set(transactions["order_id"])


def test_transactions_add_up_to_the_features(customers, transactions):
    sales = transactions[~transactions["is_return"]].groupby("customer_id")
    returned = -transactions[transactions["is_return"]].groupby("customer_id")["amount"].sum()
    first, last = sales["order_date"].min(), sales["order_date"].max()
    orders, revenue = sales["order_id"].nunique(), sales["amount"].sum()
    months = (last - first).dt.days / 30.4375
    expected = pd.DataFrame(
        {
            "total_purchases": orders,
            "total_revenue": revenue,
            "avg_order_value": revenue / orders,
            "recency_days": (pd.Timestamp(AS_OF) - last).dt.days,
            "frequency_per_month": orders / months.clip(lower=1),
            "customer_lifetime_months": months,
            "return_rate": returned.reindex(orders.index, fill_value=0) / revenue,
            "signup_date": first,
        }
    )
    found = customers.set_index("customer_id")[list(expected)]
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, rtol=1e-12)
    np.testing.assert_array_equal(in_cents(found["total_revenue"]), in_cents(revenue))


def test_transactions_add_up_to_classes_sizes_and_age_groups(customers, transactions):
    sales = transactions[~transactions["is_return"]]
    part = sales["department"].map(slug) + "_" + sales["class"].map(slug)
    sums = {
        "class_total_value_": (part, "amount"),
        "class_total_units_": (part, "quantity"),
        "dept_total_value_": (sales["department"].map(slug), "amount"),
        "count_size_": (sales["size"], "quantity"),
        "count_": (sales["age_group"], "quantity"),
    }
    for prefix, (group, measure) in sums.items():
        table = sales.pivot_table(measure, "customer_id", group, aggfunc="sum", fill_value=0)
        table = table.reindex(customers["customer_id"], fill_value=0)
        for name in table:
            np.testing.assert_allclose(table[name], customers[f"{prefix}{name}"], atol=1e-6)


@pytest.mark.parametrize("table", ["generate_customer_data", "generate_transactions"])
def test_same_seed_same_table_on_every_call_and_in_every_process(table):
    generator = RetailDataGenerator(seed=5)
    once, again = (fingerprint(getattr(generator, table)(300)) for _ in range(2))
    code = (
        "from segmentation.data.generator import RetailDataGenerator as G;"
        "from segmentation.data.schema import fingerprint;"
        f"print(fingerprint(G(seed=5).{table}(300)))"
    )
    fresh = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    other = fingerprint(getattr(RetailDataGenerator(seed=6), table)(300))
    assert once == again == fresh.stdout.strip() != other


def test_one_customer_has_transactions():
    generator = RetailDataGenerator(seed=1)
    sales = generator.generate_transactions(1).query("not is_return")
    assert sales["order_id"].nunique() == generator.generate_customer_data(1)["total_purchases"][0]


def test_as_of_moves_dates_only():
    early, late = (
        RetailDataGenerator(as_of=day).generate_customer_data(50)
        for day in (AS_OF, datetime(2025, 1, 11, 12))
    )
    shift = late.pop("signup_date") - early.pop("signup_date")
    assert (shift == pd.Timedelta(days=10)).all()
    pd.testing.assert_frame_equal(early, late)


def test_personal_columns_only_on_request():
    generator = RetailDataGenerator(seed=9)
    plain, full = (
        generator.generate_customer_data(20, with_profile=asked) for asked in (False, True)
    )
    assert columns_with(plain.columns, Role.PERSONAL) == []
    assert list(full.columns) == [*plain.columns, "name", "email", "phone", "address"]
    assert columns_with(full.columns, Role.PERSONAL) == ["name", "email", "phone", "address"]
    pd.testing.assert_frame_equal(full[plain.columns], plain)
    pd.testing.assert_frame_equal(full, generator.generate_customer_data(20, with_profile=True))
    german = RetailDataGenerator(seed=9, locale="de_DE")
    assert not german.generate_customer_data(20, with_profile=True)["address"].equals(
        full["address"]
    )


def test_global_random_state_is_untouched():
    before = np.random.get_state()[1].copy(), random.getstate()  # noqa: NPY002
    generator = RetailDataGenerator(seed=2)
    generator.generate_customer_data(20, with_profile=True)
    generator.generate_transactions(20)
    np.testing.assert_array_equal(np.random.get_state()[1], before[0])  # noqa: NPY002
    assert random.getstate() == before[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"seed": -1}, "seed must be a whole number of at least 0; got -1"),
        ({"seed": 1.5}, "seed must be a whole number"),
        ({"seed": None}, "seed must be a whole number"),
        ({"overlap": -0.1}, "overlap must be a number from 0 to 1; got -0.1"),
        ({"overlap": 1.1}, "overlap must be"),
        ({"overlap": float("nan")}, "overlap must be"),
        ({"overlap": "much"}, "overlap must be"),
        ({"as_of": "2025-01-01"}, "as_of must be a date"),
        ({"as_of": pd.NaT}, "as_of must be a date"),
    ],
)
def test_bad_arguments_are_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        RetailDataGenerator(**arguments)


@pytest.mark.parametrize("table", ["generate_customer_data", "generate_transactions"])
@pytest.mark.parametrize("n", [0, -5, 2.5, "10", True, None])
def test_bad_number_of_customers(table, n):
    with pytest.raises(ValueError, match="n_customers must be a whole number of at least 1"):
        getattr(RetailDataGenerator(), table)(n)


def test_unknown_locale():
    with pytest.raises(ValueError, match=r"locale must be one that Faker knows.*'xx_YY'"):
        RetailDataGenerator(locale="xx_YY").generate_customer_data(2, with_profile=True)


@pytest.mark.parametrize("name", ["customers.csv", "customers.parquet", "new/customers.CSV"])
def test_saved_table_reads_back(tmp_path, name):
    data = RetailDataGenerator().generate_customer_data(30)
    path = tmp_path / name
    RetailDataGenerator().save_data(data, path)
    if path.suffix == ".parquet":
        found = pd.read_parquet(path)
    else:
        found = pd.read_csv(path, parse_dates=["signup_date"])
    pd.testing.assert_frame_equal(found, data)
    assert list(path.parent.iterdir()) == [path]


def test_failed_save_leaves_the_old_file(tmp_path):
    path = tmp_path / "customers.parquet"
    RetailDataGenerator.save_data(pd.DataFrame({"a": [1]}), path)
    with pytest.raises(ValueError):
        RetailDataGenerator.save_data(pd.DataFrame({"a": [object()]}), path)
    assert pd.read_parquet(path)["a"].tolist() == [1]
    assert list(tmp_path.iterdir()) == [path]


def test_unknown_file_type(tmp_path):
    with pytest.raises(ValueError, match=r"must end in .csv or .parquet; got .*customers.xlsx"):
        RetailDataGenerator.save_data(pd.DataFrame({"a": [1]}), tmp_path / "customers.xlsx")
