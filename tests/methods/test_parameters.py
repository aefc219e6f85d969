import pytest

from segmentation.methods.parameters import MethodSpec, Parameter

WHOLE = Parameter("k", "Segments", 4, "", 2, 12)
REAL = Parameter("m", "Fuzzifier", 2.0, "", 1.05, 5.0)
WORD = Parameter("m", "Fuzzifier", 2.0, "", 1.05, 5.0, special=("auto",))
CHOICE = Parameter("shape", "Shape", "full", "", choices=("full", "diag"))


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        (WHOLE, 2),
        (WHOLE, 12),
        (REAL, 2),
        (REAL, 1.05),
        (CHOICE, "diag"),
        (WORD, "auto"),
        (WORD, 1.5),
    ],
)
def test_allowed_values_pass(parameter, value):
    parameter.check(value)


@pytest.mark.parametrize(
    ("parameter", "value", "rule"),
    [
        (WHOLE, 1, "a whole number from 2 to 12"),
        (WHOLE, 4.0, "a whole number"),
        (WHOLE, True, "a whole number"),
        (WHOLE, None, "a whole number"),
        (REAL, 1.0, "a number from 1.05 to 5"),
        (REAL, float("nan"), "a number"),
        (REAL, "auto", "a number from 1.05 to 5; got"),
        (WORD, "automatic", "a number from 1.05 to 5 or 'auto'; got"),
        (WORD, 0.5, "a number from 1.05 to 5 or 'auto'; got"),
        (CHOICE, "round", "one of full, diag"),
    ],
)
def test_other_values_are_explained(parameter, value, rule):
    with pytest.raises(ValueError, match=f"{parameter.name} must be {rule}.*safe choice"):
        parameter.check(value)


def test_a_form_shows_the_special_word_first_or_else_the_default():
    assert (WORD.proposal, REAL.proposal, CHOICE.proposal) == ("auto", 2.0, "full")


def test_a_method_checks_the_values_it_is_given():
    spec = MethodSpec("x", "X", "", "star", (WHOLE, REAL))
    spec.check({"k": 3})
    with pytest.raises(ValueError, match="m must be"):
        spec.check({"k": 3, "m": 0.5})
