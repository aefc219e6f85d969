"""The worker as another process sees it."""

import io
import json
import subprocess
import sys

import pandas as pd
import pytest

from segmentation import worker
from segmentation.data.dataset import Dataset
from segmentation.methods.result import SegmentationResult


def events_of(request):
    out = io.StringIO()
    worker.serve(io.StringIO(json.dumps(request | {"id": "1"}) + "\n"), out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_fit_reports_progress_and_leaves_a_result(dataset, tmp_path):
    dataset.save(tmp_path / "data")
    request = {"id": "9", "task": "fit", "method": "fuzzy", "parameters": {"n_clusters": 3},
               "data": str(tmp_path / "data"), "out": str(tmp_path / "out")}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "segmentation.worker"],
        input=json.dumps(request) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[0]["event"] == "ready"
    assert events[-1] == {"id": "9", "event": "done"}
    assert all(0 <= event["fraction"] <= 1 for event in events[1:-1])
    result = SegmentationResult.load(tmp_path / "out")
    assert result.n_clusters == 3
    assert result.data_fingerprint == dataset.fingerprint


def test_read_leaves_a_dataset(customers, tmp_path):
    customers.to_csv(tmp_path / "c.csv", index=False)
    request = {"task": "read", "path": str(tmp_path / "c.csv"), "name": "c.csv",
               "out": str(tmp_path / "out")}  # fmt: skip
    assert events_of(request)[-1]["event"] == "done"
    loaded = Dataset.load(tmp_path / "out")
    assert loaded.name == "c.csv"
    assert loaded.customers["customer_id"].tolist() == customers["customer_id"].tolist()


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"task": "read", "path": "missing.csv", "out": "x"}, "missing.csv"),
        ({"task": "unknown"}, "did not foresee"),
    ],
)
def test_errors_are_events_and_the_worker_lives_on(request_, words):
    out = io.StringIO()
    line = json.dumps(request_ | {"id": "1"}) + "\n"
    worker.serve(io.StringIO(line + line), out)
    events = [json.loads(line) for line in out.getvalue().splitlines()]
    errors = [event for event in events if event["event"] == "error"]
    assert len(errors) == 2
    assert words in errors[0]["message"]


def test_unforeseen_errors_do_not_quote_the_data(tmp_path, caplog):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "dataset.json").write_text('{"notes": [], "name": 1, "secret": "4711"}')
    pd.DataFrame({"a": [1]}).to_parquet(folder / "customers.parquet")
    request = {"task": "fit", "method": "fuzzy", "parameters": {}, "data": str(folder), "out": "x"}
    assert "4711" not in json.dumps(events_of(request))
    assert "secret" not in caplog.text
    assert "TypeError" in caplog.text


def test_bic_leaves_a_table(dataset, tmp_path, monkeypatch):
    dataset.save(tmp_path / "data")
    monkeypatch.setattr(
        worker.GMMCustomerSegmentation.bic_table, "__defaults__", ((1, 2), ("diag",))
    )
    request = {"task": "bic", "parameters": {"seed": 1}, "data": str(tmp_path / "data"),
               "out": str(tmp_path / "out")}  # fmt: skip
    events = events_of(request)
    assert [event["event"] for event in events] == ["ready", "progress", "progress", "done"]
    table = worker.read_table(tmp_path / "out")
    assert table["n_clusters"].tolist() == [1, 2]
    assert set(table.columns) == {"n_clusters", "covariance_type", "bic", "aic", "icl"}
