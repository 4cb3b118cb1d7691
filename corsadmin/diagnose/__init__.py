"""Say what a policy answers, what is wrong with it, and what a live server really does."""
