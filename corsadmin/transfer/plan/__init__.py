"""From records to changed rows: check, stage, compare, plan, apply."""
