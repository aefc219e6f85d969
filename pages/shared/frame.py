"""The frame around every page: page config, navigation, sidebar."""

from contextvars import ContextVar
from pathlib import Path

import streamlit as st

from pages.shared import jobs, state

ASSETS = Path(__file__).resolve().parents[2] / "assets"
PAGES = {
    "Results": (
        ("overview", "Overview", "dashboard", "Who the segments are and what they bring."),
        ("segments", "Segments", "groups", "Names, profiles, tastes and strategies."),
        ("customers", "Customers", "person_search", "Look up one customer."),
        ("memberships", "Memberships", "gradient", "How clearly customers belong."),
        ("uncertainty", "GMM uncertainty", "blur_on", "How sure the Gaussian mixture is."),
        ("compare", "Compare", "compare_arrows", "Do the methods agree, and which separates best?"),
    ),
    "Build": (
        ("data", "Data", "database", "Generate, take the sample or upload a file."),
        ("segment", "Segment", "tune", "Set and run the methods side by side."),
        ("export", "Export", "ios_share", "Hand segments to people, systems and AI agents."),
    ),
}
_active: ContextVar[bool] = ContextVar("frame_active", default=False)


def main() -> None:
    """Draw the frame and run the page that the address asks for."""
    token = _active.set(True)
    try:
        st.set_page_config(
            page_title="Segmentation Studio",
            page_icon=str(ASSETS / "icon.png"),
            layout="wide",
        )
        dark = st.context.theme.type == "dark"
        logo = ASSETS / ("logo_dark.svg" if dark else "logo_light.svg")
        st.logo(str(logo), size="large", icon_image=str(ASSETS / "icon.svg"))
        page = st.navigation(
            {
                section: [
                    st.Page(
                        f"pages/{name}.py",
                        title=title,
                        icon=f":material/{icon}:",
                        help=text,
                        default=name == "overview",
                    )
                    for name, title, icon, text in entries
                ]
                for section, entries in PAGES.items()
            }
        )
        state.prepare()
        _sidebar()
        page.run()
    finally:
        _active.reset(token)


def ensure() -> None:
    """Draw the frame if a page file was started without it.

    The first request to a fresh server may be the address of a page; Streamlit then runs that
    file alone, without app.py.
    """
    if not _active.get():
        main()
        st.stop()


def _sidebar() -> None:
    with st.sidebar:
        runs = state.runs()
        if runs:
            st.selectbox(
                "Result shown",
                list(runs),
                format_func=lambda key: state.title(runs[key]),
                key=state.SHOWN,
                persist_state="session",
            )
        dataset = state.dataset()
        st.markdown(
            f":gray[:small[:material/database: {state.plain(dataset.name)}]]  \n"
            f":gray[:small[{len(dataset.customers):,} customers]]"
        )
        if jobs.active():
            _running()
        st.page_link(
            "pages/export.py", label="Agent JSON", icon=":material/smart_toy:", width="stretch"
        )


@st.fragment(run_every=1.0)
def _running() -> None:
    """Show what is running, on any page, and load it when it is done."""
    if not jobs.active():
        st.rerun()
    for job in jobs.active():
        st.progress(job.fraction, text=f":small[{job.label}: {job.status_text}]")
