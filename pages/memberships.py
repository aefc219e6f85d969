from pages.shared import frame

frame.ensure()

import streamlit as st

from pages.shared import cards, certainty, state
from segmentation.enrichment.words import amount, count, share
from segmentation.figures.memberships import gap_histogram, membership_heatmap
from segmentation.quality.clarity import BORDER_GAP, is_crisp
from segmentation.quality.listing import Listing, at_border

LIMIT, COLUMNS_DRAWN = "border_limit", 400

dataset = state.dataset()
result = state.shown()


def show(method: str) -> None:
    """Make another result the one that all pages show."""
    st.session_state[state.SHOWN] = method


def all_or_nothing() -> None:
    """Explain crisp memberships and offer the methods that have soft ones."""
    cards.heading("Memberships", f"**{result.title}** places every customer in one segment only.")
    soft = [run for run in state.runs().values() if not is_crisp(run.memberships)]
    text = (
        "Each membership is 1 or 0, so no customer stands between segments. Soft methods say how "
        "strongly a customer belongs to each of them."
    )
    if not soft:
        cards.empty("gradient", "Memberships are all or nothing", text, "segment", "Go to Segment")
        return
    with cards.card("Memberships are all or nothing", text), st.container(horizontal=True):
        for run in soft:
            st.button(
                f"Show {state.title(run)}",
                key=f"show-{run.method}",
                on_click=show,
                args=(run.method,),
                type="primary" if run is soft[0] else "secondary",
            )


def finding(found: Listing) -> str:
    """Return how many customers sit between two segments."""
    total = len(dataset.customers)
    if not found.total:
        return "Every customer belongs clearly to one segment; **nobody** sits on a border."
    part = f"**{count(found.total)} of {count(total)}**"
    if found.total > total / 2:
        return f"{part} customers sit on a border: the segments overlap much."
    return f"Most customers belong clearly to one segment; {part} sit on a border."


def heatmap_card() -> None:
    """Draw the memberships of all customers, or of a sample."""
    means = {p.segment_name: p.mean_confidence for p in profiles if p.mean_confidence is not None}
    clear, mixed = max(means, key=means.get), min(means, key=means.get)
    takeaway = (
        f"Clearest: {state.plain(clear)}, {means[clear]:.2f} on average; "
        f"most mixed: {state.plain(mixed)}, {means[mixed]:.2f}"
        if f"{means[clear]:.2f}" != f"{means[mixed]:.2f}"
        else f"All segments are equally clear, {means[clear]:.2f} on average"
    )
    total = len(result.labels)
    note = (
        f"{word.capitalize()} from 0 to 1 · a column is a customer, ordered by segment, then by "
        f"falling {word} · {count(min(total, COLUMNS_DRAWN))} of {count(total)} shown"
    )
    with cards.card(takeaway, note):
        figure = membership_heatmap(
            result.memberships,
            result.labels,
            names,
            customer_ids=result.customer_ids,
            max_customers=COLUMNS_DRAWN,
            theme=cards.theme(),
            height=max(320, 80 + 34 * len(names)),
        )
        cards.chart(figure, "heatmap", f"Heatmap of the {word} of customers in every segment")


def gap_card() -> Listing:
    """Draw the gaps with the limit that can be set; return the customers below it."""
    with st.container(border=True, height="stretch"):
        top = st.container()
        limit = st.number_input(
            "Border limit",
            0.05,
            0.5,
            BORDER_GAP,
            0.05,
            key=LIMIT,
            persist_state="session",
            help="A customer with a smaller gap counts as a border customer.",
        )
        found = at_border(
            dataset.customers, result.memberships, certainty.glyph_names(names), limit
        )
        part = found.total / len(result.labels)
        one_in = f"One customer in {round(1 / part)}" if 0 < part <= 0.4 else share(part)
        with top:
            takeaway = f"{one_in} {'is' if 'One' in one_in else 'of customers are'} on a border"
            takeaway = takeaway if found.total else "No customer is on a border"
            st.markdown(f"**{takeaway}**  \n:gray[:small[Gap between the two highest {words}]]")
            figure = gap_histogram(result.memberships, limit, theme=cards.theme(), height=290)
            cards.chart(figure, "gaps", f"Histogram of the gap, limit {limit:.2f}")
    return found


def border_card(found: Listing) -> None:
    """Draw the border customers."""
    who = f"{count(found.total)} border customer{'s' if found.total != 1 else ''}"
    worth = amount(found.revenue, dataset.currency)
    known = found.total and found.revenue == found.revenue
    takeaway = f"{who}, {state.plain(worth)} of revenue" if known else who
    note = f"Smallest gap first · {certainty.shown_of(found)}"
    with cards.card(takeaway if found.total else "No border customers", note):
        certainty.customer_table(
            found,
            "First segment",
            "Second segment",
            "Border customers, smallest gap first",
            membership=word,
            none="Nobody is this close to two segments. A higher limit shows more.",
        )


if result is None:
    cards.no_result("Memberships", "How clearly customers belong to their segments.")
if is_crisp(result.memberships):
    all_or_nothing()
    st.stop()
profiles = state.profiles(result)
names = [profile.segment_name for profile in profiles]
word = certainty.kind(result)
words = "probabilities" if word == "probability" else "memberships"
title = st.container()
heatmap_card()
left, right = st.columns([1, 2])
with left:
    border = gap_card()
with right:
    border_card(border)
with title:
    cards.heading("Memberships", finding(border))
height = max(300, 90 + 32 * len(names))
left, right = st.columns(2)
with left:
    certainty.histogram_card(result, height)
with right:
    certainty.bands_card(result, names, height)
