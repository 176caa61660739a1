"""Why did a figure move? Is the change real, who drives it, does other data confirm it."""
