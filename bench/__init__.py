"""How fast Pathway Explainer is, next to others that know the same: `make bench`, and docs/bench.md."""
