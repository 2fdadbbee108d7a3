"""Exercises are marked: whether what a reader has written is right, and if not, in which way."""
