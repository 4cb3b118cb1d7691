"""Figures as a scrape finds them, and the page that names them."""

from prometheus_client import CollectorRegistry

from tests.servers import ROOT

STRANGER = "https://app.stranger.example"
MONITORING = (ROOT / "docs" / "operations" / "monitoring.md").read_text(encoding="utf-8")


def figure(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(f"corsadmin_{name}", labels)
