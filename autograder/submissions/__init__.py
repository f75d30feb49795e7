"""Intake: what a student handed in, copied, checked and reduced to what grading needs.

    discovery.py   paths on the command line -> one (student, path) per submission
    intake.py      path -> Submission, or Rejection with a reason for the student
    files.py         copies a file or folder from disk, without following links
    archive.py       unpacks a zip in memory
    notebook.py      reduces a notebook to the sources of its code cells
    names.py         which file names are safe, distinct, relevant
    rejection.py     the refusal, as an exception inside and a value outside

Bytes are read here; Python is never parsed and nothing is ever executed.
"""
