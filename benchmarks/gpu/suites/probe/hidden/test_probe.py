"""1 point for whoever answers: what a submission finds in its worker, told in the note."""

import json

import pytest


@pytest.mark.points(1)
def test_probe(student, note, device):
    """probe: a dict of plain values."""
    note(json.dumps(student.probe(device)))
