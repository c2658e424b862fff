"""The composition root: the one place that knows every part and how they fit together."""

from consign.service.running import running_service, serve

__all__ = ["running_service", "serve"]
