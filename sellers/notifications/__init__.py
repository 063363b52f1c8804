"""The inbox of notifications, and noticing when none come."""
