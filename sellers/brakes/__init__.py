"""What slows or stops calls: rate budget, circuit breakers, stop switches, who may write."""
