"""People across silos: whom an action reaches, what may be said to whom, and one person's card."""
