"""What to do with a kind of customers: one table, a few rules for every play."""

from __future__ import annotations

from dataclasses import dataclass, field

RECENCY, ORDERS, REVENUE = "recency_days", "total_purchases", "total_revenue"
VALUE, LIFETIME, RETURNS = "avg_order_value", "customer_lifetime_months", "return_rate"
HIGH, LOW = 1, -1


@dataclass(frozen=True)
class StrategyRule:
    """A strategy for one kind of customers.

    Attributes
    ----------
    action, channel, rule, do_not : str
        `rule` is why the strategy fires, in words that hold for every segment it fires for.
    facts : tuple of str
        Features whose numbers explain it.
    when : dict of str to HIGH or LOW
        Features that must lie on that side of the population.
    """

    action: str
    channel: str
    rule: str
    do_not: str
    facts: tuple[str, ...]
    when: dict[str, int] = field(default_factory=dict)


# Keyed by the play of an archetype in segmentation.enrichment.archetypes.
PLAYS: dict[str, tuple[StrategyRule, ...]] = {
    "champion": (
        StrategyRule(
            "Offer early access and a personal contact",
            "personal e-mail or phone",
            "High revenue",
            "Do not discount what they buy at full price",
            (REVENUE,),
            when={REVENUE: HIGH},
        ),
        StrategyRule(
            "Ask for reviews and referrals",
            "e-mail after an order",
            "Many orders",
            "Do not ask more than once a quarter",
            (
                ORDERS,
                RECENCY,
            ),
            when={ORDERS: HIGH},
        ),
    ),
    "loyal": (
        StrategyRule(
            "Reward the habit with points or a tier",
            "loyalty programme",
            "Many orders",
            "Do not interrupt the habit with reactivation campaigns",
            (ORDERS,),
            when={ORDERS: HIGH},
        ),
        StrategyRule(
            "Suggest what goes with the usual basket",
            "e-mail and shop recommendations",
            "A habit that can carry more",
            "Do not push goods far from what they buy",
            (
                VALUE,
                REVENUE,
            ),
        ),
    ),
    "grow": (
        StrategyRule(
            "Welcome and lead to the next order",
            "onboarding e-mails",
            "Few orders so far",
            "Do not ask for a subscription before the habit exists",
            (
                ORDERS,
                RECENCY,
            ),
            when={ORDERS: LOW},
        ),
        StrategyRule(
            "Show the breadth of the assortment",
            "app and shop recommendations",
            "Revenue still to grow",
            "Do not spend more on them than the margin of one order",
            (REVENUE,),
            when={REVENUE: LOW},
        ),
    ),
    "develop": (
        StrategyRule(
            "Lead to the next order while the last one is fresh",
            "e-mail after delivery",
            "Recent last order",
            "Do not wait until they need to be won back",
            (RECENCY,),
            when={RECENCY: LOW},
        ),
        StrategyRule(
            "Invite to the loyalty programme",
            "app and checkout",
            "A habit in the making",
            "Do not ask for more data than the programme needs",
            (
                ORDERS,
                REVENUE,
            ),
        ),
    ),
    "once": (
        StrategyRule(
            "Give a reason for a second order",
            "e-mail",
            "Hardly more than one order",
            "Do not treat a first order as a habit",
            (
                ORDERS,
                RECENCY,
            ),
        ),
        StrategyRule(
            "Keep the cost of every contact low",
            "e-mail only",
            "Little revenue so far",
            "Do not pay for advertising to reach them",
            (REVENUE,),
            when={REVENUE: LOW},
        ),
    ),
    "occasional": (
        StrategyRule(
            "Give a reason to come between occasions",
            "seasonal e-mail",
            "Few orders over their lifetime",
            "Do not mail weekly",
            (
                ORDERS,
                LIFETIME,
            ),
            when={ORDERS: LOW},
        ),
    ),
    "attention": (
        StrategyRule(
            "Remind with a limited offer on goods they know",
            "e-mail, then text message",
            "Time since the last order",
            "Do not send the same reminder twice",
            (RECENCY,),
            when={RECENCY: HIGH},
        ),
        StrategyRule(
            "Ask what is missing",
            "short survey",
            "Worth keeping",
            "Do not offer a discount before the answer",
            (
                REVENUE,
                ORDERS,
            ),
        ),
    ),
    "rescue": (
        StrategyRule(
            "Win back with a personal offer",
            "e-mail, then letter or phone",
            "Long since the last order",
            "Do not wait for the next regular campaign",
            (RECENCY,),
            when={RECENCY: HIGH},
        ),
        StrategyRule(
            "Find out why they stopped, best customers first",
            "phone or survey",
            "Revenue that is at stake",
            "Do not send standard newsletters meanwhile",
            (
                REVENUE,
                ORDERS,
            ),
        ),
    ),
    "dormant": (
        StrategyRule(
            "Try one low-cost reactivation",
            "e-mail",
            "Long since the last order",
            "Do not pay for advertising to reach them",
            (RECENCY,),
            when={RECENCY: HIGH},
        ),
        StrategyRule(
            "Stop mailing those who do not respond",
            "mailing list",
            "Little revenue to win back",
            "Do not lower prices for everyone to win them",
            (
                REVENUE,
                ORDERS,
            ),
            when={REVENUE: LOW},
        ),
    ),
    "big_basket": (
        StrategyRule(
            "Give occasions for another large order",
            "catalogue and seasonal e-mail",
            "Large orders",
            "Do not offer free shipping they already reach",
            (VALUE,),
            when={VALUE: HIGH},
        ),
        StrategyRule(
            "Offer advice and bundles",
            "shop and phone advice",
            "Few orders",
            "Do not mail weekly",
            (
                ORDERS,
                RECENCY,
            ),
            when={ORDERS: LOW},
        ),
    ),
    "small_basket": (
        StrategyRule(
            "Raise the basket with bundles and a shipping threshold",
            "shop and checkout",
            "Small orders",
            "Do not discount single items further",
            (VALUE,),
            when={VALUE: LOW},
        ),
        StrategyRule(
            "Offer a subscription for what recurs",
            "app and e-mail",
            "Many orders",
            "Do not raise delivery costs without a choice",
            (ORDERS,),
            when={ORDERS: HIGH},
        ),
    ),
    "typical": (
        StrategyRule(
            "Keep in the regular programme and watch for change",
            "newsletter",
            "Close to the average customer",
            "Do not spend a special budget on them",
            (
                REVENUE,
                ORDERS,
            ),
        ),
    ),
}
