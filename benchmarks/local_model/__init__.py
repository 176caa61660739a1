"""A real llama.cpp server with a small model, against the client and the product."""
