"""The catalog at scale: 30 real systems with 1,440 tables, refreshed and searched."""
