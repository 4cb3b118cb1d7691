"""Pictures of what callers did and of what ends, made on the server as SVG without script."""
