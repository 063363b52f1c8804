"""What every listing should show, derived from levels, links, kits and rules."""
