from pages.shared import frame

frame.ensure()

import streamlit as st

from pages.shared import cache, cards, certainty, state
from segmentation.data.schema import describe
from segmentation.enrichment import tables
from segmentation.enrichment.profiles import SegmentProfile, Strategy
from segmentation.enrichment.strategies import fact
from segmentation.enrichment.words import LABEL_LENGTH, clean, count, how_many, label
from segmentation.figures import profiles as figures

PICKED, NAME = "segment", "segment-name"
FEW = 6

dataset = state.dataset()
result = state.shown() or cards.no_result("Segments", "Names, profiles, tastes and strategies.")
profiles = state.profiles(result)
names = [profile.segment_name for profile in profiles]
proposed = [p.segment_name for p in cache.profiles(cache.run_key(result), dataset, result)]
theme = cards.theme()


def pick() -> SegmentProfile:
    """Let the user choose a segment; an address such as ?segment=2 chooses one too."""
    asked = st.query_params.get(PICKED, "")
    if asked:
        del st.query_params[PICKED]
    segments = list(range(len(profiles)))
    if asked.isdecimal():
        st.session_state[PICKED] = int(asked)
    if st.session_state.get(PICKED) not in segments:
        st.session_state[PICKED] = 0
    if len(profiles) <= FEW:
        st.segmented_control(
            "Segment",
            segments,
            format_func=lambda i: cards.segment(names[i], i),
            required=True,
            label_visibility="collapsed",
            key=PICKED,
            persist_state="session",
        )
    else:
        st.selectbox(
            "Segment",
            segments,
            format_func=certainty.glyph_names(names).__getitem__,
            key=PICKED,
            persist_state="session",
        )
    return profiles[st.session_state[PICKED]]


def rename(segment: int) -> None:
    """Take the name that was typed, unless another segment has it or may go back to it."""
    text = " ".join(clean(st.session_state[NAME]).split())
    if text in {*names, *proposed} - {names[segment], proposed[segment]}:
        st.toast(f"Another segment is called {state.plain(text)}.", icon=":material/error:")
    else:
        state.rename(result, segment, None if text == proposed[segment] else text)


def header(profile: SegmentProfile) -> None:
    """Draw name, description and size of the segment."""
    segment = profile.segment
    st.session_state[NAME] = profile.segment_name
    with st.container(border=True):
        left, right = st.columns([3, 2], gap="medium")
        with left:
            st.subheader(cards.segment(profile.segment_name, segment), anchor=False)
            st.markdown(state.plain(profile.description))
        with right:
            st.text_input(
                "Name",
                max_chars=LABEL_LENGTH,
                key=NAME,
                on_change=rename,
                args=(segment,),
                help="Used on every page and in exports.",
            )
            if profile.segment_name != proposed[segment]:
                st.button(
                    "Use proposed name",
                    icon=":material/undo:",
                    help=state.plain(proposed[segment]),
                    on_click=state.rename,
                    args=(result, segment, None),
                )
    facts = tables.key_facts(profile, dataset.currency)
    if cache.border_share(cache.run_key(result), result) is not None and profile.size:
        facts.append((f"{profile.mean_confidence:.2f}", f"average {certainty.kind(result)}"))
    with st.grid(len(facts), min_column_width=160):
        for value, text in facts:
            st.metric(state.plain(text[:1].upper() + text[1:]), state.plain(value), border=True)


def strategy_card(strategy: Strategy) -> None:
    """Draw one thing to do."""
    with st.container(border=True, height="stretch", gap="xsmall"):
        color = "blue" if strategy.priority == 1 else "gray"
        st.markdown(f":{color}-badge[{strategy.priority}] **{state.plain(strategy.action)}**")
        for icon, text in (
            ("campaign", strategy.channel[:1].upper() + strategy.channel[1:]),
            ("lightbulb", strategy.why),
            ("block", strategy.do_not),
        ):
            st.markdown(f":gray[:small[:material/{icon}: {state.plain(text)}]]")


def index_card(profile: SegmentProfile) -> None:
    """Draw how the segment differs from the average customer."""
    most = tables.strongest(profile)
    takeaway = "Like the average customer"
    if most:
        takeaway = f"Stands out: {fact(most, dataset.currency)}"
    note = "Mean of the segment, average customer = 100 · largest difference first"
    with cards.card(state.plain(takeaway), note):
        index = tables.index_table(profiles)
        height = 70 + 36 * min(index.shape[1], 12)
        figure = figures.index_bars(index, profile.segment, theme=theme, height=height)
        cards.chart(figure, "bars", f"Index of {profile.segment_name} by feature")
        with st.expander("Numbers behind the chart", icon=":material/table:"):
            table = tables.feature_table(profile, dataset.currency)
            st.table(table, border="horizontal", hide_index=True, alt="Features of the segment")


def center_card(profile: SegmentProfile) -> None:
    """Draw the centre in original units, and which columns it leaves out."""
    takeaway = f"Placed by {how_many(len(result.features), 'feature')}"
    note = "Centre the method found, beside mean and median of the segment's customers"
    with cards.card(takeaway, note):
        table = tables.center_table(profile, dataset.currency)
        st.table(table, border="horizontal", hide_index=True, alt="Centre of the segment")
        left_out = [column for column in result.columns if not column.used]
        if left_out:
            title = f"{how_many(len(left_out), 'column')} left out of the distance".capitalize()
            with st.expander(title, icon=":material/filter_alt_off:"):
                for column in left_out:
                    text = f"{label(describe(column.name).label)} {column.reason}"
                    st.markdown(f"- {state.plain(text)}")


def all_segments_card() -> None:
    """Draw every feature of every segment."""
    index = tables.index_table(profiles)
    widest = tables.widest(index)
    takeaway = "The segments are alike"
    if widest:
        feature, low, high = widest
        takeaway = f"{state.plain(feature)} differs most: index {count(low)} to {count(high)}"
    with cards.card(takeaway, "All segments · mean of the segment, average customer = 100"):
        height = 90 + 36 * len(profiles)
        figure = figures.index_heatmap(index, names, theme=theme, height=height)
        cards.chart(figure, "heatmap", "Index of every segment and feature")


def taste_cards(profile: SegmentProfile) -> None:
    """Draw where all segments spend, and the departments of the chosen one."""
    index = tables.department_table(profiles)
    if index.empty:
        return
    st.subheader("Tastes", anchor=False)
    left, right = st.columns([3, 2])
    takeaway, peak = "The segments spend alike", tables.peak(index)
    if peak:
        segment, department, value = peak
        where = f"{state.plain(department)} among {state.plain(names[segment])}"
        takeaway = f"Strongest taste: {where}, index {count(value)}"
    note = "Share of spending, average customer = 100 · largest department first"
    with left, cards.card(takeaway, note):
        height = 90 + 40 * len(profiles)
        figure = figures.department_heatmap(index, names, kind="index", theme=theme, height=height)
        cards.chart(figure, "departments", "Index of every segment and department")
    name = cards.segment(profile.segment_name, profile.segment)
    with right, cards.card(name, "Largest departments and their top classes"):
        table = tables.taste_table(profile)
        if table.empty:
            st.markdown("No revenue in any department.")
        else:
            st.table(table, border="horizontal", hide_index=True, alt="Departments of the segment")


cards.heading(
    "Segments",
    f"**{how_many(len(profiles), 'segment').capitalize()}** found by {result.title} among "
    f"{count(len(dataset.customers))} customers.",
)
chosen = pick()
header(chosen)
if chosen.size:
    st.subheader("What to do", anchor=False)
    with st.grid(3 if len(chosen.interaction_strategies) == 3 else 2, min_column_width=280):
        for strategy in chosen.interaction_strategies:
            strategy_card(strategy)
    st.subheader("Profile", anchor=False)
    left, right = st.columns([3, 2])
    with left:
        index_card(chosen)
    with right:
        center_card(chosen)
all_segments_card()
taste_cards(chosen)
