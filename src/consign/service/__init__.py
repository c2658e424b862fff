"""The composition root: the one place that knows every part and how they fit together."""

from consign.service.running import run_service, running_service, serve

__all__ = ["run_service", "running_service", "serve"]
