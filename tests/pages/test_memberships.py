"""Memberships: heatmap, border customers, and methods without them."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from segmentation.methods.registry import METHODS
from segmentation.quality.clarity import BORDER_GAP, gaps

ROOT = Path(__file__).parents[2]


def opened(dataset, method: str, k: int, others: tuple[str, ...] = ()) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    customers = dataset.customers
    app.session_state["dataset"] = dataset
    app.session_state["names"] = {}
    app.session_state["shown"] = method
    app.session_state["runs"] = {
        key: METHODS[key](n_clusters=k).fit(customers).result(customers)
        for key in (method, *others)
    }
    return app.run().switch_page("pages/memberships.py").run()


def border(page: AppTest, limit: float) -> int:
    result = page.session_state["runs"][page.session_state["shown"]]
    return int((gaps(result.memberships) < limit).sum())


@pytest.mark.parametrize(("method", "k"), [("fuzzy", 2), ("gmm", 4), ("fuzzy", 12)])
def test_border_customers(dataset, method, k):
    page = opened(dataset, method, k)
    assert not page.exception
    found = border(page, BORDER_GAP)
    assert f"**{found} of 300**" in page.main.markdown[0].value
    table = page.dataframe[0].value
    assert len(table) == min(found, 200)
    between = table["first_membership"] - table["second_membership"]
    assert between.is_monotonic_increasing
    assert between.max() < BORDER_GAP


def test_the_limit_is_kept_when_the_page_changes(dataset):
    page = opened(dataset, "fuzzy", 4)
    page.number_input(key="border_limit").set_value(0.5).run()
    found = border(page, 0.5)
    assert found != border(page, BORDER_GAP)
    assert f"{found} of 300" in page.main.markdown[0].value
    page.switch_page("pages/compare.py").run()
    page.switch_page("pages/memberships.py").run()
    assert page.number_input(key="border_limit").value == 0.5


def test_crisp_memberships_lead_to_soft_ones(dataset):
    page = opened(dataset, "kmeans", 3, ("fuzzy",))
    assert not page.exception
    assert "one segment only" in page.main.markdown[0].value
    assert not page.dataframe
    page.button(key="show-fuzzy").click().run()
    assert page.session_state["shown"] == "fuzzy"
    assert len(page.dataframe) == 1


def test_crisp_memberships_alone(dataset):
    page = opened(dataset, "kmeans", 3)
    assert not page.exception
    assert "Go to Segment" in [link.value for link in page.main.get("page_link")]


def test_nobody_on_a_border(dataset):
    page = opened(dataset, "fuzzy", 2)
    memberships = page.session_state["runs"]["fuzzy"].memberships
    memberships[:] = [0.05, 0.95]
    page.run()
    assert not page.exception
    assert "nobody" in page.main.markdown[0].value
    assert not page.dataframe
