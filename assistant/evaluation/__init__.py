"""Measures how well questions are answered: question files, runs, scores, comparisons, reports."""
