from pages.shared import frame

frame.ensure()

from collections.abc import Callable
from datetime import date
from functools import partial

import streamlit as st

from pages.shared import cache, cards, columns, sources, state
from segmentation.data.departments import OTHER
from segmentation.data.schema import Column, Role, columns_with, describe, words
from segmentation.enrichment.words import amount, count, share
from segmentation.figures.data import correlation, distribution, monthly_line, sales_bars
from segmentation.quality import description

TRANSFORMS = {"log1p": "log(1 + x)", "identity": "as given", "": ""}
PREVIEW = 200
WEAK = 0.2

dataset = state.dataset()
customers = dataset.customers
about = cache.description(dataset.fingerprint, dataset)
money = partial(amount, currency=dataset.currency)


def day(text: str) -> str:
    """Return "1 Jan 2025"."""
    when = date.fromisoformat(text)
    return f"{when.day} {when:%b %Y}"


def choice(label: str, options: list[str], key: str, name: Callable[[str], str]) -> None:
    """Draw the choice among things of this dataset; `chosen` says which."""
    st.selectbox(label, options, format_func=name, key=key, persist_state="session")


def chosen(key: str, options: list[str]) -> str:
    """Return the choice, the first option if it is not one of this dataset."""
    if st.session_state.get(key) not in options:
        st.session_state[key] = options[0]
    return st.session_state[key]


def finding() -> str:
    """Return the sentence that says what is loaded."""
    text = f"**{count(len(customers))} customers**"
    if about.revenue is not None:
        text += f" with **{state.plain(money(about.revenue))}** revenue"
    if dataset.as_of:
        text += f" up to {day(dataset.as_of)}"
    return f"{text}: {state.plain(dataset.name)}."


def metrics() -> None:
    """Draw the totals that the table tells."""
    shown = {
        "Customers": count(len(customers)),
        "Revenue": None if about.revenue is None else money(about.revenue),
        "Orders": None if about.orders is None else count(about.orders),
        "Average order": None if about.average_order is None else money(about.average_order),
        "Ordered once": None if about.one_order is None else share(about.one_order),
        "Columns": None if about.orders is not None else count(customers.shape[1]),
    }
    with st.grid(5, min_column_width=150):
        for label, value in shown.items():
            if value is not None:
                st.metric(label, value, border=True)


def feature_cell(column: Column) -> str:
    """Return label and unit of a feature."""
    label, unit = column.label, columns.unit(column, dataset.currency)
    has_unit = unit and unit != label.lower()
    return state.plain(label) + (f" :gray[:small[{state.plain(unit)}]]" if has_unit else "")


def feature_table() -> None:
    """Draw what enters the distance, and why the rest does not."""
    used, every = len(about.used), len(about.columns)
    takeaway = f"{used} of {every} features enter the distance"
    if every > used:
        takeaway += f"; {every - used} {'is' if every - used == 1 else 'are'} left out"
    with cards.card(
        takeaway if every else "No feature can enter the distance",
        "What methods compare customers by, with its unit; how it is transformed, and why",
    ):
        if about.problem:
            st.error(state.plain(about.problem), icon=":material/error:")
            return
        rows = [
            {
                "Feature": feature_cell(describe(column.name)),
                "Distance": ":green-badge[used]" if column.used else ":gray-badge[left out]",
                "Transform": TRANSFORMS.get(column.transform, column.transform),
                "Why": state.plain(column.reason),
            }
            for column in about.columns
        ]
        st.table(
            rows,
            border="horizontal",
            height=420 if every > 12 else "content",
            alt="Features, and whether they enter the distance",
        )


def feature_card() -> None:
    """Draw the distribution of a feature before and after its transform."""
    name = chosen("feature", about.used)
    column, values = describe(name), cache.feature(dataset.fingerprint, name, dataset)
    label, before = state.plain(column.label), f"{values.skewness_before:.1f}"
    takeaway = f"{label} enters as given, with skewness {before}"
    if any(c.name == name and c.transform == "log1p" for c in about.columns):
        after = f"{values.skewness_after:.1f}"
        takeaway = f"{label}: the logarithm takes skewness from {before} to {after}"
    with cards.card(takeaway, "Number of customers by value · as used means standardized"):
        choice("Feature", about.used, "feature", lambda key: describe(key).label)
        unit = columns.unit(column, dataset.currency)
        title = column.label if unit in ("", column.label.lower()) else f"{column.label}, {unit}"
        figure = distribution(values.before, values.after, title, theme=cards.theme(), height=320)
        cards.chart(figure, f"distribution-{name}", f"{column.label} as given and as used")


def correlation_card() -> None:
    """Draw how features move together."""
    pair = description.strongest_pair(about.correlation)
    takeaway = "No two features vary together"
    if pair is not None and abs(pair[2]) >= WEAK:
        verb = "rise together" if pair[2] > 0 else "oppose each other"
        first, second = (state.plain(name) for name in pair[:2])
        takeaway = f"{first} and {second.lower()} {verb} most ({pair[2]:+.2f})"
    with cards.card(takeaway, "Rank correlation · -1 opposite, 0 unrelated, 1 the same order"):
        if pair is None:
            st.markdown("There are no two features that vary.")
            return
        figure = correlation(about.correlation, theme=cards.theme(), height=400)
        cards.chart(figure, "correlation", "Rank correlation of every pair of features")


def month_card() -> None:
    """Draw revenue by month."""
    month, best = description.best_month(dataset.monthly)
    with cards.card(
        f"Revenue peaks in {month:%B %Y} at {state.plain(money(best))}",
        f"Revenue by month{state.plain(f', {dataset.currency}') if dataset.currency else ''}",
    ):
        figure = monthly_line(dataset.monthly, "revenue", money, theme=cards.theme())
        cards.chart(figure, "monthly", "Revenue by month")


def sales_cards() -> None:
    """Draw sales by department, and by class of a chosen one."""
    departments = {words(name): total for name, total in about.departments.items()}
    name = chosen("department", list(about.departments))
    classes, label = description.class_sales(customers, name), state.plain(words(name))
    tall = max(len(departments), len(classes)) > 8
    with st.grid(2, min_column_width=320):
        with cards.card(top(departments, "revenue"), "Revenue by department, largest first"):
            bars(departments, "departments", 540 if tall else 320)
        with cards.card(top(classes, label), f"Revenue by class of {label}, largest first"):
            choice("Department", list(about.departments), "department", words)
            if classes:
                bars(classes, f"classes-{name}", 460 if tall else 240)
            else:
                st.markdown("The data does not divide this department into classes.")


def top(totals: dict[str, float], whole: str) -> str:
    """Return a sentence on the largest part."""
    total, named = sum(totals.values()), {k: v for k, v in totals.items() if k != words(OTHER)}
    if total <= 0 or not named:
        return f"{whole[0].upper()}{whole[1:]} by part"
    best = max(named, key=named.get)
    return f"{share(totals[best] / total)} of {whole} comes from {state.plain(best)}"


def bars(totals: dict[str, float], key: str, height: int) -> None:
    """Draw revenue as bars."""
    figure = sales_bars(
        list(totals), list(totals.values()), money, theme=cards.theme(), height=height
    )
    cards.chart(figure, f"sales-{key}", "Revenue, largest first")


def preview() -> None:
    """Draw the first rows of the table."""
    personal = columns_with(customers.columns, Role.PERSONAL)
    rows = min(PREVIEW, len(customers))
    with cards.card(
        f"{count(len(customers))} rows, {customers.shape[1]} columns",
        f"The first {rows} rows" + (" · personal columns are hidden" if personal else ""),
    ):
        if personal and st.toggle("Show personal columns", key="personal"):
            personal = []
        table = customers.head(PREVIEW).drop(columns=personal)
        st.dataframe(
            table,
            hide_index=True,
            height=420,
            column_config=columns.config(table.columns, dataset.currency),
            alt=f"The first {rows} customers",
        )


cards.heading("Data", finding())
if not state.runs():
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown("**These customers have no segments yet.** Go to Segment and choose Run all.")
        st.page_link("pages/segment.py", label="Go to Segment", icon=":material/arrow_forward:")
sources.choose()
metrics()
if dataset.notes:
    with st.expander("How the data was read", expanded=True, icon=":material/info:"):
        st.markdown("\n".join(f"- {state.plain(note)}" for note in dataset.notes))
feature_table()
with st.grid(2, min_column_width=320):
    if about.used:
        feature_card()
    correlation_card()
if dataset.monthly is not None and len(dataset.monthly):
    month_card()
if about.departments:
    sales_cards()
preview()
