"""Audit files: stored rows, and who added, changed and accepted each. No import reads them."""
