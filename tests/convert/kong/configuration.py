"""Configurations of Kong, put together."""


def cors(**config):
    return {"name": "cors", "config": config}


def route(*paths, **keys):
    plugins = keys.pop("plugins", [])
    name = keys.pop("name", "one")
    return {"name": name, "paths": list(paths), "strip_path": False, "plugins": plugins, **keys}


def document(*routes, plugins=(), **keys):
    """Return a configuration with one service."""
    service = {"name": "shop", "routes": list(routes), **keys}
    return {"_format_version": "3.0", "services": [service], "plugins": list(plugins)}


APP = {"origins": ["https://app.example.com", "https://x.example.org:443/path"]}
