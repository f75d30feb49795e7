"""Grades many submissions at once."""
