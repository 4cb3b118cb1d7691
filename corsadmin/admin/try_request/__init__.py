"""Try a request and see, step by step, how the policy answers it."""
