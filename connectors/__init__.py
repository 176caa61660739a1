"""The only door to data: reach a silo, check a query, split it, run it."""
