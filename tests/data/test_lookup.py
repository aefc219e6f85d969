import pytest

from segmentation.data.lookup import CustomerIndex

INDEX = CustomerIndex(["b-2", "A-1", "a-10", "B-2", "0042"])


@pytest.mark.parametrize(
    ("typed", "row"),
    [("A-1", 1), ("a-1", 1), (" 0042 ", 4), ("b-2", 0), ("B-2", 3), ("42", None), ("", None)],
)
def test_an_id_is_found_whatever_its_case_unless_two_are_alike(typed, row):
    assert INDEX.row(typed) == row


def test_an_id_with_outer_blanks_is_found():
    index = CustomerIndex([" 7 ", "8"])
    assert index.suggest("7") == [" 7 "]
    assert index.row(" 7 ") == 0


def test_case_alone_does_not_choose_between_two():
    assert CustomerIndex(["x", "X"]).row("x") == 0
    assert CustomerIndex(["xY", "Xy"]).row("xy") is None


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("a", ["A-1", "a-10"]),
        ("1", ["A-1", "a-10"]),
        ("42", ["0042"]),
        ("-", ["A-1", "a-10", "b-2", "B-2"]),
        ("", []),
    ],
)
def test_suggestions_start_with_the_text_or_hold_it(typed, found):
    assert INDEX.suggest(typed) == found


def test_starts_come_before_the_rest():
    assert CustomerIndex(["x1", "1x", "11"]).suggest("1") == ["11", "1x", "x1"]


def test_without_a_match_the_neighbours_are_suggested():
    index = CustomerIndex([f"c{i:03}" for i in range(100)])
    assert index.suggest("c0505x") == [f"c{i:03}" for i in range(46, 56)]
    assert index.suggest("zzz") == ["c095", "c096", "c097", "c098", "c099"]


def test_at_most_the_limit():
    index = CustomerIndex(str(i) for i in range(1000))
    assert len(index.suggest("1")) == 50
    assert "1" not in index.suggest("1")
    assert index.suggest("1", limit=2) == ["10", "100"]
