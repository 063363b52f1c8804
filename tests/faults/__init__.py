"""What happens when a process dies, or something else happens, at every place where it matters."""
