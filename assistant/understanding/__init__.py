"""Reads a question without a chat model: its words, periods, metrics, dimensions and values."""
