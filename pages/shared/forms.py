"""Parameter -> widget: the form of a method is generated, never written by hand."""

import streamlit as st

from segmentation.methods.parameters import MethodSpec, Parameter, Value


def method_form(
    spec: MethodSpec, values: dict[str, Value], *, ran: bool
) -> dict[str, Value] | None:
    """Draw the form of a method; return its values when it was submitted, else None.

    Parameters
    ----------
    spec : MethodSpec
    values : dict
        What the fields show first, by parameter name.
    ran : bool
        Whether this method has a result; the button is then a quiet "Run again".
    """
    with st.form(f"form-{spec.key}", border=False):
        chosen = {}
        with st.grid(3, min_column_width=130):
            for parameter in spec.parameters:
                start = values.get(parameter.name, parameter.proposal)
                key = f"{spec.key}-{parameter.name}"
                chosen[parameter.name] = _widget(parameter, start, key)
        submitted = st.form_submit_button(
            "Run again" if ran else f"Run {spec.title.lower()}",
            key=f"run-{spec.key}",
            icon=":material/play_arrow:",
            type="secondary" if ran else "primary",
            width="stretch",
        )
    return chosen if submitted else None


def _widget(parameter: Parameter, value: Value, key: str) -> Value:
    if parameter.choices:
        return st.selectbox(
            parameter.label,
            parameter.choices,
            parameter.choices.index(value),
            help=parameter.help,
            key=key,
            persist_state="session",
        )
    number = type(parameter.default)
    special = value in parameter.special
    entered = st.number_input(
        parameter.label,
        None if parameter.minimum is None else number(parameter.minimum),
        None if parameter.maximum is None else number(parameter.maximum),
        parameter.default if special else value,
        number(parameter.step) if parameter.step else None,
        help=parameter.help,
        key=key,
        persist_state="session",
    )
    if not parameter.special:
        return entered
    word = parameter.special[0]
    chosen = st.toggle(
        f"{parameter.label}: {word}",
        special,
        help="Chosen from the data; the number is then not used.",
        key=f"{key}-{word}",
        persist_state="session",
    )
    return word if chosen else entered
