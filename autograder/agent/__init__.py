"""The untrusted side: a fork server (PID 1 of the container) and one worker per test.

Imports numpy, msgspec and `autograder.protocol` alone, and never sees the name of a test, a seed
or an expected value. Treat all of it as captured from the first instruction of a submission.
"""
