"""Adding a method is one file and one line: a toy shows that everything else follows."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from segmentation import pipeline
from segmentation.export.tables import segments_table
from segmentation.methods.base import CustomerSegmentation
from segmentation.methods.parameters import N_CLUSTERS, SEED, MethodSpec, Parameter
from segmentation.methods.registry import METHODS

ROOT = Path(__file__).parents[2]


class SliceSegmentation(CustomerSegmentation):
    """Cut the first feature into slices of equal size."""

    spec = MethodSpec(
        "slices", "Equal slices", "For tests", "content_cut",
        (N_CLUSTERS, Parameter("tilt", "Tilt", 0.5, "", 0, 1), SEED), soft=False,
    )  # fmt: skip

    def __init__(self, n_clusters=4, tilt=0.5, seed=42, *, features=None, transform="auto"):
        self.n_clusters = n_clusters
        self.tilt = tilt
        self.seed = seed
        self.features = features
        self.transform = transform

    def _fit(self, scaled, progress):
        shares = np.arange(1, self.n_clusters) / self.n_clusters
        self.cuts_ = np.quantile(scaled[:, 0], shares)

    def _memberships(self, scaled):
        return np.eye(self.n_clusters)[np.searchsorted(self.cuts_, scaled[:, 0])]


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setitem(METHODS, "slices", SliceSegmentation)


def test_it_is_in_the_form_and_in_the_comparison(customers, dataset):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.session_state["dataset"] = dataset
    app.session_state["names"] = {}
    app.session_state["runs"] = {
        key: METHODS[key]().fit(customers).result(customers) for key in ("slices", "kmeans")
    }
    page = app.run().switch_page("pages/segment.py").run()
    assert not page.exception
    assert page.number_input(key="slices-tilt").value == 0.5
    page = page.switch_page("pages/compare.py").run()
    assert not page.exception
    assert "Equal slices" in str(page.main)


def test_it_is_in_the_export(dataset):
    output = pipeline.run(dataset, ["slices", "kmeans"])
    names = {key: [p.segment_name for p in found] for key, found in output.profiles.items()}
    table = segments_table(dataset.customers, output.results, names)
    assert {"slices_segment", "slices_segment_name", "slices_membership_4"} <= set(table.columns)
    export = pipeline.agent_export(dataset, output.results["slices"], output.profiles["slices"])
    assert export["provenance"]["method"] == "slices"
