"""Safety nets: reconciliation over windows, missed feeds, and the rows that tell of them."""
