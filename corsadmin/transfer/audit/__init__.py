"""Audit files: stored rows with who added, changed and accepted each. No import reads them."""
