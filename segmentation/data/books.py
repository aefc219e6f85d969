"""The exact books behind generated customers, and order lines that add up to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from segmentation.data.catalogue import DEPARTMENTS, SIZES

CLASSES = [(department, item) for department in DEPARTMENTS for item in department.classes]
SIZED = np.array([item.sized for _, item in CLASSES])


@dataclass(frozen=True, eq=False)
class Book:
    """What customers bought in whole cents, days and units, so that everything adds up.

    Attributes
    ----------
    segment, orders, order_cents, recency, span, returned_cents : int arrays (n_customers,)
        Place in `SEGMENTS`, number of orders, average cents of one, days from the last order to
        the as-of date, days from the first order to the last, cents of returned goods.
    units, cents : int arrays of shape (n_classes, n_customers)
        By class, in the order of `CLASSES`.
    sizes : int array of shape (n_sizes, n_customers)
        Units of sized classes, in the order of `SIZES`.
    """

    segment: np.ndarray
    orders: np.ndarray
    order_cents: np.ndarray
    recency: np.ndarray
    span: np.ndarray
    returned_cents: np.ndarray
    units: np.ndarray
    cents: np.ndarray
    sizes: np.ndarray

    @property
    def revenue_cents(self) -> np.ndarray:
        """Cents of all sales, before returns."""
        return self.orders * self.order_cents


def order_lines(book: Book, rng: np.random.Generator) -> pd.DataFrame:
    """Return order lines that add up to the books.

    Returns
    -------
    DataFrame of shape (n_lines, 7)
        customer, order (numbered over all customers), day (since the customer's first order),
        item (place in `CLASSES`), size (place in `SIZES` from 1, or 0), quantity (-1 if
        returned), price (cents a unit). Sales come first.
    """
    sales = _sales(book, rng)
    lines = pd.concat([sales, _returns(book, sales, rng)], ignore_index=True)
    customer, days = _orders(book, rng)
    order = lines["order"].to_numpy()
    return lines.assign(customer=customer[order], day=days[order])


def _orders(book: Book, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return customer and day of each order, customer by customer in the order of time."""
    customer = np.repeat(np.arange(len(book.orders)), book.orders)
    last = np.cumsum(book.orders) - 1
    days = rng.integers(0, book.span[customer] + 1)
    days[last] = book.span
    days[last - book.orders + 1] = 0
    return customer, days[np.lexsort((days, customer))]


def _sales(book: Book, rng: np.random.Generator) -> pd.DataFrame:
    """Return customer, order, item, size, quantity and price of what was sold."""
    # A cell is a class of a customer: customer x n_classes + class.
    cell = np.repeat(np.arange(book.units.size), book.units.T.ravel())
    cell = cell[_shuffled_within(cell // len(CLASSES), rng)]
    customer, item = np.divmod(cell, len(CLASSES))
    # The first units of a customer go to the orders one by one, so that none stays empty.
    place = np.arange(len(customer)) - np.searchsorted(customer, customer)
    orders = book.orders[customer]
    place = np.where(place < orders, place, rng.integers(0, orders))
    # One unit of each cell stands alone: it takes up the cents that division leaves over.
    alone = np.zeros(len(cell), dtype=bool)
    alone[np.unique(cell, return_index=True)[1]] = True
    units = pd.DataFrame(
        {
            "customer": customer,
            "order": (np.cumsum(book.orders) - book.orders)[customer] + place,
            "item": item,
            "size": _sizes_of(item, book, rng),
            "alone": alone,
        }
    )
    lines = units.groupby(list(units)).size().rename("quantity").reset_index()
    return lines.assign(price=_prices(lines, book, rng)).drop(columns="alone")


def _sizes_of(item: np.ndarray, book: Book, rng: np.random.Generator) -> np.ndarray:
    """Return the size of each unit, 1 to n_sizes, or 0 for what has none; customers in order."""
    cell = np.repeat(np.arange(book.sizes.size), book.sizes.T.ravel())
    cell = cell[_shuffled_within(cell // len(SIZES), rng)]
    sizes = np.zeros(len(item), dtype=np.int64)
    sizes[SIZED[item]] = 1 + cell % len(SIZES)
    return sizes


def _prices(lines: pd.DataFrame, book: Book, rng: np.random.Generator) -> np.ndarray:
    """Return cents a unit that vary from line to line and add up to the cents of each cell."""
    units, cents = book.units.T.ravel(), book.cents.T.ravel()
    cell = (lines["customer"] * len(CLASSES) + lines["item"]).to_numpy()
    quantity, alone = lines["quantity"].to_numpy(), lines["alone"].to_numpy()
    weight = np.exp(rng.normal(0, 0.15, len(lines)))
    total = np.bincount(cell, quantity * weight, minlength=len(units))[cell]
    price = 1 + np.floor((cents - units)[cell] * weight / total).astype(np.int64)
    sold = np.bincount(cell, quantity * price, minlength=len(units)).astype(np.int64)
    price[alone] += (cents - sold)[cell[alone]]
    return price


def _returns(book: Book, sales: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return lines of minus one unit, drawn from the sold ones, up to the cents returned."""
    sold = sales.loc[sales.index.repeat(sales["quantity"])]
    sold = sold.iloc[_shuffled_within(sold["customer"].to_numpy(), rng)]
    customer, price = sold["customer"].to_numpy(), sold["price"].to_numpy()
    running = np.cumsum(price) - price
    before = running - running[np.searchsorted(customer, customer)]
    refund = np.clip(book.returned_cents[customer] - before, 0, price)
    return sold.assign(quantity=-1, price=refund)[refund > 0]


def _shuffled_within(group: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return positions that shuffle the members of each group and keep the groups in order."""
    return np.lexsort((rng.random(len(group)), group))
