"""Real Postgres and NATS servers as children of this process, over one data directory."""
