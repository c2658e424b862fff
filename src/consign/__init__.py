"""consign: consignment sale events as an event-sourced service."""
