"""View data built from Case and Report, and the Qt models that carry it."""
