"""What the dashboard's pages show, each page in a fixed number of queries."""
