"""The one list of methods: forms, pages, command line and contract tests iterate over it."""

from __future__ import annotations

from segmentation.methods.base import CustomerSegmentation
from segmentation.methods.fuzzy import FuzzyCustomerSegmentation
from segmentation.methods.gmm import GMMCustomerSegmentation
from segmentation.methods.kmeans import KMeansCustomerSegmentation
from segmentation.methods.neural import NeuralCustomerSegmentation

METHODS: dict[str, type[CustomerSegmentation]] = {
    method.spec.key: method
    for method in (
        FuzzyCustomerSegmentation,
        NeuralCustomerSegmentation,
        GMMCustomerSegmentation,
        KMeansCustomerSegmentation,
    )
}
