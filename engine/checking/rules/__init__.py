"""One module for each family of violations.

Each is `check(Alignment) -> Iterator[Violation]`, pure and independent of the others.
"""
