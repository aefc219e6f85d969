"""Kinds of customers: names, and what must hold for them, as a table.

Targets and bounds are mean percentile ranks (0.5 is the average customer), so currency and scale
do not matter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from segmentation.enrichment.plays import LIFETIME, ORDERS, RECENCY, REVENUE, VALUE

AXES = (RECENCY, ORDERS, REVENUE, VALUE, LIFETIME)
WEIGHTS = (1.5, 1.0, 1.5, 0.75, 0.75)
UNUSUAL = 0.05  # extra cost of names beyond the four of the standard case

Band = tuple[float, float]


@dataclass(frozen=True)
class Archetype:
    """A kind of customers.

    Attributes
    ----------
    name, lead : str
        The lead says only what `bounds` guarantee.
    target : tuple of float or None
        Mean rank on every one of `AXES`; None where it does not matter.
    bounds : dict of str to (low, high)
        Ranks a segment must have. A band on one side of 0.5 also needs the segment's median on
        that side of the population's.
    facts : tuple of str
        Features whose numbers the description shows.
    play : str
        Key of `segmentation.enrichment.strategies.PLAYS`.
    index : dict of str to (low, high)
        Indices a segment must have.
    mean : dict of str to (low, high)
        For definitions that are numbers: a one-time buyer has one order in any currency.
    """

    name: str
    lead: str
    target: tuple[float | None, ...]
    bounds: dict[str, Band]
    facts: tuple[str, ...]
    play: str
    index: dict[str, Band] = field(default_factory=dict)
    mean: dict[str, Band] = field(default_factory=dict)
    extra_cost: float = UNUSUAL


_RECENT, _AGO = (0.0, 0.44), (0.55, 1.0)
_LOW, _HIGH, _NORMAL = (0.0, 0.45), (0.55, 1.0), (0.4, 0.6)
_ANY_NUMBER = math.inf

ARCHETYPES: tuple[Archetype, ...] = (
    Archetype(
        "VIP Champions",
        "Customers of high value who still buy",
        (0.18, 0.90, 0.93, 0.75, 0.78),
        {RECENCY: (0.0, 0.5), REVENUE: (0.6, 1.0), ORDERS: (0.5, 1.0)},
        (REVENUE, RECENCY),
        "champion",
        index={REVENUE: (110.0, _ANY_NUMBER)},
        extra_cost=0.0,
    ),
    Archetype(
        "Loyal Regulars",
        "Customers who come back often",
        (0.35, 0.70, 0.65, 0.50, 0.65),
        {RECENCY: (0.0, 0.62), ORDERS: (0.54, 1.0), REVENUE: (0.4, 1.0)},
        (ORDERS, RECENCY),
        "loyal",
        index={REVENUE: (0.0, 180.0)},
        extra_cost=0.0,
    ),
    Archetype(
        "Promising Customers",
        "Young customers with few orders so far",
        (0.35, 0.25, 0.25, 0.40, 0.20),
        {RECENCY: (0.0, 0.55), ORDERS: (0.0, 0.42), LIFETIME: (0.0, 0.42)},
        (ORDERS, RECENCY),
        "grow",
        extra_cost=0.0,
    ),
    Archetype(
        "At-Risk",
        "Once active customers who have not ordered for long",
        (0.83, 0.36, 0.34, 0.42, 0.48),
        {RECENCY: _AGO, REVENUE: (0.2, 1.0)},
        (RECENCY, REVENUE),
        "rescue",
        extra_cost=0.0,
    ),
    Archetype(
        "Potential Loyalists",
        "Recent customers on their way to a habit",
        (0.30, 0.52, 0.52, 0.50, 0.40),
        {RECENCY: _RECENT, ORDERS: (0.35, 0.7), REVENUE: (0.35, 0.75)},
        (ORDERS, RECENCY),
        "develop",
    ),
    Archetype(
        "New Customers",
        "Customers who have only just begun",
        (0.15, 0.15, 0.18, 0.45, 0.10),
        {RECENCY: (0.0, 0.42), ORDERS: (0.0, 0.38), LIFETIME: (0.0, 0.35)},
        (LIFETIME, RECENCY),
        "grow",
    ),
    Archetype(
        "Rising Stars",
        "Young customers who already spend much",
        (0.25, 0.60, 0.72, 0.65, 0.30),
        {RECENCY: _RECENT, REVENUE: _HIGH, LIFETIME: _LOW},
        (REVENUE, LIFETIME),
        "champion",
    ),
    Archetype(
        "High-Value Regulars",
        "Customers with many orders and high revenue",
        (0.25, 0.82, 0.80, 0.50, 0.75),
        {REVENUE: (0.6, 1.0), ORDERS: (0.6, 1.0), RECENCY: (0.0, 0.5)},
        (REVENUE, ORDERS),
        "loyal",
        extra_cost=0.1,
    ),
    Archetype(
        "Big Spenders",
        "Customers with large orders and high revenue",
        (0.45, 0.65, 0.82, 0.85, 0.55),
        {REVENUE: (0.6, 1.0), VALUE: (0.6, 1.0), RECENCY: (0.0, 0.6)},
        (REVENUE, VALUE),
        "champion",
        index={REVENUE: (105.0, _ANY_NUMBER)},
    ),
    Archetype(
        "Big-Basket Visitors",
        "Customers who come rarely and buy large baskets",
        (0.50, 0.32, 0.55, 0.85, 0.45),
        {VALUE: (0.6, 1.0), ORDERS: (0.0, 0.5)},
        (VALUE, ORDERS),
        "big_basket",
    ),
    Archetype(
        "Small-Basket Regulars",
        "Customers who come often and buy small baskets",
        (0.35, 0.75, 0.50, 0.15, 0.65),
        {RECENCY: (0.0, 0.55), ORDERS: _HIGH, VALUE: (0.0, 0.42)},
        (VALUE, ORDERS),
        "small_basket",
    ),
    Archetype(
        "Small-Basket Newcomers",
        "Young customers with few, small orders",
        (0.30, 0.25, 0.15, 0.15, 0.20),
        {RECENCY: _RECENT, ORDERS: _LOW, VALUE: (0.0, 0.4), LIFETIME: _LOW},
        (VALUE, ORDERS),
        "small_basket",
    ),
    Archetype(
        "Long-Time Customers",
        "Customers of long standing who still order",
        (0.35, 0.55, 0.52, 0.45, 0.90),
        {LIFETIME: (0.62, 1.0), RECENCY: (0.0, 0.5)},
        (LIFETIME, RECENCY),
        "loyal",
    ),
    Archetype(
        "Occasional Customers",
        "Customers who order now and then over a long time",
        (0.50, 0.35, 0.35, 0.50, 0.65),
        {ORDERS: _LOW, LIFETIME: (0.5, 1.0), RECENCY: (0.0, 0.7)},
        (ORDERS, LIFETIME),
        "occasional",
    ),
    Archetype(
        "Core Customers",
        "Customers close to the average in every respect",
        (0.50, 0.50, 0.50, 0.50, 0.50),
        dict.fromkeys(AXES, _NORMAL),
        (REVENUE, ORDERS),
        "typical",
    ),
    Archetype(
        "Need Attention",
        "Customers of fair value whose last order is a while ago",
        (0.57, 0.55, 0.55, 0.50, 0.55),
        {RECENCY: (0.52, 0.7), REVENUE: (0.45, 0.7)},
        (RECENCY, REVENUE),
        "attention",
    ),
    Archetype(
        "About to Sleep",
        "Customers with few orders, the last a while ago",
        (0.62, 0.35, 0.35, 0.45, 0.45),
        {RECENCY: (0.52, 0.75), ORDERS: (0.0, 0.47), REVENUE: (0.0, 0.47)},
        (RECENCY, ORDERS),
        "attention",
    ),
    Archetype(
        "Cannot Lose Them",
        "Customers of high value who have not ordered for long",
        (0.80, 0.75, 0.80, 0.60, 0.65),
        {RECENCY: _AGO, REVENUE: (0.6, 1.0)},
        (REVENUE, RECENCY),
        "rescue",
        index={REVENUE: (110.0, _ANY_NUMBER)},
    ),
    Archetype(
        "Lapsed Big Baskets",
        "Customers with large baskets who have not ordered for long",
        (0.78, 0.35, 0.55, 0.82, 0.40),
        {RECENCY: _AGO, VALUE: (0.6, 1.0)},
        (VALUE, RECENCY),
        "rescue",
    ),
    Archetype(
        "Lapsed Regulars",
        "Customers with many small orders, the last long ago",
        (0.72, 0.65, 0.52, 0.25, 0.65),
        {RECENCY: _AGO, ORDERS: (0.52, 1.0), VALUE: _LOW},
        (ORDERS, RECENCY),
        "rescue",
    ),
    Archetype(
        "Lapsed Newcomers",
        "Customers who tried the shop and left early",
        (0.75, 0.28, 0.32, 0.50, 0.15),
        {RECENCY: _AGO, LIFETIME: (0.0, 0.35), ORDERS: _LOW},
        (LIFETIME, RECENCY),
        "dormant",
    ),
    Archetype(
        "One-Time Buyers",
        "Customers most of whom ordered once",
        (None, 0.20, 0.20, None, 0.20),
        {},
        (ORDERS, RECENCY),
        "once",
        mean={ORDERS: (1.0, 1.05)},
        extra_cost=-0.1,
    ),
    Archetype(
        "Hibernating",
        "Customers of little revenue who have not ordered for long",
        (0.78, 0.22, 0.22, 0.42, 0.35),
        {RECENCY: (0.58, 1.0), ORDERS: (0.0, 0.4), REVENUE: (0.0, 0.4)},
        (RECENCY, REVENUE),
        "dormant",
    ),
    Archetype(
        "Lost",
        "Customers with the least activity, the last order very long ago",
        (0.92, 0.15, 0.12, 0.35, 0.20),
        {RECENCY: (0.7, 1.0), ORDERS: (0.0, 0.35), REVENUE: (0.0, 0.35)},
        (RECENCY, REVENUE),
        "dormant",
    ),
)
