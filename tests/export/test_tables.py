import io

import numpy as np
import pandas as pd
import pytest

from segmentation.data.files import replacing
from segmentation.data.schema import DataError, Role, default_features, describe
from segmentation.export.tables import csv_bytes, segments_table, write_csv
from segmentation.methods.result import SegmentationResult

IDS = ["007", "a", "=1+1"]
CUSTOMERS = pd.DataFrame({"customer_id": IDS, "age": [1, 2, 3], "score": [1.0, 2.0, 3.0]})
NAMES = {"gmm": ["VIP Champions", "Lost"], "fuzzy": ["A", "B"]}


def result(method: str, ids=IDS) -> SegmentationResult:
    return SegmentationResult(
        method=method,
        title=method,
        parameters={},
        columns=(),
        customer_ids=np.array(ids, dtype=object),
        labels=np.array([0, 1, 0]),
        memberships=np.array([[2 / 3, 1 / 3], [0.2, 0.8], [0.9, 0.1]]),
        centers=pd.DataFrame({"age": [1.0, 2.0]}),
        metrics={},
        seconds=0.0,
    )


@pytest.fixture
def table() -> pd.DataFrame:
    return segments_table(CUSTOMERS, {m: result(m) for m in NAMES}, NAMES)


def test_columns_and_cells_by_hand(table):
    parts = ("segment", "segment_name", "membership_1", "membership_2")
    assert list(table) == ["customer_id", *(f"{m}_{p}" for m in NAMES for p in parts)]
    assert table["customer_id"].tolist() == IDS
    assert table["gmm_segment"].tolist() == [1, 2, 1]
    assert table["gmm_segment_name"].tolist() == ["VIP Champions", "Lost", "VIP Champions"]
    assert table["gmm_membership_1"].tolist() == [0.6667, 0.2, 0.9]


def test_our_own_columns_never_become_features(table):
    roles = {describe(name).role for name in table.columns.drop("customer_id")}
    assert roles == {Role.LABEL}
    merged = CUSTOMERS.merge(table, on="customer_id")
    assert default_features(merged) == ["age", "score"]


@pytest.mark.parametrize(
    ("results", "names", "words"),
    [
        ({"gmm": result("gmm", ["x", "a", "=1+1"])}, NAMES, "other customers"),
        ({"gmm": result("gmm", ["007"])}, NAMES, "other customers"),
        ({"gmm": result("gmm")}, {"gmm": ["one"]}, "2 segments but 1 names"),
        ({"gmm": result("gmm")}, {}, "2 segments but 0 names"),
    ],
)
def test_results_that_do_not_fit(results, names, words):
    with pytest.raises(DataError, match=words):
        segments_table(CUSTOMERS, results, names)


def test_a_preview_is_the_first_rows(table):
    found = segments_table(CUSTOMERS, {"gmm": result("gmm")}, NAMES, n_rows=2)
    pd.testing.assert_frame_equal(found, table[list(found)].head(2))


def test_round_trip(tmp_path, table):
    write_csv(table, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == csv_bytes(table)
    back = pd.read_csv(tmp_path / "t.csv", dtype={"customer_id": str})
    assert back["customer_id"].tolist() == ["007", "a", "'=1+1"]
    pd.testing.assert_frame_equal(
        back.drop(columns="customer_id"), table.drop(columns="customer_id"), check_dtype=False
    )


@pytest.mark.parametrize("text", ["=cmd|'x'", "+1", "-1", "@a", "\tx", "\rx", "＝1", '-ünï, "q"'])
@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_text_is_no_formula(tmp_path, text, dtype):
    table = pd.DataFrame({text: pd.Series([text, "plain", None], dtype=dtype), "n": [-1, 2, 3]})
    before = table.copy(deep=True)
    write_csv(table, tmp_path / "t.csv")
    content = (tmp_path / "t.csv").read_bytes().decode("utf-8")
    back = pd.read_csv(io.StringIO(content, newline=""), lineterminator="\n")
    assert list(back) == [f"'{text}", "n"]
    assert back.iloc[:2, 0].tolist() == [f"'{text}", "plain"] and pd.isna(back.iloc[2, 0])
    assert back["n"].tolist() == [-1, 2, 3]
    pd.testing.assert_frame_equal(table, before)


def test_repeated_headers_are_kept(tmp_path):
    table = pd.DataFrame([["=a", -1]], columns=["x", "x"])
    write_csv(table, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == "x,x\n'=a,-1\n"


def test_a_failure_leaves_the_old_file(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("old")
    with pytest.raises(OSError, match="full"), replacing(path) as temporary:
        temporary.write_text("half")
        raise OSError("disk full")
    assert path.read_text() == "old"
    assert [path] == list(tmp_path.iterdir())
