"""The stored policies before and after a change that nobody has made yet, compared."""

from corsadmin.proposed_change.change import KINDS, ProposedChange, owner

__all__ = ["KINDS", "ProposedChange", "owner"]
