"""What a why-question costs on the demo."""
