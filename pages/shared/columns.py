"""How columns of a customer table look in st.dataframe: labels, units, formats."""

from collections.abc import Iterable

import streamlit as st

from pages.shared import state
from segmentation.data.schema import Column, Role, describe

_FORMATS = {"share": "percent", "months": "%.1f", "orders/month": "%.2f"}


def unit(column: Column, currency: str) -> str:
    """Return the unit of a column in words; amounts in the currency of the data."""
    return currency or "currency" if column.unit == "currency" else column.unit


def config(names: Iterable[str], currency: str) -> dict[str, dict]:
    """Return the column_config of a customer table."""
    return {name: _config(describe(name), currency) for name in names}


def _config(column: Column, currency: str) -> dict:
    label, text = column.label, state.plain(column.definition)
    if column.role == Role.ID:
        return st.column_config.TextColumn(label, help=text, pinned=True)
    if column.unit == "date":
        return st.column_config.DateColumn(label, help=text, format="D MMM YYYY")
    if not column.unit:
        return st.column_config.Column(label, help=text)
    if column.role == Role.PROFILE:
        # A department has an amount and units under the same name.
        label = f"{label} ({unit(column, currency)})"
    known = "localized" if column.unit != "currency" else f"{currency}%,.2f"
    return st.column_config.NumberColumn(label, help=text, format=_FORMATS.get(column.unit, known))
