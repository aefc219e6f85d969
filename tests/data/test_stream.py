import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from segmentation import FuzzyCustomerSegmentation, GMMCustomerSegmentation
from segmentation.data.blocks import BLOCK_ROWS, ArrayBlocks
from segmentation.data.generator import RetailDataGenerator
from segmentation.data.preprocessing import CustomerPreprocessing
from segmentation.data.schema import FEATURE_NAMES, DataError
from segmentation.data.stream import ParquetBlocks, fit_file, fit_preprocessing, predict_file
from segmentation.methods.kmeans import KMeansCustomerSegmentation

N = 2 * BLOCK_ROWS + 4_321


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    table = RetailDataGenerator(seed=1).generate_customer_data(N)
    return table[["customer_id", *FEATURE_NAMES, "true_segment"]]


@pytest.fixture(scope="module")
def path(many, tmp_path_factory):
    return written(many, tmp_path_factory.mktemp("stream"), 10_000)


def written(table: pd.DataFrame, folder, row_group_size: int):
    path = folder / "customers.parquet"
    table.to_parquet(path, index=False, row_group_size=row_group_size)
    return path


@pytest.mark.parametrize("row_group_size", [777, BLOCK_ROWS, 50_000, N])
def test_blocks_of_a_file_are_those_of_the_array(many, tmp_path, row_group_size):
    file = written(many, tmp_path, row_group_size)
    preprocessing = CustomerPreprocessing().fit(many)
    expected = ArrayBlocks(preprocessing.apply(many))
    found = ParquetBlocks(file, preprocessing)
    assert (found.n_rows, found.n_columns) == (expected.n_rows, expected.n_columns)
    for _ in range(2):
        for ours, theirs in zip(found, expected, strict=True):
            assert ours.dtype == np.float64 and ours.flags.c_contiguous
            np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("n", [1, 500, N - 1, N, N + 1])
def test_a_sample_is_that_of_the_array(many, path, n):
    preprocessing = CustomerPreprocessing().fit(many)
    expected = ArrayBlocks(preprocessing.apply(many)).sample(n, np.random.default_rng(9))
    found = ParquetBlocks(path, preprocessing).sample(n, np.random.default_rng(9))
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("features", [None, ["total_revenue", "return_rate", "recency_days"]])
@pytest.mark.parametrize("transform", ["auto", "log1p", "identity"])
def test_the_preprocessing_is_that_of_the_table(many, path, features, transform):
    expected = CustomerPreprocessing(features, transform).fit(many)
    found = fit_preprocessing(path, features, transform)
    assert found.columns_ == expected.columns_
    np.testing.assert_allclose(found.mean_, expected.mean_, rtol=1e-12)
    np.testing.assert_allclose(found.scale_, expected.scale_, rtol=1e-12)


def test_decisions_on_a_share_of_the_rows_keep_mean_and_scale_exact(many, path, monkeypatch):
    monkeypatch.setattr("segmentation.data.stream.DECISION_ROWS", 5_000)
    expected, found = CustomerPreprocessing().fit(many), fit_preprocessing(path)
    assert found.used_ == expected.used_
    np.testing.assert_allclose(found.mean_, expected.mean_, rtol=1e-12)
    np.testing.assert_allclose(found.scale_, expected.scale_, rtol=1e-12)


METHODS = pytest.mark.parametrize("method", [FuzzyCustomerSegmentation, GMMCustomerSegmentation])


@METHODS
def test_a_fit_to_a_file_is_the_fit_to_the_table(many, path, tmp_path, method):
    in_memory = method(n_init=2).fit(many)
    streamed = fit_file(method(n_init=2), path)
    np.testing.assert_allclose(
        streamed.get_cluster_centers(), in_memory.get_cluster_centers(), rtol=1e-6
    )
    np.testing.assert_allclose(
        streamed.predict_proba(many), in_memory.memberships_, rtol=0, atol=1e-6
    )
    predict_file(streamed, path, tmp_path / "segments.parquet")
    answers = pd.read_parquet(tmp_path / "segments.parquet")
    assert list(answers["customer_id"]) == list(many["customer_id"])
    memberships = answers.filter(like="membership_").to_numpy()
    np.testing.assert_allclose(memberships, in_memory.memberships_, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(answers["segment"], memberships.argmax(axis=1))
    revenue = many["total_revenue"].groupby(answers["segment"].to_numpy()).mean()
    assert revenue.is_monotonic_decreasing


def nearest(scaled):
    """Say which of three centres on the line of the first column is the nearest."""
    return np.eye(3)[np.abs(scaled[:, :1] - np.array([[-1.0, 1.0, 0.0]])).argmin(axis=1)]


@pytest.mark.parametrize(("drop", "order"), [([], [1, 2, 0]), (["total_revenue"], [0, 2, 1])])
def test_segments_go_by_revenue_or_by_size(tmp_path, drop, order):
    value = np.repeat([0.0, 5.0, 10.0], [60, 30, 20])
    table = pd.DataFrame({"x": value, "y": value[::-1], "total_revenue": value + 1})
    file = written(table.drop(columns=drop), tmp_path, 7)
    model = SimpleNamespace(
        features=["x", "y"],
        transform="identity",
        spec=SimpleNamespace(check=lambda values: None),
        get_params=lambda deep: {},
        _fit_blocks=list,
        _memberships=nearest,
        _fit_warnings=list,
    )
    assert list(fit_file(model, file)._order_) == order
    predict_file(model, file, tmp_path / "out.parquet")
    answers = pd.read_parquet(tmp_path / "out.parquet")
    assert list(answers.columns) == ["segment", *(f"membership_{k}" for k in range(3))]
    assert model.warnings_ == [] and model.seconds_ > 0


def test_a_method_that_needs_all_rows_says_so(path):
    with pytest.raises(TypeError, match="use fit instead"):
        fit_file(KMeansCustomerSegmentation(), path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"total_revenue": np.nan}, 'Column "total_revenue", row 32771: holds .*nan'),
        ({"recency_days": np.inf}, 'Column "recency_days", row 32771: holds .*inf'),
    ],
)
def test_cells_that_are_no_numbers_are_named(many, tmp_path, change, words):
    table = many.astype(dict.fromkeys(FEATURE_NAMES, float))
    for name, value in change.items():
        table.loc[BLOCK_ROWS + 2, name] = value
    with pytest.raises(DataError, match=words):
        fit_preprocessing(written(table, tmp_path, 10_000))


@pytest.mark.parametrize(
    ("features", "words"),
    [(["unknown", "total_revenue"], "is missing"), (["true_segment"], "not numbers")],
)
def test_columns_that_cannot_be_used_are_named(path, features, words):
    with pytest.raises(DataError, match=words):
        fit_preprocessing(path, features)


def test_files_that_cannot_be_read(tmp_path, many):
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        fit_preprocessing(tmp_path / "absent.parquet")
    (tmp_path / "broken.parquet").write_text("customer_id\n1\n")
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        fit_preprocessing(tmp_path / "broken.parquet")
    with pytest.raises(DataError, match="no rows"):
        fit_preprocessing(written(many.iloc[:0], tmp_path, 10))


def test_a_failed_prediction_leaves_the_file_as_it_was(path, many, tmp_path):
    out = tmp_path / "segments.parquet"
    out.write_text("before")
    model = SimpleNamespace(preprocessing_=CustomerPreprocessing().fit(many), _memberships=None)
    with pytest.raises(TypeError):
        predict_file(model, path, out)
    assert out.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir()] == ["segments.parquet"]


def test_streaming_does_not_load_the_database():
    code = "import sys, segmentation.data.stream; print('duckdb' in sys.modules)"
    root = Path(__file__).parents[2]
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=False
    )
    assert answer.stdout.strip() == "False", answer.stderr
