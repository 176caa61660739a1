"""The receipt's bytes beside the bytes that crossed the wire."""
