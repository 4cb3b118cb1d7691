"""Charts of calls and of ending origins, rendered on the server as SVG without scripts."""
