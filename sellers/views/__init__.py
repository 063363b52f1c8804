"""Pages of the connection: connecting, actions on a seller, notifications."""
