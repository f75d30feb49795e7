"""What people ask the grader to do: the only place where engines, store and reports meet."""
