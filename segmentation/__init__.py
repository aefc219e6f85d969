"""Find, judge, name and hand over customer segments."""

from segmentation.data.dataset import Dataset
from segmentation.data.features import build_customer_features
from segmentation.data.generator import RetailDataGenerator
from segmentation.data.reader import read_dataset
from segmentation.data.schema import DataError
from segmentation.enrichment.enrichment import ClusterEnrichment
from segmentation.methods.fuzzy import FuzzyCustomerSegmentation
from segmentation.methods.gmm import GMMCustomerSegmentation
from segmentation.methods.kmeans import KMeansCustomerSegmentation
from segmentation.methods.neural import NeuralCustomerSegmentation
from segmentation.methods.registry import METHODS
from segmentation.methods.result import SegmentationResult

__version__ = "0.1.0"

__all__ = [
    "METHODS",
    "ClusterEnrichment",
    "DataError",
    "Dataset",
    "FuzzyCustomerSegmentation",
    "GMMCustomerSegmentation",
    "KMeansCustomerSegmentation",
    "NeuralCustomerSegmentation",
    "RetailDataGenerator",
    "SegmentationResult",
    "build_customer_features",
    "read_dataset",
]
