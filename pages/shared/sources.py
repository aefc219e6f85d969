"""Where customers come from: the generator, the supermarket, a file."""

from datetime import date

import streamlit as st

from pages.shared import cache, jobs, state, uploads
from segmentation.data import samples

KINDS = ["csv", "tsv", "txt", "gz", "xlsx", "xls", "parquet"]
FAULTS_SHOWN = 8


def generate() -> None:
    """Offer synthetic customers."""
    st.markdown("Invented customers of a retailer, who overlap as real ones do.")
    with st.form("generate", border=False):
        with st.grid(3, min_column_width=180):
            size = st.number_input(
                "Customers",
                50,
                1_000_000,
                500,
                50,
                key="generate-customers",
                persist_state="session",
            )
            seed = st.number_input(
                "Seed",
                0,
                2**32 - 1,
                42,
                help="The same seed gives the same customers.",
                key="generate-seed",
                persist_state="session",
            )
            overlap = st.number_input(
                "Overlap",
                0.0,
                1.0,
                0.3,
                0.05,
                help="How much the four kinds of customers behind the data blend into each "
                "other: 0 is well separated, 1 is hardly distinguishable.",
                key="generate-overlap",
                persist_state="session",
            )
        pressed = st.form_submit_button(
            "Generate customers", icon=":material/auto_awesome:", type="primary"
        )
    if pressed:
        # Large tables belong to the session alone: the cache would keep those of all sessions.
        small = size <= samples.MONTHLY_CUSTOMERS
        make = cache.synthetic_dataset if small else samples.synthetic_dataset
        with st.spinner(f"Generating {size:,} customers"):
            new = make(size, seed, overlap)
        jobs.cancel(state.DATA_JOB)
        state.use_dataset(new)
        st.rerun()


def sample() -> None:
    """Offer the supermarket."""
    st.markdown(
        "**One year of a real supermarket**: 1.47 million receipt lines of 2,469 households, with "
        "departments and classes. The Complete Journey data, installed with the program.  \n"
        ":gray[:small[The receipts are added up to customers first; this takes a few seconds.]]"
    )
    job = jobs.get(state.DATA_JOB)
    if st.button(
        "Load the supermarket",
        icon=":material/storefront:",
        type="primary",
        disabled=job is not None and not job.finished,
    ):
        jobs.start(state.DATA_JOB, "Supermarket sample", {"task": "sample"})
        st.rerun()


def upload() -> None:
    """Offer to read a file."""
    st.markdown(
        "**Transactions**: one row a line with customer, date and amount, and order, department, "
        "class and returns if there are any. Or **customers**: one row each with an id and at "
        "least two numeric columns.  \n"
        ":gray[:small[Columns are recognised by their names; text files may end in .gz.]]"
    )
    with st.container(horizontal=True):
        file = st.file_uploader("File", KINDS, key="upload-file", width=560)
        as_of = st.date_input(
            "As-of date (optional)",
            None,
            date(1970, 1, 1),
            date(2100, 12, 31),
            help="The day to which recency is counted; the day after the last order by default.",
            key="upload-as-of",
            persist_state="session",
            width=240,
        )
    if file is not None and uploads.take(file, as_of):
        st.rerun()


SOURCES = {"Generate": generate, "Real sample": sample, "Upload": upload}


def choose() -> None:
    """Draw the choice of a source, and what is loading or went wrong."""
    job = jobs.get(state.DATA_JOB)
    with st.container(border=True):
        source = st.segmented_control(
            "Source",
            list(SOURCES),
            default="Generate",
            required=True,
            key="source",
            persist_state="session",
        )
        SOURCES[source]()
        if job is not None and job.status == "failed":
            _failure(job)
        elif job is not None and not job.finished:
            _progress()
        st.markdown(":gray[:small[New data replaces the customers below and their segments.]]")


@st.fragment(run_every=0.5)
def _progress() -> None:
    """Follow the loading; the frame takes in what was loaded."""
    job = jobs.get(state.DATA_JOB)
    if job is None or job.finished:
        st.rerun()
    st.progress(job.fraction, text=f"{job.label}: {job.status_text}")
    if st.button("Cancel", icon=":material/close:", key="cancel-data"):
        jobs.cancel(state.DATA_JOB)
        st.rerun()


def _failure(job: jobs.Job) -> None:
    lines = job.message.splitlines()
    shown = [f"- {state.plain(line)}" for line in lines[:FAULTS_SHOWN]]
    if len(lines) > FAULTS_SHOWN:
        shown.append(f"- and {len(lines) - FAULTS_SHOWN:,} more")
    st.error(
        "\n".join(shown) + "\n\nThe customers below are still the ones you had.",
        title=f"{job.label} was not loaded",
        icon=":material/error:",
    )
