"""The calls of the API, one method each, by subject. `client.Client` is all of them together."""
