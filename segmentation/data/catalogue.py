"""The generated shop: its departments, classes and sizes, and the four kinds of its customers."""

from __future__ import annotations

from dataclasses import dataclass

AGE_GROUPS = ("Baby", "Child")
SIZES = ("XS", "S", "M", "L", "XL")
SIZE_SHARES = (0.10, 0.24, 0.32, 0.22, 0.12)


@dataclass(frozen=True)
class ProductClass:
    """A class of products.

    Attributes
    ----------
    name : str
        For people; `schema.slug` of it is the column part.
    price : float
        Typical price of a unit, in currency, relative to the other classes.
    popularity : float
        Weight among the classes of the department.
    sized : bool
        A garment, sold in `SIZES`.
    age_group : str or None
        One of `AGE_GROUPS`, or None for all ages.
    """

    name: str
    price: float
    popularity: float
    sized: bool = False
    age_group: str | None = None


@dataclass(frozen=True)
class Department:
    """A department and its classes."""

    name: str
    classes: tuple[ProductClass, ...]


DEPARTMENTS = (
    Department(
        "Womenswear",
        (
            ProductClass("Dresses", 59, 0.30, sized=True),
            ProductClass("Tops", 29, 0.40, sized=True),
            ProductClass("Jeans", 55, 0.20, sized=True),
            ProductClass("Coats", 129, 0.10, sized=True),
        ),
    ),
    Department(
        "Menswear",
        (
            ProductClass("Shirts", 39, 0.40, sized=True),
            ProductClass("Trousers", 55, 0.25, sized=True),
            ProductClass("Knitwear", 59, 0.25, sized=True),
            ProductClass("Jackets", 119, 0.10, sized=True),
        ),
    ),
    Department(
        "Kids",
        (
            ProductClass("Baby clothing", 19, 0.35, sized=True, age_group="Baby"),
            ProductClass("Child clothing", 25, 0.40, sized=True, age_group="Child"),
            ProductClass("Toys", 23, 0.25),
        ),
    ),
    Department(
        "Shoes",
        (
            ProductClass("Sneakers", 79, 0.50),
            ProductClass("Boots", 109, 0.25),
            ProductClass("Sandals", 45, 0.25),
        ),
    ),
    Department(
        "Home",
        (
            ProductClass("Bedding", 65, 0.25),
            ProductClass("Kitchen", 35, 0.35),
            ProductClass("Decor", 27, 0.40),
        ),
    ),
    Department(
        "Beauty",
        (
            ProductClass("Skincare", 25, 0.45),
            ProductClass("Makeup", 19, 0.35),
            ProductClass("Fragrance", 69, 0.20),
        ),
    ),
)


@dataclass(frozen=True)
class Segment:
    """What is typical of one kind of customer.

    Attributes
    ----------
    name : str
        Value of `true_segment`.
    share : float
        Of all customers; the shares of `SEGMENTS` sum to 1.
    repeat_orders, order_value, recency_days, lifetime_months : float
        Medians; `order_value` in currency, `repeat_orders` without the first order.
    return_chance : float
        Probability that an order leads to a return.
    tastes : tuple of float
        Weight of each of `DEPARTMENTS`.
    """

    name: str
    share: float
    repeat_orders: float
    order_value: float
    recency_days: float
    lifetime_months: float
    return_chance: float
    tastes: tuple[float, ...]


# Tastes:                                     womens  mens  kids  shoes  home  beauty
SEGMENTS = (
    Segment("VIP", 0.12, 42, 165, 9, 38, 0.025, (0.34, 0.16, 0.06, 0.20, 0.06, 0.18)),
    Segment("Loyal", 0.33, 22, 68, 24, 30, 0.02, (0.20, 0.16, 0.28, 0.12, 0.16, 0.08)),
    Segment("Promising", 0.27, 3.5, 80, 18, 5, 0.04, (0.26, 0.12, 0.08, 0.24, 0.08, 0.22)),
    Segment("At Risk", 0.28, 5, 55, 210, 16, 0.05, (0.16, 0.24, 0.14, 0.14, 0.24, 0.08)),
)
