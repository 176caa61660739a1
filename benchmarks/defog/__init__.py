"""Public questions with gold SQL, each database spread over four kinds of silos."""
