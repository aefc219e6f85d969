import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from segmentation.__main__ import app
from segmentation.data.generator import RetailDataGenerator

FILES = {"customer_sales_data.csv", "customers_with_segments.csv", "customer_segments_for_ai.json"}


def call(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_generate_writes_the_generators_table(tmp_path):
    done = call("generate", "--customers", 60, "--seed", 7, "--out", tmp_path)
    assert done.exit_code == 0
    table = pd.read_csv(tmp_path / "customer_sales_data.csv", parse_dates=["signup_date"])
    expected = RetailDataGenerator(seed=7).generate_customer_data(60)
    pd.testing.assert_frame_equal(table, expected, check_dtype=False)


@pytest.mark.parametrize("kind", ["customers", "transactions"])
def test_run_takes_customers_and_transactions(tmp_path, kind):
    generator = RetailDataGenerator(seed=1)
    table = (generator.generate_customer_data(120) if kind == "customers"
             else generator.generate_transactions(120))  # fmt: skip
    table.to_csv(tmp_path / "in.csv", index=False)
    out = tmp_path / "out"
    done = call("run", tmp_path / "in.csv", "--as-of", "2025-01-01", "--method", "kmeans",
                "--clusters", 3, "--out", out)  # fmt: skip
    assert done.exit_code == 0, done.output
    assert {path.name for path in out.iterdir()} == FILES
    assert len(pd.read_csv(out / "customers_with_segments.csv")) == 120
    export = json.loads((out / "customer_segments_for_ai.json").read_text(encoding="utf-8"))
    assert len(export["segments"]) == 3
    for segment in export["segments"]:
        assert segment["segment_name"] in done.output


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "empty"),
        ("customer_id,visits,spend\n", "no rows"),
        ("customer_id,visits,spend\na,1,2\nb,x,3\nc,2,5\n", 'column "visits", row'),
        ("color,size\nred,1\nblue,2\n", "customer"),
    ],
)
def test_bad_input_is_one_clear_message_and_nothing_is_written(tmp_path, content, words):
    (tmp_path / "in.csv").write_text(content)
    done = call("run", tmp_path / "in.csv", "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert words.lower() in done.stderr.lower()
    assert "Traceback" not in done.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "missing.csv"], "missing.csv"),
        (["run", "--clusters", "1"], "n_clusters must be a whole number from 2 to 12"),
        (["run", "x.csv", "--sample"], "not both"),
        (["run", "--as-of", "2025-01-01"], "--as-of goes with a file"),
    ],
)
def test_bad_arguments_are_explained(tmp_path, arguments, words):
    done = call(*arguments, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert words in " ".join(done.stderr.split())
