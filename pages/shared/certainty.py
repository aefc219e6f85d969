"""How sure a method is of its customers: the parts that several pages show."""

import streamlit as st

from pages.shared import cards, state
from segmentation.enrichment.words import clean, count, share
from segmentation.figures.memberships import confidence_histogram
from segmentation.figures.palette import segment_style
from segmentation.figures.uncertainty import bands_by_segment
from segmentation.methods.gmm import HIGH_CONFIDENCE, LOW_CONFIDENCE
from segmentation.methods.result import SegmentationResult
from segmentation.quality.listing import Listing, shares_below

BANDS = (LOW_CONFIDENCE, HIGH_CONFIDENCE)
BAND_NOTE = f"low < {LOW_CONFIDENCE:.2f} ≤ medium < {HIGH_CONFIDENCE:.2f} ≤ high"


def kind(result: SegmentationResult) -> str:
    """Return what a membership of this method is called."""
    return "probability" if result.method == "gmm" else "membership"


def glyph_names(names: list[str]) -> list[str]:
    """Return segment names with their glyphs, for cells of tables."""
    return [f"{segment_style(i)[2]} {name}" if name else "" for i, name in enumerate(names)]


def shown_of(listing: Listing) -> str:
    """Return how many customers of a list are shown."""
    return f"{count(len(listing.rows))} of {count(listing.total)} shown"


def customer_table(
    listing: Listing, first: str, second: str, alt: str, membership: str = "", none: str = ""
) -> None:
    """Draw a list of customers, or why there is none."""
    if not listing.total:
        st.markdown(f":material/check_circle: {none}")
        return
    column = st.column_config
    sign = clean(state.dataset().currency).replace("%", "%%")
    number = column.NumberColumn(membership.capitalize(), format="%.2f", width=90)
    st.dataframe(
        listing.rows,
        hide_index=True,
        alt=alt,
        column_config={
            "customer": column.TextColumn("Customer", pinned=True),
            "first": column.TextColumn(first, width=170),
            "first_membership": number,
            "second": column.TextColumn(second, width=170),
            "second_membership": number,
            "revenue": column.NumberColumn("Revenue", format=f"{sign}%,.0f"),
        },
    )


def histogram_card(result: SegmentationResult, height: int) -> None:
    """Draw the highest membership of all customers."""
    word = kind(result)
    low = int((result.confidence < LOW_CONFIDENCE).sum())
    total = len(result.labels)
    takeaway = (
        f"{count(low)} of {count(total)} customers are below {LOW_CONFIDENCE:.2f}"
        if low
        else f"No customer is below {LOW_CONFIDENCE:.2f}"
    )
    with cards.card(takeaway, f"Highest {word} of every customer · {BAND_NOTE}"):
        figure = confidence_histogram(result.confidence, BANDS, theme=cards.theme(), height=height)
        figure.update_xaxes(title_text=f"highest {word}")
        cards.chart(figure, "confidence", f"Histogram of the highest {word} in three bands")


def bands_card(result: SegmentationResult, names: list[str], height: int) -> None:
    """Draw the bands of every segment, the least certain segment first."""
    shares = shares_below(result.confidence, result.labels, len(names), LOW_CONFIDENCE).tolist()
    worst = max(range(len(names)), key=shares.__getitem__)
    takeaway = (
        f"Least certain: {state.plain(names[worst])}, {share(shares[worst])} below "
        f"{LOW_CONFIDENCE:.2f}"
        if shares[worst]
        else f"No segment has customers below {LOW_CONFIDENCE:.2f}"
    )
    with cards.card(takeaway, "Percent of a segment's customers by band, least certain first"):
        figure = bands_by_segment(
            result.confidence, result.labels, names, BANDS, theme=cards.theme(), height=height
        )
        cards.chart(figure, "bands", "Share of low, medium and high certainty in every segment")
