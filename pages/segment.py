from pages.shared import frame

frame.ensure()

import streamlit as st

from pages.shared import cache, cards, forms, jobs, state
from segmentation.enrichment.words import joined
from segmentation.figures.data import loss_curves
from segmentation.figures.scatter import pca_scatter
from segmentation.methods.parameters import MethodSpec, Value
from segmentation.methods.registry import METHODS
from segmentation.methods.result import SegmentationResult
from segmentation.quality.metrics import METRICS, key_metrics

dataset = state.dataset()


def start(spec: MethodSpec, parameters: dict[str, Value], *, show: bool = True) -> None:
    """Queue a fit of one method; its result is shown on all pages unless it is one of many."""
    request = {"task": "fit", "method": spec.key, "parameters": parameters, "show": show}
    jobs.start(spec.key, spec.title, request, dataset)


def outcome(result: SegmentationResult) -> None:
    """Draw key metrics, sizes and the scatter of a result."""
    names = state.names(result)
    facts, picture = st.columns([2, 3], vertical_alignment="center")
    with facts:
        st.table(
            {
                METRICS[name].label_with_direction: METRICS[name].text(value)
                for name, value in key_metrics(result.metrics).items()
            },
            border="horizontal",
            alt=f"Key metrics of {result.title}",
        )
        rows = zip(names, result.sizes, strict=True)
        lines = [
            f":small[{cards.segment(n, i)} :gray[{size:,}]]" for i, (n, size) in enumerate(rows)
        ]
        st.markdown("  \n".join(lines))
    with picture:
        projection = cache.project(dataset.fingerprint, dataset)
        figure = pca_scatter(
            projection.coordinates[:, :2],
            result.labels,
            names,
            projection.explained[:2],
            customer_ids=result.customer_ids,
            theme=cards.theme(),
            height=280,
        ).update_layout(showlegend=False)
        alt = f"Customers on the first two principal components, by segment of {result.title}"
        cards.chart(figure, f"scatter-{result.method}", alt)
    if "outlier" in result.scores:
        n_outliers = int(result.scores["outlier"].sum())
        st.markdown(f":gray[:small[{n_outliers:,} outliers: customers unlike all others]]")
    if result.history:
        with st.expander("How the training went", icon=":material/show_chart:"):
            figure = loss_curves(result.history, theme=cards.theme())
            cards.chart(figure, f"loss-{result.method}", "Loss by epoch, lower is better")
    for warning in result.warnings:
        st.warning(warning, icon=":material/info:")


@st.fragment(run_every=0.5)
def running(key: str) -> None:
    """Follow a job; the frame takes in its result."""
    job = jobs.get(key)
    if job is None or job.finished:
        st.rerun()
    st.progress(job.fraction, text=job.status_text)
    if st.button("Cancel", icon=":material/close:", key=f"cancel-{key}", width="stretch"):
        jobs.cancel(key)
        st.rerun()


def method_card(spec: MethodSpec) -> None:
    """Draw one method: what it is, its form, what runs, what came out."""
    result = state.runs().get(spec.key)
    job = jobs.get(spec.key)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.markdown(f"**:material/{spec.icon}: {spec.title}**  \n:gray[:small[{spec.summary}]]")
        if result is None:
            st.badge("Not run", icon=":material/radio_button_unchecked:", color="gray")
        else:
            st.badge(f"{result.seconds:.1f} s", icon=":material/check_circle:", color="green")
    values = forms.method_form(spec, result.parameters if result else {}, ran=result is not None)
    if values is not None:
        start(spec, values)
        st.rerun()
    if job is not None and job.status == "failed":
        st.error(state.plain(job.message), icon=":material/error:")
    if job is not None and not job.finished:
        running(spec.key)
    elif result is not None:
        outcome(result)
    else:
        st.space("small")
        st.markdown("**No result yet**", text_alignment="center")
        st.markdown(":gray[Set the parameters and run.]", text_alignment="center")


found = state.runs()
counts = " or ".join(str(n) for n in sorted({result.n_clusters for result in found.values()}))
start_text = f"{len(METHODS)} methods side by side on the same {len(dataset.customers):,} customers"
done = joined([result.title for result in found.values()])
cards.heading(
    "Segment", f"{start_text}; **{counts} segments** by {done}." if found else f"{start_text}."
)
if st.button("Run all", icon=":material/playlist_play:", type="secondary" if found else "primary"):
    for method in METHODS.values():
        earlier = found.get(method.spec.key)
        start(method.spec, earlier.parameters if earlier else method.spec.proposals, show=False)
    st.rerun()
with st.grid(2, min_column_width=340):
    for method in METHODS.values():
        with st.container(border=True, height="stretch"):
            method_card(method.spec)
