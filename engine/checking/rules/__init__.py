"""One module for each family of violations: `(Alignment) -> Iterator[Violation]`, pure and independent of each other."""
