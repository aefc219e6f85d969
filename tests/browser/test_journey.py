"""The main job in a real browser."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pages.shared.frame import PAGES

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
TITLES = {name: title for entries in PAGES.values() for name, title, *_ in entries}


def settled(page: Page) -> None:
    """Wait until the server has nothing more to send."""
    page.wait_for_timeout(300)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=60_000)


def go(page: Page, title: str) -> None:
    """Open a page by its entry in the sidebar."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title, timeout=30_000)
    settled(page)


def screenshot(page: Page, name: str) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"{name}.png")


@pytest.mark.parametrize("name", TITLES)
def test_a_page_is_the_first_request_to_a_fresh_server(page, name):
    page.goto("/" if name == "overview" else f"/{name}")
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLES[name], timeout=30_000)
    expect(page.get_by_test_id("stSidebarNav")).to_be_visible()
    settled(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    screenshot(page, name)


def test_journey(page, tmp_path):
    page.goto("/")
    expect(page.get_by_text("VIP Champions").first).to_be_visible(timeout=30_000)

    go(page, "Data")
    page.get_by_label("Customers", exact=True).first.fill("300")
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_text("300 customers").first).to_be_visible(timeout=30_000)

    go(page, "Segment")
    page.get_by_role("button", name="Run all").click()
    expect(page.get_by_role("button", name="Run again")).to_have_count(4, timeout=120_000)
    settled(page)
    screenshot(page, "journey_segment")

    go(page, "Compare")
    expect(page.get_by_text("Autoencoder").first).to_be_visible()
    screenshot(page, "journey_compare")

    go(page, "Export")
    page.get_by_role("button", name="Prepare").first.click()
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").get_by_role("button").first.click()
    path = tmp_path / "export.json"
    download.value.save_as(path)
    export = json.loads(path.read_text(encoding="utf-8"))
    assert len(export["customers"]) == 300
    screenshot(page, "journey_export")
