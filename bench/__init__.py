"""What `make bench` measures: ratios between this engine and what the same machine can do at best."""
