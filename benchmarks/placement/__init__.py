"""The long run of placement invariance: random queries, random placements, real servers."""
