"""What Mercado Libre is known to refuse, told before it is asked. Pure: an item and what is wanted in, refusals out.

A check that says nothing is no promise that ML will agree; one that says something is a call saved.
"""

from mercadolibre.checks.full import check_full
from mercadolibre.checks.package import Package, attributes_of_package, check_package, package_of
from mercadolibre.checks.refusal import Refusal
from mercadolibre.checks.values import check_values

__all__ = [
    "Package", "Refusal", "attributes_of_package", "check_full", "check_package", "check_values", "package_of",
]  # fmt: skip
