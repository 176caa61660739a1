"""Links the real systems declare, looked for with the declarations hidden."""
