"""The books of every sale, and the live totals that go with them."""
