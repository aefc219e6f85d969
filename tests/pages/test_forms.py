"""Forms that are made of parameters."""

import pytest
from streamlit.testing.v1 import AppTest


def app(values):
    import streamlit as st

    from pages.shared.forms import method_form
    from segmentation.methods.parameters import MethodSpec, Parameter

    m = Parameter("m", "Fuzzifier", 2.0, "", 1.05, 5.0, 0.1, special=("auto",))
    submitted = method_form(MethodSpec("toy", "Toy", "", "star", (m,)), values, ran=False)
    if submitted is not None:
        st.session_state["submitted"] = submitted


@pytest.mark.parametrize(
    ("values", "proposed"), [({}, True), ({"m": "auto"}, True), ({"m": 1.5}, False)]
)
def test_a_special_word_is_proposed_beside_the_number(values, proposed):
    page = AppTest.from_function(app, args=(values,)).run()
    toggle = page.toggle(key="toy-m-auto")
    assert (toggle.value, toggle.label) == (proposed, "Fuzzifier: auto")
    assert page.number_input(key="toy-m").value == (1.5 if not proposed else 2.0)
    page.button(key="run-toy").click().run()
    assert page.session_state["submitted"] == {"m": "auto" if proposed else 1.5}


def test_without_the_word_the_number_counts():
    page = AppTest.from_function(app, args=({},)).run()
    page.toggle(key="toy-m-auto").set_value(False)
    page.number_input(key="toy-m").set_value(1.3)
    page.button(key="run-toy").click().run()
    assert page.session_state["submitted"] == {"m": 1.3}
