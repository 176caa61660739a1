"""What data exists where, what it means and how it links."""
