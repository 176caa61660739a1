"""What a model's SQL is checked for, and put right, before anything runs."""

from assistant.checks.review import Review, Reviewer

__all__ = ["Review", "Reviewer"]
