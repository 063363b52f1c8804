"""New listings with stock by warehouse."""
