from pages.shared import frame

frame.ensure()

from collections.abc import Callable

import pandas as pd
import streamlit as st

from pages.shared import cache, cards, state
from segmentation import pipeline
from segmentation.data.schema import Role, columns_with
from segmentation.enrichment.words import count
from segmentation.export.agents import SCHEMA_VERSION, agent_export_bytes, build_agent_export
from segmentation.export.tables import csv_bytes, segments_table
from segmentation.methods.result import SegmentationResult

PREPARED = "prepared"
SHOWN_CUSTOMERS = 3
SHOWN_ROWS = 6
CSV = "CSV in UTF-8 · no cell runs as a formula in a spreadsheet"

dataset = state.dataset()
customers = dataset.customers
found = state.runs()
names = {key: state.names(result) for key, result in found.items()}
runs = tuple((cache.run_key(result), *names[key]) for key, result in found.items())
personal = columns_with(customers.columns, Role.PERSONAL)


def size(content: bytes) -> str:
    """Return "1.2 MB"."""
    return f"{len(content) / 1e6:.1f} MB" if len(content) >= 1e6 else f"{len(content) / 1e3:.0f} kB"


def handover(file: str, key: tuple, build: Callable[[], bytes]) -> None:
    """Draw the way to a file: prepare it, then download it.

    One content a file is kept, and dropped when anything that went into it changes.
    """
    kept = st.session_state.setdefault(PREPARED, {})
    if file in kept and kept[file][0] != key:
        del kept[file]
    slot = st.empty()
    if file not in kept:
        if not slot.button("Prepare", icon=":material/inventory_2:", key=f"prepare-{file}"):
            return
        with slot, st.spinner("Preparing the file"):
            kept[file] = (key, build())
    content = kept[file][1]
    slot.download_button(
        f"Download, {size(content)}",
        content,
        file,
        "application/json" if file.endswith(".json") else "text/csv",
        key=f"download-{file}",
        on_click="ignore",
        icon=":material/download:",
        type="primary",
    )


def privacy() -> None:
    """Say what a file tells about persons."""
    text = "No personal data: no column was recognised as such"
    if personal:
        text = f"Personal data is left out: {', '.join(map(state.plain, personal))}"
    st.markdown(f":gray[:small[:material/shield_person: {text}. Customer ids are included.]]")


def agent_bytes(result: SegmentationResult) -> bytes:
    """Return the export for AI agents."""
    return agent_export_bytes(pipeline.agent_export(dataset, result, state.profiles(result)))


def agents_card() -> None:
    """Draw the export for AI agents."""
    note = f"{pipeline.AGENTS_FILE} · JSON in UTF-8, schema {SCHEMA_VERSION}"
    with cards.card("For AI agents: who the segments are and what to do with them", note):
        left, right = st.columns([2, 3], gap="medium")
        with left:
            shown = state.shown().method
            # A key for every result shown: the choice follows the sidebar until one is made here.
            method = st.selectbox(
                "Result to hand over",
                list(found),
                list(found).index(shown),
                format_func=lambda key: state.title(found[key]),
                key=f"export-{shown}",
                persist_state="session",
            )
            result = found[method]
            st.markdown(
                f"Names, statistics and strategies of {result.n_clusters} segments; memberships, "
                f"confidence and features of {count(len(customers))} customers; how to read it all."
            )
            privacy()
            key = (cache.run_key(result), dataset.as_of, dataset.currency, *names[method])
            handover(pipeline.AGENTS_FILE, key, lambda: agent_bytes(result))
        with right:
            start = build_agent_export(
                customers.head(SHOWN_CUSTOMERS),
                state.profiles(result),
                result.labels[:SHOWN_CUSTOMERS],
                result.memberships[:SHOWN_CUSTOMERS],
                currency=dataset.currency,
            )
            st.markdown(f":gray[:small[The first segment and {SHOWN_CUSTOMERS} customers]]")
            parts = {"segments": start["segments"][:1], "customers": start["customers"]}
            st.json(parts, expanded=2)


def table_card(
    title: str, file: str, text: str, table: pd.DataFrame, key: tuple, build: Callable[[], bytes]
) -> None:
    """Draw a table to hand over."""
    with cards.card(title, f"{file} · {CSV}"):
        left, right = st.columns([2, 3], gap="medium")
        with left:
            st.markdown(text)
            privacy()
            handover(file, key, build)
        with right:
            st.markdown(f":gray[:small[The first {len(table)} rows]]")
            st.dataframe(table, hide_index=True, alt=f"The first rows of {file}")


if not found:
    cards.no_result("Export", "Hand segments to people, systems and AI agents.")
methods = f"{len(found)} methods" if len(found) > 1 else "1 method"
methods_named = ", ".join(f"{r.title} ({r.n_clusters} segments)" for r in found.values())
cards.heading(
    "Export",
    f"**{count(len(customers))} customers** and their segments by **{methods}**, in three files.",
)
agents_card()
table_card(
    "For people and systems: every customer with segments and memberships",
    pipeline.SEGMENTS_FILE,
    f"Segment, its name and the memberships by {methods_named}.",
    segments_table(customers, found, names, SHOWN_ROWS),
    runs,
    lambda: csv_bytes(segments_table(customers, found, names)),
)
own = customers.columns.drop(personal)
table_card(
    "The customers themselves: the table behind every result",
    pipeline.CUSTOMERS_FILE,
    f"{count(len(customers))} rows, {len(own)} columns, in the units of the data.",
    customers[own].head(SHOWN_ROWS),
    (dataset.fingerprint,),
    lambda: csv_bytes(customers[own]),
)
