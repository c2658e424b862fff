"""The composition root: the one place that knows every part and how they fit together."""

from consign.service.process import Service, run_service, running_service, serve

__all__ = ["Service", "run_service", "running_service", "serve"]
