"""From a request to a decision, and how a change reaches every process."""
