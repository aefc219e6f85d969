"""The parts every page is made of: heading with finding, card, chart, empty state."""

from collections.abc import Iterator
from contextlib import contextmanager

import plotly.graph_objects as go
import streamlit as st

from pages.shared import state
from segmentation.figures.palette import DARK, LIGHT, Theme, segment_style


def theme() -> Theme:
    """Return the colours of the theme that the browser shows."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def segment(name: str, index: int) -> str:
    """Return a segment's glyph in its colour and its name, as Markdown."""
    color, _, glyph = segment_style(index)
    return f':color[{glyph}]{{foreground="{color}"}} {state.plain(name)}'


def heading(title: str, finding: str) -> None:
    """Draw the title of a page and the sentence with its finding (Markdown)."""
    st.title(title, anchor=False)
    st.markdown(finding)


@contextmanager
def card(takeaway: str, note: str = "", *, height: str = "stretch") -> Iterator[None]:
    """Draw a card: the takeaway in bold, a grey line (what, unit, order), then the content."""
    with st.container(border=True, height=height):
        st.markdown(f"**{takeaway}**" + (f"  \n:gray[:small[{note}]]" if note else ""))
        yield


def chart(figure: go.Figure, key: str, alt: str, *, mode_bar: bool = False) -> None:
    """Draw a figure; `alt` says in words what it shows."""
    # A chart keeps its first colours until it is mounted anew, so the theme is part of its key.
    st.plotly_chart(
        figure,
        theme=None,
        key=f"{key}-{theme().name}",
        alt=alt,
        config={"displayModeBar": "hover" if mode_bar else False, "displaylogo": False},
    )


def empty(icon: str, title: str, text: str, page: str, label: str) -> None:
    """Draw an empty state with the next action."""
    with st.container(border=True, horizontal_alignment="center"):
        st.space("medium")
        st.markdown(f":material/{icon}: **{title}**", text_alignment="center")
        st.markdown(text, text_alignment="center")
        st.page_link(f"pages/{page}.py", label=label, icon=":material/arrow_forward:")
        st.space("medium")


def no_result(title: str, purpose: str) -> None:
    """Draw the empty state of a page that shows a result, and end the page."""
    heading(title, purpose)
    empty(
        "tune",
        "No segments yet",
        "Run a method on these customers to see this page.",
        "segment",
        "Go to Segment",
    )
    st.stop()
