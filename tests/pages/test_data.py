import time
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import jobs, state, uploads
from segmentation.data.dataset import Dataset

ROOT = Path(__file__).parents[2]
SECONDS = 60
CLICKS = pd.DataFrame(
    {
        "customer_id": [f"{i:03d}" for i in range(40)],
        "email": "someone@example.com",
        "visits *a* $": [i % 7 for i in range(40)],
        "clicks": [i * i for i in range(40)],
    }
)


def opened(dataset: Dataset | None = None) -> AppTest:
    app = AppTest.from_file(ROOT / "app.py", default_timeout=30)
    if dataset is not None:
        app.session_state["dataset"] = dataset
        app.session_state["runs"], app.session_state["names"] = {}, {}
    return app.run().switch_page("pages/data.py").run()


def markdown(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


def until(app: AppTest, done) -> AppTest:
    end = time.monotonic() + SECONDS
    while not done(app) and time.monotonic() < end:
        time.sleep(0.2)
        app.run()
    assert done(app)
    return app


def upload(app: AppTest, name: str, content: bytes) -> AppTest:
    app.segmented_control(key="source").set_value("Upload").run()
    return app.file_uploader(key="upload-file").set_value((name, content, "text/csv")).run()


def test_what_is_loaded():
    app = opened()
    assert not app.exception
    assert app.title[0].value == "Data"
    text = markdown(app)
    assert "**500 customers**" in text and "up to 1 Jan 2025" in text
    assert "4 of 7 features enter the distance; 3 are left out" in text
    assert "no segments yet" not in text
    labels = [metric.label for metric in app.metric]
    assert labels == ["Customers", "Revenue", "Orders", "Average order", "Ordered once"]
    assert len(app.get("plotly_chart")) == 5
    assert app.dataframe[0].value.shape == (200, 69)


def test_generate_leads_to_segment():
    app = opened()
    app.number_input(key="generate-customers").set_value(60)
    app.number_input(key="generate-seed").set_value(7)
    app.number_input(key="generate-overlap").set_value(1.0)
    next(b for b in app.button if b.label == "Generate customers").click()
    app.run()
    assert not app.exception
    assert "**60 customers**" in markdown(app) and "no segments yet" in markdown(app)
    assert app.session_state["runs"] == {}
    assert app.session_state["dataset"].name == "Synthetic customers, seed 7"


def test_feature_and_department_are_chosen():
    app = opened()
    app.selectbox(key="feature").set_value("recency_days").run()
    assert "Days since last order: the logarithm takes skewness" in markdown(app)
    app.selectbox(key="department").set_value("shoes").run()
    assert "of Shoes comes from" in markdown(app)
    assert not app.exception


def test_the_sample_is_a_job_that_can_be_cancelled(monkeypatch):
    asked = []

    def start(slot, label, request, dataset=None):
        asked.append((slot, request))
        state.st.session_state["jobs"] = {slot: jobs.Job(label, request, ROOT / "none")}

    monkeypatch.setattr(jobs, "start", start)
    app = opened()
    app.segmented_control(key="source").set_value("Real sample").run()
    button = next(b for b in app.button if b.label == "Load the supermarket")
    button.click().run()
    assert asked == [(state.DATA_JOB, {"task": "sample"})]
    assert next(b for b in app.button if b.label == "Load the supermarket").disabled
    app.button(key="cancel-data").click().run()
    assert state.DATA_JOB not in app.session_state["jobs"]
    assert not app.exception


def test_upload_without_orders_departments_or_currency():
    app = opened()
    upload(app, "clicks [x](y).csv", CLICKS.to_csv(index=False).encode())
    path = Path(app.session_state["jobs"]["data"].request["path"])
    assert len(app.session_state["dataset"].customers) == 500
    until(app, lambda a: a.session_state["dataset"].source == "file")
    assert not app.exception
    text = markdown(app)
    assert "**40 customers**: clicks \\[x\\]\\(y\\)\\.csv" in text and "no segments yet" in text
    assert [metric.label for metric in app.metric] == ["Customers", "Columns"]
    assert "visits \\*a\\* \\$" in text.lower()
    assert "email" not in app.dataframe[0].value
    app.toggle(key="personal").set_value(True).run()
    assert "email" in app.dataframe[0].value
    end = time.monotonic() + 5
    while path.parent.exists() and time.monotonic() < end:
        time.sleep(0.1)
    assert not path.parent.exists()


def test_a_faulty_upload_changes_nothing_and_is_read_once(monkeypatch):
    started = []
    start = jobs.start
    monkeypatch.setattr(jobs, "start", lambda *a, **k: (started.append(a), start(*a, **k)))
    app = opened()
    before = app.session_state["dataset"]
    upload(
        app,
        "bad.csv",
        b"customer_id,total_revenue,total_purchases\na,**x** [l](http://e),1\n,2,3\n",
    )
    until(app, lambda a: len(a.error) > 0)
    app.run()
    assert len(started) == 1
    assert not app.exception
    error = app.error[0].value
    assert "row 1: holds 'x" not in error and "\\*\\*x\\*\\* \\[l\\]\\(http" in error
    assert "is blank" in error
    assert app.session_state["dataset"] is before and app.session_state["runs"]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("till.csv.gz", "till.csv.gz"),
        ("../../etc/x.csv", "_.._etc_x.csv"),
        ("C:\\a b\\ü.xlsx", "C__a b_ü.xlsx"),
        ("..", "upload"),
        ("a" * 300 + ".parquet", "a" * 52 + ".parquet"),
    ],
)
def test_names_of_files_stay_in_their_folder(name, safe):
    assert uploads._safe_name(name) == safe


def test_long_names_fit_into_a_file_system():
    assert len(uploads._safe_name("客" * 300 + ".csv").encode()) <= 255


def test_a_table_without_variation_is_explained():
    flat = pd.DataFrame({"customer_id": ["a", "b"], "visits": [1, 1], "clicks": [2, 2]})
    app = opened(Dataset("flat", flat, "file"))
    assert not app.exception
    assert "No feature can enter the distance" in markdown(app)
    assert "no column is left" in app.error[0].value.lower()
