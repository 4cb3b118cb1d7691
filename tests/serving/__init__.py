"""How a change reaches every process: on real databases, with faults."""
