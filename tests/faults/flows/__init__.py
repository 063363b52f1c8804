"""The flows in which a process dies: what happened before, what it does, what people do once more."""
