"""A second company, without a curated semantic model, for the evaluation."""
