from pages.shared import frame

frame.ensure()

import streamlit as st

from pages.shared import cache, cards, certainty, state
from segmentation.enrichment import tables
from segmentation.enrichment.words import count
from segmentation.figures.profiles import membership_bars
from segmentation.figures.scatter import MAX_POINTS, pca_scatter
from segmentation.methods.result import SegmentationResult
from segmentation.quality.clarity import BORDER_GAP, ranked

dataset = state.dataset()
result = state.shown() or cards.no_result("Customers", "Look up one customer.")
profiles = state.profiles(result)
index = cache.customer_index(dataset.fingerprint, dataset)
# The key holds the data, so that an id of other customers is not looked up among these.
TYPED, SUGGESTED = f"customer-{dataset.fingerprint}", "customer-suggested"


def take_suggestion() -> None:
    """Look up the suggestion that was chosen."""
    st.session_state[TYPED] = st.session_state[SUGGESTED] or st.session_state[TYPED]


def look_up() -> int | None:
    """Return the row of the customer that was asked for, None after explaining why not.

    An address such as ?customer=42 asks too.
    """
    st.session_state.setdefault(TYPED, index.ids[0])
    if "customer" in st.query_params:
        st.session_state[TYPED] = st.query_params["customer"]
        del st.query_params["customer"]
    with finder:
        typed = st.text_input(
            "Customer id",
            key=TYPED,
            type="search",
            persist_state="session",
            placeholder="An id, or how it starts",
            width=360,
        )
    row = index.row(typed) if typed.strip() else 0
    if row is None:
        suggestions = index.suggest(typed)
        found = f"{count(len(suggestions))} that come close" if suggestions else "none comes close"
        with finder:
            st.info(
                f"No customer has the id **{state.plain(typed)}**; {found}.",
                icon=":material/person_search:",
            )
            st.pills(
                "Did you mean",
                suggestions,
                format_func=state.plain,
                key=SUGGESTED,
                on_change=take_suggestion,
            )
    return row


def belonging(run: SegmentationResult, row: int) -> str:
    """Return in words how strongly a customer belongs, and what comes second; empty if crisp."""
    memberships = run.memberships[row]
    names = state.names(run)
    first, *others = ranked(memberships)
    if not others or memberships[first] == 1:
        return ""
    second = f"{state.plain(names[others[0]])} with {memberships[others[0]]:.2f}"
    near = memberships[first] - memberships[others[0]] < BORDER_GAP
    word = "on the border to" if near else "then"
    return f"{certainty.kind(run)} {memberships[first]:.2f}, {word} {second}"


def method_card(run: SegmentationResult, row: int) -> None:
    """Draw the memberships that one method gives the customer."""
    names = state.names(run)
    name = cards.segment(names[run.labels[row]], run.labels[row])
    with cards.card(name, f"{run.title} · {belonging(run, row) or 'in one segment entirely'}"):
        height = 50 + 32 * len(names)
        figure = membership_bars(run.memberships[row], names, theme=cards.theme(), height=height)
        cards.chart(figure, f"bars-{run.method}", f"Memberships by {run.title}")


def position_card(row: int) -> None:
    """Draw the customer among all others."""
    total = len(dataset.customers)
    shown = f" · {count(MAX_POINTS)} of {count(total)} drawn" if total > MAX_POINTS else ""
    note = f"Customers on the first two principal components, by segment{shown}"
    with cards.card("Among the other customers", note):
        projection = cache.project(dataset.fingerprint, dataset)
        figure = pca_scatter(
            projection.coordinates[:, :2],
            result.labels,
            [profile.segment_name for profile in profiles],
            projection.explained[:2],
            customer_ids=result.customer_ids,
            highlight=row,
            opacity=0.65,
            theme=cards.theme(),
            height=480,
        )
        cards.chart(figure, "position", f"Customer {index.ids[row]} among all customers")


def numbers_card(row: int) -> None:
    """Draw the customer's features beside the segment's and everybody's."""
    profile = profiles[result.labels[row]]
    headline = tables.customer_headline(dataset.customers, row, profile, dataset.currency)
    note = f"Beside the means of {state.plain(profile.segment_name)} and of all customers"
    with cards.card(state.plain(headline), note):
        table = tables.customer_table(dataset.customers, row, profile, dataset.currency)
        st.table(table, border="horizontal", hide_index=True, alt="Features of the customer")


def departments_card(row: int) -> None:
    """Draw where the customer spends most, if that is known."""
    profile = profiles[result.labels[row]]
    table = tables.customer_departments(dataset.customers, row, profile, dataset.currency)
    if table.empty:
        return
    top = state.plain(table["Department"].iloc[0])
    with cards.card(f"Spends most in {top}", "Share of revenue, beside the segment's share"):
        st.table(table, border="horizontal", hide_index=True, alt="Departments of the customer")


title = st.container()
finder = st.container()
row = look_up()
with title:
    if row is None:
        cards.heading("Customers", "Look up one customer by id.")
        st.stop()
    label = result.labels[row]
    name = cards.segment(profiles[label].segment_name, label)
    degree = belonging(result, row)
    finding = f"**{state.plain(index.ids[row])}** belongs to **{name}**"
    cards.heading("Customers", f"{finding}: {degree}." if degree else f"{finding}.")
with st.grid(min(len(state.runs()), 3), min_column_width=300):
    for run in state.runs().values():
        method_card(run, row)
left, right = st.columns(2)
with left:
    position_card(row)
with right:
    numbers_card(row)
    departments_card(row)
