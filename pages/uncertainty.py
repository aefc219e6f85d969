from pages.shared import frame

frame.ensure()

import pandas as pd
import streamlit as st

from pages.shared import cache, cards, certainty, jobs, state
from segmentation.enrichment.words import amount, count, share
from segmentation.figures.uncertainty import bic_curves, component_ellipses
from segmentation.methods.gmm import (
    HIGH_CONFIDENCE,
    LOW_CONFIDENCE,
    MAX_BIC_CUSTOMERS,
    uncertainty_metrics,
)
from segmentation.methods.parameters import Value
from segmentation.quality.listing import least_certain, most_mixed
from segmentation.quality.metrics import METRICS
from segmentation.quality.mixture_choice import CRITERIA, parsimonious, verdict
from segmentation.quality.projection import segment_shapes
from segmentation.worker import read_table

SLOT, TABLE = "bic", "bic_table"
HEIGHT = 340

dataset = state.dataset()
result = state.runs().get("gmm")


def metrics_row() -> None:
    """Draw how sure the mixture is, in four numbers."""
    values = (
        ("Certain ↑", share(sure), f"Customers with a probability above {HIGH_CONFIDENCE:.2f}"),
        ("Uncertain ↓", share(unsure), f"Customers with a probability below {LOW_CONFIDENCE:.2f}"),
        (
            "Mean probability ↑",
            f"{metrics['mean_confidence']:.2f}",
            f"Highest of each customer: 1 is certain, {1 / result.n_clusters:.2f} says nothing",
        ),
        (
            "Normalized entropy ↓",
            f"{metrics['normalized_entropy']:.2f}",
            "Doubt over all segments: 0 is certain, 1 is undecided",
        ),
    )
    with st.grid(4, min_column_width=160):
        for label, value, note in values:
            with st.container(border=True, height="stretch"):
                st.metric(label, value)
                st.markdown(f":gray[:small[{note}]]")


def bic_settings() -> dict[str, Value]:
    """Return the parameters of the run that the curves share."""
    return {name: result.parameters[name] for name in ("max_iter", "reg_covar", "seed")}


def bic_table() -> pd.DataFrame | None:
    """Return the curves of these customers, if they have been computed."""
    job = jobs.get(SLOT)
    if job is not None and job.dataset.fingerprint != dataset.fingerprint:
        jobs.cancel(SLOT)
    elif job is not None and job.status == "done":
        table = read_table(job.out)
        st.session_state[TABLE] = (dataset.fingerprint, job.request["parameters"], table)
        jobs.cancel(SLOT)
    found = st.session_state.get(TABLE)
    same = found is not None and found[:2] == (dataset.fingerprint, bic_settings())
    return found[2] if same else None


@st.fragment(run_every=0.5)
def bic_progress() -> None:
    """Follow the running computation."""
    job = jobs.get(SLOT)
    if job is None or job.finished:
        st.rerun()
    st.progress(job.fraction, text=job.status_text)
    if st.button("Cancel", icon=":material/close:", key="cancel-bic", width="stretch"):
        jobs.cancel(SLOT)
        st.rerun()


def bic_offer() -> None:
    """Draw the button that computes the curves, and what became of it."""
    title = "Which number and shape of components fit best?"
    sampled = len(dataset.customers) > MAX_BIC_CUSTOMERS
    note = (
        "Mixtures of 1 to 12 components in four shapes are fitted and compared"
        + (f", on {count(MAX_BIC_CUSTOMERS)} customers drawn at random" if sampled else "")
        + " · takes seconds"
    )
    with cards.card(title, note), st.container(horizontal_alignment="center"):
        job = jobs.get(SLOT)
        st.space("large")
        if job is not None and job.status == "failed":
            st.error(job.message, icon=":material/error:")
        if job is not None and not job.finished:
            bic_progress()
            return
        st.markdown(
            "**Not computed yet**  \n:gray[:small[Where more "
            "components stop improving the fit, the data support no more segments.]]",
            text_alignment="center",
        )
        if st.button("Compute the BIC curves", icon=":material/show_chart:", key="start-bic"):
            request = {"task": "bic", "parameters": bic_settings()}
            jobs.start(SLOT, "BIC curves", request, dataset)
            st.rerun()


def bic_card(table: pd.DataFrame) -> None:
    """Draw the curves of the chosen criterion."""
    chosen = st.session_state.get("criterion") or CRITERIA[0]
    own = f"{result.parameters['covariance_type']} with {result.n_clusters}"
    note = (
        f"Lower is better · differences below 10 mean little · ◇ smallest number within 2% of "
        f"the best · this run: {own}"
    )
    with cards.card(verdict(table, chosen), note):
        st.segmented_control(
            "Criterion",
            CRITERIA,
            default=CRITERIA[0],
            format_func=lambda name: METRICS[name].label,
            help="  \n".join(f"{METRICS[name].label}: {METRICS[name].help}" for name in CRITERIA),
            key="criterion",
        )
        nearly = parsimonious(table, chosen)
        figure = bic_curves(table, chosen, nearly, theme=cards.theme(), height=HEIGHT)
        cards.chart(figure, "bic", "Information criterion by number of components and shape")


def ellipses_card(height: int) -> None:
    """Draw the segments on the plane of principal components, uncertain customers crossed."""
    mixed = most_mixed(result.memberships, LOW_CONFIDENCE)
    takeaway = "The segments hardly overlap"
    if mixed:
        first, second, found = mixed
        takeaway = (
            f"Most doubt lies between {state.plain(names[first])} and "
            f"{state.plain(names[second])}: {count(found)} of {count(uncertain.total)}"
        )
    note = f"Ellipses hold 50 and 90% of a segment · ✕ probability below {LOW_CONFIDENCE:.2f}"
    with cards.card(takeaway, note):
        projection = cache.project(dataset.fingerprint, dataset)
        points = projection.coordinates[:, :2]
        means, covariances = segment_shapes(points, result.memberships)
        figure = component_ellipses(
            points,
            result.labels,
            means,
            covariances,
            names,
            projection.explained[:2],
            result.confidence < LOW_CONFIDENCE,
            customer_ids=result.customer_ids,
            theme=cards.theme(),
            height=height,
        )
        cards.chart(figure, "ellipses", "Customers and segment ellipses on two components")


def table_card() -> None:
    """Draw the least certain customers."""
    worth = state.plain(amount(uncertain.revenue, dataset.currency))
    known = uncertain.revenue == uncertain.revenue
    revenue = f", with {worth} of revenue" if known else ""
    verb = "customers deserve" if uncertain.total != 1 else "customer deserves"
    takeaway = f"{count(uncertain.total)} {verb} a second look{revenue}"
    note = f"Lowest probability first · {certainty.shown_of(uncertain)}"
    with cards.card(takeaway if uncertain.total else "No customer needs a second look", note):
        certainty.customer_table(
            uncertain,
            "Most likely segment",
            "Second segment",
            "Least certain customers, lowest probability first",
            membership="probability",
            none=f"Every customer has a probability of {LOW_CONFIDENCE:.2f} or more.",
        )


if result is None:
    purpose = "How sure the Gaussian mixture is of its customers."
    if state.runs():
        cards.heading("GMM uncertainty", purpose)
        text = "Probabilities come from the Gaussian mixture, which has not run on these customers."
        cards.empty("blur_on", "No mixture yet", text, "segment", "Go to Segment")
        st.stop()
    cards.no_result("GMM uncertainty", purpose)
names = state.names(result)
metrics = uncertainty_metrics(result.memberships)
sure, unsure = metrics["high_confidence_pct"] / 100, metrics["low_confidence_pct"] / 100
uncertain = least_certain(
    dataset.customers, result.memberships, certainty.glyph_names(names), LOW_CONFIDENCE
)
cards.heading(
    "GMM uncertainty",
    f"**{share(sure)}** of customers are placed with a probability above {HIGH_CONFIDENCE:.2f}; "
    f"**{share(unsure)}** below {LOW_CONFIDENCE:.2f}.  \n"
    ":gray[:small[Probabilities are the mixture's own and no promise: they hold as far as its "
    "bell shapes fit. Real customers overlap, so read them as an order.]]",
)
metrics_row()
curves = bic_table()
left, right = st.columns(2)
with left:
    if curves is None:
        bic_offer()
    else:
        bic_card(curves)
with right:
    certainty.histogram_card(result, HEIGHT)
left, right = st.columns([3, 2])
height = max(460, 90 + 34 * len(names))
with left:
    ellipses_card(height)
with right:
    certainty.bands_card(result, names, height)
table_card()
