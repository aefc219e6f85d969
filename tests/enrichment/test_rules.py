import math
import re
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from segmentation.enrichment.archetypes import ARCHETYPES, AXES
from segmentation.enrichment.plays import PLAYS
from segmentation.enrichment.profiles import profile_segments
from segmentation.enrichment.rules import assign_archetypes, eligible, enrich
from segmentation.enrichment.words import amount, clean, label, number, share

KINDS = ["VIP Champions", "Loyal Regulars", "Promising Customers", "At-Risk"]
SCALE = {"": 1, "k": 1e3, "M": 1e6, "B": 1e9, "%": 0.01}
NUMBER = re.compile(r"(?<![\w.])(\d[\d,]*(?:\.\d+)?)(k|M|B|%)?(?![\w])")


def at_random(data: pd.DataFrame, k: int) -> np.ndarray:
    return np.random.default_rng(k).permutation(np.arange(len(data)) % k)


def cuts(data: pd.DataFrame, k: int) -> np.ndarray:
    """Return segments that differ: slices of revenue crossed with recency."""
    position = data["total_revenue"].rank() + (data["recency_days"].rank() % 97)
    return (position.rank(method="first") * k / (len(data) + 1)).astype(int).to_numpy()


def known_numbers(profile) -> list[float]:
    found = [profile.size, profile.percentage / 100, profile.revenue_share]
    found += [profile.mean_confidence or 0]
    for statistic in profile.statistics.values():
        found += [
            v for f in fields(statistic) if isinstance(v := getattr(statistic, f.name), float)
        ]
    for department in profile.department_shares:
        found += [department.share, department.index]
    return [value for value in found if math.isfinite(value)]


def numbers_in(text: str) -> list[tuple[float, float]]:
    """Return every number of a text, and how far the unrounded one may be away."""
    found = []
    for digits, unit in NUMBER.findall(text):
        value = float(digits.replace(",", ""))
        decimals = len(digits.partition(".")[2])
        half = 0.5 * 10.0**-decimals
        if unit != "%":  # three significant digits, whose trailing zeros are not written
            half = max(half, 0.005 * value)
        found.append((value * SCALE[unit], half * SCALE[unit]))
    return found


@pytest.mark.parametrize("seed", range(5))
def test_the_standard_case_has_its_four_names(seed, make_customers):
    data, labels = make_customers(seed)
    names = [profile.segment_name for profile in enrich(profile_segments(data, labels))]
    assert names == KINDS


@pytest.mark.parametrize("scale", [0.01, 1e6])
def test_currency_and_scale_do_not_matter(scale, make_customers):
    data, labels = make_customers(0, scale)
    assert [p.segment_name for p in enrich(profile_segments(data, labels))] == KINDS


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("k", range(2, 13))
@pytest.mark.parametrize("split", [at_random, cuts])
def test_every_partition_is_named_truthfully(k, seed, split, make_customers):
    data, _ = make_customers(seed)
    memberships = np.random.default_rng(seed).dirichlet(np.ones(k), len(data))
    raw = profile_segments(data, split(data, k), memberships=memberships)
    profiles = enrich(raw, "€")
    names = [profile.segment_name for profile in profiles]
    assert len(set(names)) == k and all(names)
    for profile, archetype in zip(profiles, assign_archetypes(raw), strict=True):
        assert archetype is None or eligible(profile, archetype)
        assert 3 <= len(profile.interaction_strategies) <= 4
        texts = [profile.description, *(s.why for s in profile.interaction_strategies)]
        known = known_numbers(profile)
        for text in texts:
            for value, half in numbers_in(text):
                assert any(abs(value - v) <= half * 1.0001 for v in known), (text, value)


@pytest.mark.parametrize("k", [4, 7, 12])
def test_names_do_not_depend_on_the_order_of_segments(k, make_customers):
    data, _ = make_customers(1)
    labels = cuts(data, k)
    order = np.random.default_rng(0).permutation(k)
    before = [p.segment_name for p in enrich(profile_segments(data, labels))]
    after = [p.segment_name for p in enrich(profile_segments(data, order[labels]))]
    assert [after[order[segment]] for segment in range(k)] == before


def test_a_recent_segment_is_never_at_risk(make_customers):
    data, labels = make_customers()
    data["recency_days"] = np.where(labels == 3, 1, data["recency_days"] + 50)
    names = [p.segment_name for p in enrich(profile_segments(data, labels))]
    assert names[3] not in {"At-Risk", "Lost", "Hibernating", "Cannot Lose Them"}


def test_tables_without_recency_and_orders_get_neutral_names():
    table = pd.DataFrame(
        {
            "score <b>=1+1": np.r_[np.zeros(50), np.ones(50)] + np.arange(100) / 100,
            "age": np.r_[np.arange(50), np.arange(50)] - 20,
        }
    )
    profiles = enrich(profile_segments(table, np.repeat([0, 1], 50)))
    assert [p.segment_name for p in profiles] == ["Low Score b 1 1", "High Score b 1 1"]
    assert all(len(p.interaction_strategies) == 3 for p in profiles)
    assert "revenue" not in profiles[0].description


def test_equal_segments_are_numbered():
    table = pd.DataFrame({"age": [1.0, 2.0] * 3, "score": [5.0, 6.0] * 3})
    names = [p.segment_name for p in enrich(profile_segments(table, [0, 0, 1, 1, 2, 2]))]
    assert names == ["Typical Customers", "Typical Customers 2", "Typical Customers 3"]


def test_an_empty_segment_is_said_to_be_empty(customers, labels):
    memberships = np.full((len(labels), 5), 0.2)
    empty = enrich(profile_segments(customers, labels, memberships=memberships))[4]
    assert empty.segment_name == "Empty Segment"
    assert empty.interaction_strategies == ()


def test_a_favourite_department_leads_to_a_strategy(customers, labels):
    vip = enrich(profile_segments(customers, labels), "€")[0]
    (taste,) = [s for s in vip.interaction_strategies if s.department]
    shoes = vip.department_shares[0]
    assert taste.department == "Shoes"
    expected = f"Leads with Shoes: index {shoes.index:.0f}, 60% of the segment's revenue"
    assert taste.why == expected


def test_the_tables_are_complete():
    assert len({a.name for a in ARCHETYPES}) == len(ARCHETYPES)
    for archetype in ARCHETYPES:
        assert archetype.play in PLAYS
        assert len(archetype.target) == len(AXES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (amount(999_960, "€"), "€1M"),
        (amount(999.6), "1k"),
        (amount(float("nan"), "€"), "n/a"),
        (share(1.0), "100%"),
        (share(0.0), "0%"),
        (share(0.0099), "1.0%"),
        (number(0.0), "0"),
        (clean("a\u2066b\u202ec\u0007"), "abc"),
        (label('=HYPERLINK("x")\u202e' + "y" * 99), ("HYPERLINK x " + "y" * 99)[:40]),
        (label("\x00"), "Unnamed"),
    ],
)
def test_words(text, expected):
    assert text == expected
