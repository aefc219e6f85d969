import json

import numpy as np
import pandas as pd
import pytest

from segmentation import pipeline
from segmentation.data.dataset import Dataset


@pytest.fixture(scope="module")
def output(dataset):
    return pipeline.run(dataset, ["fuzzy", "gmm", "kmeans"], n_clusters=4, seed=42)


def test_every_method_gives_named_segments(output, customers):
    assert list(output.results) == ["fuzzy", "gmm", "kmeans"]
    for key, result in output.results.items():
        names = [profile.segment_name for profile in output.profiles[key]]
        assert len(set(names)) == 4
        assert sum(profile.size for profile in output.profiles[key]) == len(customers)
        assert result.labels.shape == (len(customers),)


def test_the_four_standard_segments_are_found(output):
    names = {profile.segment_name for profile in output.profiles["fuzzy"]}
    assert names == {"VIP Champions", "Loyal Regulars", "Promising Customers", "At-Risk"}


def test_a_soft_method_is_handed_over(output):
    assert output.main_method in {"fuzzy", "gmm"}


def test_files(output, customers, tmp_path):
    written = pipeline.write_outputs(output, tmp_path / "out")
    assert [path.name for path in written] == sorted(
        path.name for path in (tmp_path / "out").iterdir()
    ) or len(list((tmp_path / "out").iterdir())) == 3
    table = pd.read_csv(written[1], dtype={"customer_id": str})
    assert table["customer_id"].tolist() == customers["customer_id"].tolist()
    np.testing.assert_array_equal(table["gmm_segment"] - 1, output.results["gmm"].labels)
    export = json.loads(written[2].read_text(encoding="utf-8"))
    assert len(export["customers"]) == len(customers)
    assert len(export["segments"]) == 4


def test_personal_columns_stay_out_of_the_files(dataset, customers, tmp_path):
    table = customers.assign(email="ann@example.org", name="Ann")
    output = pipeline.run(Dataset("x", table, "file"), ["kmeans"])
    for path in pipeline.write_outputs(output, tmp_path):
        assert "ann@example.org" not in path.read_text(encoding="utf-8")


def test_progress_rises_to_one_over_all_methods(dataset):
    seen = []
    pipeline.run(
        dataset, ["fuzzy", "kmeans"], progress=lambda done, text: seen.append((done, text))
    )
    fractions = [done for done, _ in seen]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0
    assert seen[0][1] == "Fuzzy c-means: starting"
    assert seen[-1][1].startswith("K-means")
