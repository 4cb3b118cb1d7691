"""What a change that nobody has made yet would make of the stored policies."""

from corsadmin.proposed_change.change import KINDS, ProposedChange, owner

__all__ = ["KINDS", "ProposedChange", "owner"]
