import csv
import io
import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from segmentation import pipeline
from segmentation.data.dataset import Dataset

ROOT = Path(__file__).parents[2]
FILES = (pipeline.AGENTS_FILE, pipeline.SEGMENTS_FILE, pipeline.CUSTOMERS_FILE)


def opened(app: AppTest | None = None) -> AppTest:
    app = app or AppTest.from_file(ROOT / "app.py", default_timeout=30).run()
    return app.switch_page("pages/export.py").run()


def prepare(app: AppTest, file: str) -> bytes:
    app.button(key=f"prepare-{file}").click().run()
    return app.session_state["prepared"][file][1]


def rows(content: bytes) -> list[dict]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_previews_before_anything_is_prepared():
    app = opened()
    assert not app.exception
    assert app.title[0].value == "Export"
    assert "**500 customers** and their segments by **2 methods**" in "".join(
        m.value for m in app.markdown
    )
    assert not app.download_button
    inside = json.loads(app.json[0].value)
    assert [segment["segment"] for segment in inside["segments"]] == [1]
    assert len(inside["customers"]) == 3
    assert list(app.dataframe[0].value)[:2] == ["customer_id", "fuzzy_segment"]
    assert len(app.dataframe[0].value) == len(app.dataframe[1].value) == 6


@pytest.mark.parametrize("file", FILES)
def test_prepare_then_download(file):
    app = opened()
    content = prepare(app, file)
    assert not app.exception
    assert [button.key for button in app.download_button] == [f"download-{file}"]
    unit = f"{len(content) / 1e3:.0f} kB"
    assert app.download_button[0].label == f"Download, {unit}"
    if file.endswith(".json"):
        export = json.loads(content)
        assert export["provenance"]["method"] == "fuzzy"
        assert len(export["customers"]) == 500
    else:
        assert len(rows(content)) == 500


def test_another_result_is_handed_over():
    app = opened()
    prepare(app, pipeline.AGENTS_FILE)
    app.selectbox(key="export-fuzzy").set_value("gmm").run()
    assert pipeline.AGENTS_FILE not in app.session_state["prepared"]
    assert json.loads(prepare(app, pipeline.AGENTS_FILE))["provenance"]["method"] == "gmm"


def test_the_users_names_are_handed_over_and_old_files_dropped():
    app = opened()
    for file in FILES:
        prepare(app, file)
    app.session_state["names"] = {("fuzzy", 0): "=Our darlings"}
    app.run()
    assert list(app.session_state["prepared"]) == [pipeline.CUSTOMERS_FILE]
    export = json.loads(prepare(app, pipeline.AGENTS_FILE))
    assert export["segments"][0]["segment_name"] == "=Our darlings"
    table = rows(prepare(app, pipeline.SEGMENTS_FILE))
    assert "'=Our darlings" in {row["fuzzy_segment_name"] for row in table}
    assert not app.exception


def test_personal_columns_are_left_out():
    app = AppTest.from_file(ROOT / "app.py", default_timeout=30).run()
    old = app.session_state["dataset"]
    table = old.customers.assign(email="someone@example.com")
    app.session_state["dataset"] = Dataset("mine", table, "file")
    opened(app)
    assert any("left out: email" in element.value for element in app.markdown)
    assert all("email" not in frame.value for frame in app.dataframe)
    assert all(b"someone@" not in prepare(app, file) for file in FILES)


def test_nothing_to_hand_over():
    app = AppTest.from_file(ROOT / "app.py", default_timeout=30).run()
    app.session_state["runs"] = {}
    opened(app)
    assert not app.exception and not app.button and not app.download_button
    assert any("No segments yet" in element.value for element in app.markdown)
