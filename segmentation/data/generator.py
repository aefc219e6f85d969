"""Synthetic customers of a retailer, and the transactions that add up to them, cent for cent."""

from __future__ import annotations

from datetime import date
from numbers import Integral, Real
from pathlib import Path

import numpy as np
import pandas as pd

from segmentation.data.books import CLASSES, SIZED, Book, order_lines
from segmentation.data.catalogue import AGE_GROUPS, DEPARTMENTS, SEGMENTS, SIZE_SHARES, SIZES
from segmentation.data.files import replacing
from segmentation.data.schema import (
    CLASS_UNITS,
    CLASS_VALUE,
    DAYS_PER_MONTH,
    DEPARTMENT_UNITS,
    DEPARTMENT_VALUE,
    slug,
)

_SHARES = np.array([segment.share for segment in SEGMENTS])
_TASTES = np.array([segment.tastes for segment in SEGMENTS])
_RETURN_CHANCES = np.array([segment.return_chance for segment in SEGMENTS])
# Repeat orders, order value, recency and lifetime of each segment, on the log scale: their
# medians, spread and correlation (who stays long orders often, who orders often came recently).
_MEDIANS = np.log(
    [[s.repeat_orders, s.order_value, s.recency_days, s.lifetime_months] for s in SEGMENTS]
)
_SPREAD = np.array([0.55, 0.50, 0.80, 0.55])
_CORRELATION = np.array(
    [
        [1.0, 0.1, -0.3, 0.5],
        [0.1, 1.0, 0.0, 0.0],
        [-0.3, 0.0, 1.0, 0.0],
        [0.5, 0.0, 0.0, 1.0],
    ]
)
_MIXED = 0.5  # share of customers between two segments, at full overlap
_WHALES = 0.005
_WHALE_BOOST = np.array([0.6, 1.0, -0.3, 0.2])
_LOYALTY_TO_TASTE = 8.0  # concentration of the Dirichlet distribution around a segment's taste
_LONGEST_DAYS = 3650.0  # the shop is ten years old


class RetailDataGenerator:
    """Generate customers of a retailer, and the transactions behind them.

    Four kinds of customers, VIP, Loyal, Promising and At Risk, overlap as real ones do: some are
    of mixed behaviour, spending is heavy-tailed, a few are whales. The same arguments give the
    same table on every call and in every process; a larger table need not begin with a smaller
    one.

    Parameters
    ----------
    seed : int
        Not negative.
    overlap : float
        From 0 (segments well separated) to 1 (hardly distinguishable).
    as_of : date
        The day to which recency is counted.
    locale : str
        Of names, phone numbers and addresses, as Faker spells it, such as "de_DE".

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> customers = RetailDataGenerator(seed=42).generate_customer_data(3)
    >>> list(customers["customer_id"])
    ['CUST_00001', 'CUST_00002', 'CUST_00003']
    """

    def __init__(
        self,
        seed: int = 42,
        *,
        overlap: float = 0.3,
        as_of: date = date(2025, 1, 1),
        locale: str = "en_US",
    ):
        self.seed = _whole_number("seed", seed, minimum=0)
        if isinstance(overlap, bool) or not isinstance(overlap, Real) or not 0 <= overlap <= 1:
            raise ValueError(f"overlap must be a number from 0 to 1; got {overlap!r}.")
        if not isinstance(as_of, date) or pd.isna(as_of):
            raise ValueError(f"as_of must be a date such as date(2025, 1, 1); got {as_of!r}.")
        self.overlap = float(overlap)
        self.as_of = date(as_of.year, as_of.month, as_of.day)  # a timestamp loses its time
        self.locale = locale

    def generate_customer_data(
        self, n_customers: int = 500, *, with_profile: bool = False
    ) -> pd.DataFrame:
        """Return one row a customer.

        Parameters
        ----------
        n_customers : int
            At least 1.
        with_profile : bool
            Add invented personal data: name, email, phone and address.

        Returns
        -------
        DataFrame of shape (n_customers, n_columns)
            The seven features as `segmentation.data.schema` defines them, true_segment,
            signup_date, and value (currency) and units by department, class, age group and size.
            Classes sum to departments and departments to total_revenue.

        Raises
        ------
        ValueError
            If `n_customers` is not a whole number of at least 1, or Faker does not know `locale`.
        """
        n_customers = _whole_number("n_customers", n_customers, minimum=1)
        book = self._book(n_customers)
        columns = {**self._features(book), **_hierarchy(book)}
        if with_profile:
            columns |= self._profiles(n_customers)
        return pd.DataFrame(columns, copy=False)

    def generate_transactions(self, n_customers: int = 500) -> pd.DataFrame:
        """Return the order lines behind `generate_customer_data(n_customers)`.

        Parameters
        ----------
        n_customers : int
            At least 1.

        Returns
        -------
        DataFrame of shape (n_lines, 11)
            customer_id, order_id, order_date, department, class, quantity, unit_price, amount,
            is_return, size, age_group, in the order of time. `amount` (currency) is quantity
            times unit_price exactly in cents. A returned unit is a line of its own in its order,
            with negative quantity and amount; the last one of a customer may be a part refund.

        Raises
        ------
        ValueError
            If `n_customers` is not a whole number of at least 1.
        """
        n_customers = _whole_number("n_customers", n_customers, minimum=1)
        book = self._book(n_customers)
        lines = order_lines(book, np.random.default_rng([self.seed, 1]))
        customer = lines["customer"].to_numpy()
        dates = self._first_order(book)[customer] + lines["day"].to_numpy()
        in_time = np.lexsort((lines["order"], dates))
        lines, customer, dates = lines.iloc[in_time], customer[in_time], dates[in_time]
        number, orders = pd.factorize(lines["order"])
        item, quantity = lines["item"].to_numpy(), lines["quantity"].to_numpy()
        price = lines["price"].to_numpy()
        return pd.DataFrame(
            {
                "customer_id": _numbered("CUST_", 5, n_customers).take(customer),
                "order_id": _numbered("ORD_", 7, len(orders)).take(number),
                "order_date": dates.astype("datetime64[us]"),
                "department": _text([department.name for department, _ in CLASSES]).take(item),
                "class": _text([product.name for _, product in CLASSES]).take(item),
                "quantity": quantity,
                "unit_price": price / 100,
                "amount": quantity * price / 100,
                "is_return": quantity < 0,
                "size": _text([None, *SIZES]).take(lines["size"].to_numpy()),
                "age_group": _text([product.age_group for _, product in CLASSES]).take(item),
            }
        )

    @staticmethod
    def save_data(df: pd.DataFrame, path: str | Path) -> None:
        """Write a table to a .csv or .parquet file; a failure leaves an existing file untouched.

        Parameters
        ----------
        df : DataFrame
            Its index is not written.
        path : str or Path
            Missing directories are made.

        Raises
        ------
        ValueError
            If the file name ends neither in .csv nor in .parquet.
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix not in (".csv", ".parquet"):
            raise ValueError(f"path must end in .csv or .parquet; got {str(path)!r}.")
        with replacing(path) as draft:
            if suffix == ".csv":
                df.to_csv(draft, index=False)
            else:
                df.to_parquet(draft, index=False)

    def _book(self, n: int) -> Book:
        """Draw the exact books of n customers."""
        rng = np.random.default_rng([self.seed, 0])
        segment = rng.choice(len(SEGMENTS), size=n, p=_SHARES)
        mixture = self._mixture(segment, rng)
        orders, order_cents, recency, span = self._behaviour(mixture, rng)
        revenue = orders * order_cents
        returns = rng.random(n) < 1 - (1 - mixture @ _RETURN_CHANCES) ** orders
        returned = np.floor(revenue * rng.beta(1.5, 9, n)).astype(np.int64) * returns
        units = self._units(mixture, orders, order_cents, rng)
        return Book(
            segment=segment,
            orders=orders,
            order_cents=order_cents,
            recency=recency,
            span=span,
            returned_cents=returned,
            units=units,
            cents=_split(revenue, units, rng),
            sizes=_sizes(units[SIZED].sum(axis=0), rng),
        )

    def _mixture(self, segment: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return how much of each segment is in a customer, shape (n_customers, n_segments)."""
        n = len(segment)
        rows = np.arange(n)
        mixed = rng.random(n) < _MIXED * self.overlap
        own = np.where(mixed, rng.uniform(0.5, 1, n), 1.0)
        other = (segment + rng.integers(1, len(SEGMENTS), n)) % len(SEGMENTS)
        mixture = np.zeros((n, len(SEGMENTS)))
        mixture[rows, segment] = own
        mixture[rows, other] = 1 - own
        return mixture

    def _pulled(self, values: np.ndarray) -> np.ndarray:
        """Pull the values of the segments, one a row, towards their mean as they overlap."""
        return values + 0.95 * self.overlap**2 * (_SHARES @ values - values)

    def _behaviour(self, mixture: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        """Return orders, cents an order, recency and span in days: whole numbers."""
        n = len(mixture)
        noise = rng.standard_normal((n, len(_SPREAD))) @ np.linalg.cholesky(_CORRELATION).T
        level = mixture @ self._pulled(_MEDIANS) + noise * _SPREAD * (0.5 + 0.7 * self.overlap)
        level += (rng.random(n) < _WHALES)[:, None] * rng.uniform(0.5, 1.5, (n, 1)) * _WHALE_BOOST
        repeat_orders, value, recency, months = np.exp(level).T
        orders = 1 + rng.poisson(repeat_orders)
        order_cents = np.maximum(np.rint(value * 100), 100).astype(np.int64)
        recency = 1 + np.floor(_softly_capped(recency)).astype(np.int64)
        span = 1 + np.floor(_softly_capped(months * DAYS_PER_MONTH)).astype(np.int64)
        return orders, order_cents, recency, np.where(orders > 1, span, 0)

    def _units(
        self,
        mixture: np.ndarray,
        orders: np.ndarray,
        order_cents: np.ndarray,
        rng: np.random.Generator,
    ) -> np.ndarray:
        """Return the units bought by class, at least one an order, (n_classes, n_customers)."""
        more = orders * (order_cents / 5000) ** 0.6
        # Never more units than cents, so that no unit is free.
        units = np.minimum(orders + rng.poisson(more), orders * order_cents)
        tastes = rng.standard_gamma(_LOYALTY_TO_TASTE * (mixture @ self._pulled(_TASTES)))
        tastes /= tastes.sum(axis=1, keepdims=True)
        chances = np.hstack(
            [
                tastes[:, [place]] * _normalized([item.popularity for item in department.classes])
                for place, department in enumerate(DEPARTMENTS)
            ]
        )
        return np.ascontiguousarray(rng.multinomial(units, chances).T)

    def _features(self, book: Book) -> dict[str, object]:
        """Return identifier, features, label and date."""
        months = book.span / DAYS_PER_MONTH
        return {
            "customer_id": _numbered("CUST_", 5, len(book.orders)),
            "total_purchases": book.orders,
            "total_revenue": book.revenue_cents / 100,
            "avg_order_value": book.order_cents / 100,
            "recency_days": book.recency,
            "frequency_per_month": book.orders / np.maximum(months, 1),
            "customer_lifetime_months": months,
            "return_rate": book.returned_cents / book.revenue_cents,
            "true_segment": _text([segment.name for segment in SEGMENTS]).take(book.segment),
            "signup_date": self._first_order(book).astype("datetime64[us]"),
        }

    def _first_order(self, book: Book) -> np.ndarray:
        """Return the date of each customer's first order."""
        return np.datetime64(self.as_of, "D") - book.recency - book.span

    def _profiles(self, n: int) -> dict[str, list[str]]:
        """Return invented personal data."""
        from faker import Faker  # slow to import, seldom needed

        try:
            fake = Faker(self.locale)
        except AttributeError as error:
            raise ValueError(
                f'locale must be one that Faker knows, such as "en_US"; got {self.locale!r}.'
            ) from error
        fake.seed_instance(self.seed)
        return {
            "name": [fake.name() for _ in range(n)],
            "email": [fake.email() for _ in range(n)],
            "phone": [fake.phone_number() for _ in range(n)],
            "address": [fake.address().replace("\n", ", ") for _ in range(n)],
        }


def _hierarchy(book: Book) -> dict[str, np.ndarray]:
    """Return value and units by department and class, units by age group and size."""
    departments: dict[str, np.ndarray] = {}
    classes: dict[str, np.ndarray] = {}
    start = 0
    for department in DEPARTMENTS:
        name = slug(department.name)
        stop = start + len(department.classes)
        departments[DEPARTMENT_VALUE + name] = book.cents[start:stop].sum(axis=0) / 100
        departments[DEPARTMENT_UNITS + name] = book.units[start:stop].sum(axis=0)
        for place, item in enumerate(department.classes, start):
            part = f"{name}_{slug(item.name)}"
            classes[CLASS_VALUE + part] = book.cents[place] / 100
            classes[CLASS_UNITS + part] = book.units[place]
        start = stop
    ages = {
        f"count_{group}": book.units[[item.age_group == group for _, item in CLASSES]].sum(axis=0)
        for group in AGE_GROUPS
    }
    sizes = {f"count_size_{size}": book.sizes[place] for place, size in enumerate(SIZES)}
    return departments | classes | ages | sizes


def _split(revenue: np.ndarray, units: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Split revenue in cents over the classes bought: at least a cent a unit, exact in sum."""
    weights = np.empty(units.shape)
    for place, (_, item) in enumerate(CLASSES):
        weights[place] = units[place] * item.price * np.exp(rng.normal(0, 0.2, units.shape[1]))
    np.cumsum(weights, axis=0, out=weights)
    weights /= weights[-1]
    weights *= revenue - units.sum(axis=0)
    # Differences of rounded running totals leave no cent over.
    cents = np.diff(np.rint(weights).astype(np.int64), axis=0, prepend=0)
    cents += units
    return cents


def _sizes(garments: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return garments by size, shape (n_sizes, n_customers): most of them in the own size."""
    shares = np.asarray(SIZE_SHARES)
    own = rng.choice(len(SIZES), size=len(garments), p=shares)
    chances = 0.6 * np.eye(len(SIZES)) + 0.4 * shares
    return np.ascontiguousarray(rng.multinomial(garments, chances[own]).T)


def _softly_capped(days: np.ndarray) -> np.ndarray:
    """Bend the few largest numbers below the age of the shop, without a pile at the limit."""
    return _LONGEST_DAYS * np.tanh(days / _LONGEST_DAYS)


def _normalized(weights: list[float]) -> np.ndarray:
    return np.array(weights) / np.sum(weights)


def _text(values: list[str | None]) -> pd.api.extensions.ExtensionArray:
    return pd.array(values, dtype="str")


def _numbered(prefix: str, digits: int, n: int) -> pd.api.extensions.ExtensionArray:
    """Return prefix and number, from 1 to n."""
    numbers = pd.Series(np.arange(1, n + 1)).astype("str").str.zfill(digits)
    return (prefix + numbers).array


def _whole_number(name: str, value: int, minimum: int) -> int:
    """Return an int, or say what is wrong with the argument."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < minimum:
        raise ValueError(f"{name} must be a whole number of at least {minimum}; got {value!r}.")
    return int(value)
