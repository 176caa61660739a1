"""Ten plans written by hand, and how near the planner comes to their bytes."""
