from pages.shared import frame

frame.ensure()

import streamlit as st

from pages.shared import cache, cards, certainty, state
from segmentation.enrichment.words import amount, count, how_many, share
from segmentation.figures import compare as figures
from segmentation.figures.scatter import pca_scatter
from segmentation.methods.result import SegmentationResult
from segmentation.quality.agreement import Comparison, compare
from segmentation.quality.listing import placed_differently
from segmentation.quality.metrics import COMMON, METRICS, SECONDS, SHARED, marked

SILHOUETTE = "silhouette_score"
CLOSE_AGREEMENT, SOME_AGREEMENT = 0.65, 0.3
SAME_SILHOUETTE = 0.01

dataset = state.dataset()
runs = state.runs()


def metrics_takeaway(silhouettes: dict[str, float]) -> str:
    """Return which method separates best, if one does."""
    ranked = sorted((v for v in silhouettes.values() if v == v), reverse=True)
    if len(ranked) < 2:
        return "What the methods measure"
    if ranked[0] - ranked[-1] < SAME_SILHOUETTE:
        return "All methods separate customers about equally well"
    if ranked[0] - ranked[1] < SAME_SILHOUETTE:
        worst = min((m for m, v in silhouettes.items() if v == v), key=silhouettes.get)
        return f"{runs[worst].title} separates customers least"
    return f"{runs[max(silhouettes, key=silhouettes.get)].title} separates customers best"


def baseline(silhouettes: dict[str, float]) -> str:
    """Return what k-means, the baseline, says about the others."""
    own = silhouettes.get("kmeans")
    if own is None:
        return "K-means is the baseline that the others must beat; it has not run yet."
    others = [v for method, v in silhouettes.items() if method != "kmeans" and v == v]
    better = sum(value > own for value in others)
    return (
        f"K-means is the baseline that the others must beat: {better} of {len(others)} have a "
        "higher silhouette. What soft methods add is how strongly customers belong."
    )


def metrics_card() -> None:
    """Draw the metrics that all methods share, and those of each."""
    silhouettes = {
        method: run.metrics.get(SILHOUETTE, float("nan")) for method, run in runs.items()
    }
    ordered = sorted(
        runs.values(),
        key=lambda run: (
            silhouettes[run.method] == silhouettes[run.method],
            silhouettes[run.method],
        ),
        reverse=True,
    )
    column = st.column_config
    table = {
        "Method": [run.title for run in ordered],
        "Silhouette ↑": [silhouettes[run.method] for run in ordered],
    }
    for name in SHARED[1:]:
        values = [run.metrics.get(name, float("nan")) for run in ordered]
        table[METRICS[name].label_with_direction] = marked(METRICS[name], values)
    table[SECONDS.label_with_direction] = marked(SECONDS, [run.seconds for run in ordered])
    sizes = {run.n_clusters for run in ordered}
    if len(sizes) > 1:
        table["Segments"] = [str(run.n_clusters) for run in ordered]
    each = " · not equally many segments" if len(sizes) > 1 else f" · {sizes.pop()} segments each"
    note = f"Same scaled features{each} · ↑ higher, ↓ lower is better · ✓ best of its column"
    with cards.card(metrics_takeaway(silhouettes), note):
        st.dataframe(
            table,
            hide_index=True,
            placeholder="–",
            alt="Metrics of every method, best silhouette first",
            column_config={name: column.TextColumn(alignment="right") for name in table}
            | {
                "Calinski-Harabasz ↑": column.TextColumn("Calinski-H. ↑", alignment="right"),
                "Davies-Bouldin ↓": column.TextColumn("Davies-B. ↓", alignment="right"),
                "Method": column.TextColumn(pinned=True),
                "Silhouette ↑": column.ProgressColumn(
                    format="%.2f", min_value=0, max_value=1, help=METRICS[SILHOUETTE].help
                ),
            },
        )
        st.markdown(f":gray[:small[{baseline(silhouettes)}]]")
        shared = (*COMMON, SECONDS)
        own = [n for n in METRICS if n not in shared and any(n in r.metrics for r in ordered)]
        with st.expander("Metrics of each method alone"):
            st.table(
                {"Metric": [METRICS[name].label_with_direction for name in own]}
                | {
                    run.title: [METRICS[n].text(run.metrics.get(n, float("nan"))) for n in own]
                    for run in ordered
                },
                border="horizontal",
                hide_index=True,
                alt="Metrics that not all methods have",
            )


def agreement_card() -> None:
    """Draw the agreement of every pair."""
    values = cache.agreement_matrix(tuple(map(cache.run_key, runs.values())), list(runs.values()))
    titles = [run.title for run in runs.values()]
    lowest, first, second = min(
        (values[i][j], titles[j], titles[i]) for i in range(len(titles)) for j in range(i)
    )
    pair = "The two methods agree" if len(titles) == 2 else "Every pair agrees"
    if lowest >= CLOSE_AGREEMENT:
        takeaway = f"{pair} closely"
    elif lowest >= SOME_AGREEMENT:
        takeaway = f"{pair} above chance"
    else:
        takeaway = f"{first} and {second} agree little"
    with cards.card(takeaway, "Adjusted Rand index: 0 chance, 1 identical"):
        figure = figures.agreement_matrix(
            titles, values, theme=cards.theme(), height=110 + 65 * (len(runs) - 1)
        )
        cards.chart(figure, "agreement", "Adjusted Rand index of every pair of methods")


def choose() -> tuple[SegmentationResult, SegmentationResult]:
    """Draw the selectors and return the two chosen results."""
    left, right = st.columns(2)
    title = {method: run.title for method, run in runs.items()}
    with left:
        rows = st.selectbox(
            "Rows", list(runs), format_func=title.get, key="compare_rows", persist_state="session"
        )
    others = [method for method in runs if method != rows]
    with right:
        columns = st.selectbox(
            "Columns", others, format_func=title.get, key="compare_columns", persist_state="session"
        )
    return runs[rows], runs[columns]


def contingency_card() -> tuple[SegmentationResult, SegmentationResult, Comparison]:
    """Draw which segments the customers of each segment are in by the other method."""
    with st.container(border=True, height="stretch"):
        top = st.container()
        first, second = choose()
        found = compare(first.labels, second.labels)
        rows, columns = state.names(first)[: len(found.counts)], state.names(second)
        kept = found.kept.tolist()
        # Where there are more rows than columns, some rows have no partner to agree with.
        partnered = [i for i in range(len(rows)) if i in found.numbers]
        worst = min(partnered, key=kept.__getitem__)
        takeaway = (
            f"Least alike: {state.plain(rows[worst])}, {share(kept[worst])}"
            if share(kept[worst]) != share(max(kept))
            else f"Every segment agrees alike, {share(kept[worst])}"
        )
        note = "Percent of each row · columns ordered to face rows"
        top.markdown(f"**{takeaway}**  \n:gray[:small[{note}]]")
        figure = figures.contingency(
            rows,
            [columns[i] for i in found.order],
            found.percent,
            column_numbers=found.numbers.tolist(),
            theme=cards.theme(),
            height=height(first, second),
        )
        cards.chart(figure, "contingency", f"Segments of {first.title} by {second.title}, percent")
    return first, second, found


def height(first: SegmentationResult, second: SegmentationResult) -> int:
    """Return the height of figures with a line a segment."""
    return max(340, 110 + 34 * max(first.n_clusters, second.n_clusters))


def flow_card() -> None:
    """Draw the streams of customers between segments."""
    takeaway, columns = "No customer changes segment", state.names(second)
    if len(rows) != len(found.order):
        takeaway = f"{len(rows)} segments become {len(found.order)}"
    elif found.largest_move:
        row, column, moved = found.largest_move
        name = state.plain(columns[found.order[column]])
        takeaway = f"Largest change: {count(moved)} from {state.plain(rows[row])} to {name}"
    smallest = figures.flow_minimum(found.counts)
    hidden = f" · streams below {count(smallest)} customers are hidden" if smallest > 1 else ""
    with cards.card(takeaway, f"Customers from segment to segment{hidden}"):
        figure = figures.flow(
            rows,
            [columns[i] for i in found.order],
            found.counts,
            first.title,
            second.title,
            right_numbers=found.numbers.tolist(),
            theme=cards.theme(),
            height=height(first, second) + 92,
        )
        cards.chart(figure, "flow", f"Flow of customers from {first.title} to {second.title}")


def scatter_card() -> None:
    """Draw both results on the same plane."""
    moved = int(found.moved.sum())
    takeaway = (
        f"{count(moved)} of {count(len(found.moved))} customers get another colour"
        if moved
        else "Both pictures are the same"
    )
    projection = cache.project(dataset.fingerprint, dataset)
    note = "First two principal components · same axes, colours aligned to the left method"
    with cards.card(takeaway, note):
        pictures = ((first, first.labels, rows), (second, found.aligned, aligned_names))
        for place, (run, labels, names) in zip(st.columns(2), pictures, strict=True):
            with place:
                st.markdown(f":small[**{run.title}**]")
                figure = pca_scatter(
                    projection.coordinates[:, :2],
                    labels,
                    names,
                    projection.explained[:2],
                    customer_ids=run.customer_ids,
                    showlegend=False,
                    theme=cards.theme(),
                    height=340,
                )
                cards.chart(figure, f"plane-{run.method}", f"Customers by {run.title}")


def table_card() -> None:
    """Draw the customers whom the two methods place differently."""
    listing = placed_differently(
        dataset.customers,
        first.labels,
        found.aligned,
        certainty.glyph_names(rows),
        certainty.glyph_names(aligned_names),
    )
    worth = state.plain(amount(listing.revenue, dataset.currency))
    revenue = f", with {worth} of revenue" if listing.revenue == listing.revenue else ""
    takeaway = f"{how_many(listing.total, 'customer').capitalize()} placed differently{revenue}"
    order = "Highest revenue first" if revenue else "In the order of the table"
    with cards.card(takeaway, f"{order} · {certainty.shown_of(listing)}"):
        certainty.customer_table(
            listing,
            first.title,
            second.title,
            f"Customers that {first.title} and {second.title} place differently",
            none="Both methods place every customer alike.",
        )


if len(runs) < 2:
    cards.heading("Compare", "Do the methods agree, and which separates best?")
    text = "Run at least two methods on these customers to see where they agree."
    cards.empty("compare_arrows", "Two results are needed", text, "segment", "Go to Segment")
    st.stop()
title = st.container()
left, right = st.columns([2, 1])
with left:
    metrics_card()
with right:
    agreement_card()
left, right = st.columns([2, 3])
with left:
    first, second, found = contingency_card()
rows = state.names(first)[: len(found.counts)]
aligned_names = found.aligned_names(state.names(second))
with right:
    flow_card()
unequal = (
    f". They form {len(rows)} and {len(found.order)} segments, so customers of segments without "
    "a counterpart count as placed differently."
)
with title:
    cards.heading(
        "Compare",
        f"{first.title} and {second.title} place **{share(found.share_alike)} of customers "
        "alike**" + ("." if len(rows) == len(found.order) else unequal),
    )
scatter_card()
table_card()
