"""Rows a second and memory, from silo to answer, beside the raw drivers."""
