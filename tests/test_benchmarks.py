import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from rich.console import Console
from typer.testing import CliRunner

from benchmarks import __main__ as cli
from benchmarks import data, engines, fuzzy, gmm, neural, timing, transactions
from benchmarks.report import Bar, Report, Row, machine, results
from segmentation.data.schema import FEATURE_NAMES

ROOT = Path(__file__).parents[1]

# What the table of every family must name: peers and bars.
WORDS = {
    "fuzzy": [
        "m = 2", "m = 1.6", "scikit-fuzzy", "KMeans(n_init=1)", "60 times faster",
        "no slower than", "objective no worse",
    ],
    "gmm": [
        "scikit-learn, n_init 1", "n_init 10", "12 times faster", "log-likelihood per customer",
    ],
    "neural": ["Keras fit, batch 32", "10 times faster", "no worse", "within 60 s"],
    "generator": ["1,000,000 customers in 10 s"],
    "transactions": [
        "hand-written DuckDB SQL", "pandas", "within 1.3 times", "3 times faster", "same numbers",
    ],
    "growth": ["fuzzy, ", "gmm, ", "at most 1.3 times"],
    "memory": ["fuzzy, matrix", "gmm, matrix", "at most the data plus 1.5 times"],
    "stream": ["fuzzy, fit", "gmm, fit", "2,048 MB"],
}  # fmt: skip
TINY = {"growth": 2_000, "neural": 200, "transactions": 300}


def measured(name: str, monkeypatch) -> Report:
    monkeypatch.setattr(neural, "EPOCHS", 2)
    for family in (fuzzy, gmm):
        # Fresh processes that compile everything take long and are tested once, below.
        monkeypatch.setattr(family, "compile_seconds", lambda name: (2.0, 1.0))
        monkeypatch.setattr(family, "engine_fit", lambda name, customers: {"extra_mb": 3.0})
    return cli.measure(name, TINY.get(name, 1_000), runs=1)


@pytest.mark.parametrize("name", cli.FAMILIES)
def test_every_family_names_its_peers_and_bars(name, monkeypatch):
    report = measured(name, monkeypatch)
    console = Console(width=250, record=True, file=io.StringIO())
    console.print(report.tables())
    shown = console.export_text()
    for words in WORDS[name]:
        assert words in shown
        assert words in report.markdown()
    assert all(row.seconds > 0 for row in report.rows)
    assert Report.from_dict(json.loads(json.dumps(report.as_dict()))) == report


def test_every_family_is_tested():
    assert set(WORDS) == set(cli.FAMILIES)


def test_peers_compute_the_same_customers(tmp_path):
    path = tmp_path / "lines.parquet"
    data.write_lines(path, 200)
    for columns in (transactions.BEHAVIOUR, transactions.ALL):
        ours = transactions.ours(path, columns)
        for peer in (transactions.by_sql, transactions.by_pandas):
            theirs = peer(path, columns)[list(ours)]
            theirs["signup_date"] = pd.to_datetime(theirs["signup_date"]).dt.as_unit("us")
            pd.testing.assert_frame_equal(theirs, ours, check_dtype=False, rtol=1e-9)


def test_the_same_lines_whatever_the_chunk(tmp_path):
    path = tmp_path / "lines.parquet"
    assert data.write_lines(path, 300) == pq.read_metadata(path).num_rows == 6_000
    lines = pd.read_parquet(path)
    assert (lines.groupby("order_id")["order_date"].nunique() == 1).all()
    assert ((lines["amount"] < 0) == (lines["quantity"] < 0)).all()


@pytest.mark.parametrize("n", [700, 1_000, 2_500])
def test_repeated_customers_stay_consistent(n, monkeypatch, tmp_path):
    monkeypatch.setattr(data, "CHUNK", 1_000)
    table = data.customers(n)
    assert len(table) == table["customer_id"].nunique() == n
    assert list(table) == ["customer_id", *FEATURE_NAMES]
    product = table["avg_order_value"] * table["total_purchases"]
    np.testing.assert_allclose(table["total_revenue"], product, rtol=1e-9)
    assert data.scaled(n).shape == (n, 7)
    data.write_customers(tmp_path / "customers.parquet", n)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "customers.parquet"), table)


def test_the_objective_by_hand():
    rows, centers = np.array([[0.0], [3.0]]), np.array([[1.0], [2.0]])
    # Squared distances 1 and 4, so memberships 0.8 and 0.2, for both rows.
    expected = 2 * (0.8**2 * 1 + 0.2**2 * 4)
    assert fuzzy.objective(rows, centers, m=2) == pytest.approx(expected)


def test_the_likelihood_is_scikit_learns():
    rows = np.random.default_rng(0).normal(size=(500, 3))
    model = gmm.sklearn(rows, 1)
    assert gmm.log_likelihood(rows, model) == pytest.approx(model.score(rows))


def test_medians_take_turns():
    calls = []
    tasks = {name: lambda name=name: calls.append(name) or len(calls) for name in "ab"}
    found = timing.medians(tasks, 3)
    assert calls == list("ababab")
    assert (found["a"].result, found["b"].result) == (5, 6)


def test_extra_memory_is_that_of_the_call():
    extra, size = timing.extra_memory(lambda: np.ones(5_000_000).nbytes)
    assert extra == pytest.approx(size / 2**20, abs=6)


def test_a_cache_saves_the_compilation():
    cold, warm = engines.compile_seconds("fuzzy")
    assert cold > warm


def test_a_failure_in_a_process_arrives():
    with pytest.raises(RuntimeError, match="at least 1; got 0"):
        timing.in_fresh_process("growth.run", 0, 0, prefix="true")


def test_all_families_go_into_one_file(tmp_path, monkeypatch):
    report = Report(
        "fuzzy",
        10,
        [Row("ours", 1.5, 2.0, 0.1, 3.0, "good")],
        [Bar("fast", "10", False)],
        ["Note."],
    )
    monkeypatch.setattr(cli, "_apart", lambda name, customers, runs: report)
    out = tmp_path / "RESULTS.md"
    arguments = ["all", "--customers", "100", "--date", "2025-01-31", "--out", str(out)]
    answer = CliRunner().invoke(cli.app, arguments)
    assert answer.exit_code == 0, answer.output
    text = out.read_text(encoding="utf-8")
    assert text.count("| ours | 1.5 | 2 | 0.1 | 3 | good |") == len(cli.FAMILIES)
    assert "| fast | 10 | **no** |" in text and "2025-01-31" in text and "numpy" in text


def test_results_describe_the_machine():
    text = results([], "2025-01-31")
    for words in ("Processor", "cores", "GB", "Python", "scikit-learn", "2025-01-31"):
        assert words in text and words in machine("2025-01-31")


def test_the_command_prints_json():
    command = [sys.executable, "-m", "benchmarks", "generator", "--customers", "200", "--json"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    (report,) = json.loads(answer.stdout)
    assert (report["name"], report["customers"], len(report["bars"])) == ("generator", 200, 1)
