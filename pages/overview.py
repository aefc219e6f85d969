from pages.shared import frame

frame.ensure()

import streamlit as st

from pages.shared import cache, cards, certainty, state
from segmentation.enrichment import portfolio, tables
from segmentation.enrichment.profiles import SegmentProfile
from segmentation.enrichment.words import amount, count, how_many, joined, share
from segmentation.figures.profiles import index_heatmap
from segmentation.figures.shares import revenue_treemap, share_dumbbell
from segmentation.quality.clarity import BORDER_GAP, clarity

CLARITY = {
    "Clear": ("check_circle", "green"),
    "Some overlap": ("join", "blue"),
    "Much overlap": ("blur_on", "orange"),
}
MANY_NAMES, MONTHS = 3, 24

dataset = state.dataset()
result = state.shown() or cards.no_result("Overview", "Who the segments are and what they bring.")
profiles = state.profiles(result)
names = [profile.segment_name for profile in profiles]
on_border = cache.border_share(cache.run_key(result), result)
has_revenue = portfolio.has_revenue(profiles)
totals = portfolio.totals(dataset.customers)


def bold(found: list[SegmentProfile]) -> str:
    """Return the names of segments as a list in words."""
    if len(found) > MANY_NAMES:
        first = state.plain(found[0].segment_name)
        return f"**{how_many(len(found), 'segment').capitalize()}**, led by **{first}**,"
    return joined([f"**{state.plain(profile.segment_name)}**" for profile in found])


def finding() -> str:
    """Return who brings the revenue, or what can be said without it."""
    leaders = portfolio.leaders(profiles)
    segments = f"**{how_many(len(profiles), 'segment')}**"
    if leaders:
        customers, revenue = portfolio.customer_share(leaders), portfolio.revenue_share(leaders)
        return (
            f"{bold(leaders)} {'are' if len(leaders) > 1 else 'make up'} {share(customers)} "
            f"of customers and bring **{share(revenue)} of revenue**."
        )
    if has_revenue:
        return f"Revenue is spread over {segments}: no small group of customers brings most of it."
    first = portfolio.by_value(profiles)[0]
    customers = f"{count(totals.customers)} customers in {segments}"
    return f"{customers}; the largest, {bold([first])}, has {share(first.percentage / 100)}."


def metric(label: str, value: str, note: str = "", column: str = "") -> None:
    """Draw a metric, with a line by month only where there are sales by month."""
    if column and dataset.monthly is not None:
        months = portfolio.complete_months(dataset.monthly, dataset.as_of).tail(MONTHS)
        st.metric(
            label,
            value,
            help=f"The line: {column} by month, the last {len(months)} full months.",
            border=True,
            height="stretch",
            chart_data=months[column].tolist(),
            chart_type="area",
            delta_color="primary",
        )
        return
    with st.container(border=True, height="stretch"):
        st.metric(label, value)
        if note:
            st.markdown(f":gray[:small[{note}]]")


def headline_numbers() -> list[tuple[str, str, str, str]]:
    """Return label, value, note and column by month of the numbers of all customers."""
    revenue, orders = totals.revenue, totals.orders
    found = [("Customers", count(totals.customers), "", "customers")]
    if revenue is None:
        found.append(("Segments", str(len(profiles)), "", ""))
    else:
        found.append(("Revenue", amount(revenue, dataset.currency), "", "revenue"))
    if on_border is not None:
        floor = f"Highest of each customer; {1 / result.n_clusters:.2f} says nothing"
        kind, value = certainty.kind(result), f"{result.confidence.mean():.2f}"
        near = f"Two highest values closer than {BORDER_GAP}"
        found.append((f"Average {kind}", value, floor, ""))
        found.append(("Border customers", share(on_border), near, ""))
    elif orders:
        found.append(("Orders", count(orders), "", "orders"))
        if revenue is not None:
            mean = amount(revenue / orders, dataset.currency)
            found.append(("Average order", mean, "Revenue divided by orders", ""))
    return found


def segment_card(profile: SegmentProfile, line: str) -> None:
    """Draw one segment: name, clarity, a line on it, three numbers."""
    with st.container(border=True, height="stretch"):
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            name = cards.segment(profile.segment_name, profile.segment)
            st.markdown(f"**{name}**", width="content")
            if on_border is not None and profile.mean_confidence is not None:
                word = clarity(profile.mean_confidence, result.n_clusters)
                icon, color = CLARITY[word]
                st.badge(word, icon=f":material/{icon}:", color=color)
        st.markdown(f":gray[:small[{state.plain(line)}]]")
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            for value, label in tables.key_facts(profile, dataset.currency):
                text = f"**{state.plain(value)}**  \n:gray[:small[{state.plain(label)}]]"
                st.markdown(text, width="content")


def revenue_cards() -> None:
    """Draw who brings revenue, as areas and against the number of customers."""
    height = max(380, 80 + 30 * len(profiles))
    first = portfolio.by_value(profiles)[0]
    heavy = f"{state.plain(first.segment_name)}: {share(first.revenue_share)} of revenue"
    above = portfolio.above_share(profiles)
    verb = "earn more than their" if len(above) > 1 else "earns more than its"
    left, right = st.columns([3, 2])
    with left, cards.card(heavy, "Area: revenue · colour and sign: segment"):
        revenue = [profile.revenue_share * totals.revenue for profile in profiles]
        texts = [amount(value, dataset.currency) for value in revenue]
        figure = revenue_treemap(names, revenue, texts, theme=cards.theme(), height=height)
        cards.chart(figure, "treemap", "Revenue of every segment as an area")
    title = f"{how_many(max(len(above), 1), 'segment')} {verb} share".capitalize()
    title = title if above else "Every segment earns about its share"
    with right, cards.card(title, "Percent of all customers and of all revenue"):
        sizes = [profile.percentage / 100 for profile in profiles]
        shares = [profile.revenue_share for profile in profiles]
        figure = share_dumbbell(names, sizes, shares, theme=cards.theme(), height=height)
        cards.chart(figure, "dumbbell", "Share of customers against share of revenue, by segment")


def next_steps() -> None:
    """Draw the first strategy of the three most valuable segments."""
    order = "most revenue first" if has_revenue else "largest segment first"
    with (
        cards.card("What to do next", f"First strategy of a segment, {order}", height="content"),
        st.grid(min(len(profiles), 3), min_column_width=260, gap="medium"),
    ):
        for profile in portfolio.by_value(profiles)[:3]:
            step = profile.interaction_strategies[0]
            with st.container(height="stretch", gap="xsmall"):
                st.markdown(f":small[{cards.segment(profile.segment_name, profile.segment)}]")
                st.markdown(f"**{state.plain(step.action)}**")
                channel = step.channel[:1].upper() + step.channel[1:]
                channel = f":material/campaign: {state.plain(channel)}"
                st.markdown(f":gray[:small[{channel}  \n{state.plain(step.why)}]]")
                st.page_link(
                    "pages/segments.py",
                    label="All strategies",
                    icon=":material/arrow_forward:",
                    icon_position="right",
                    query_params={"segment": str(profile.segment)},
                )


cards.heading("Overview", finding())
numbers = headline_numbers()
with st.grid(len(numbers), min_column_width=160):
    for number in numbers:
        metric(*number)
st.subheader("Segments", anchor=False)
with st.grid(2 if len(profiles) in (2, 4) else 3, min_column_width=280):
    for profile, line in zip(profiles, tables.one_liners(profiles), strict=True):
        segment_card(profile, line)
if has_revenue:
    revenue_cards()
else:
    with cards.card("What sets the segments apart", "Mean of the segment, average customer = 100"):
        index, height = tables.index_table(profiles), 90 + 36 * len(profiles)
        figure = index_heatmap(index, names, theme=cards.theme(), height=height)
        cards.chart(figure, "index", "Index of every segment and feature")
next_steps()
