from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=None, hidden=False)
def test_it_runs_and_can_be_repeated(rerun, problems):
    first, second, other = (rerun(11), rerun(11), rerun(12))
    assert problems(first) == '', 'what reproduce.py writes is wrong: ' + problems(first)
    assert first['seed'] == 11, f"the file says seed {first['seed']}, expected the one of --seed"
    assert first == second, 'two runs with one seed differ: is all randomness made from the seed?'
    assert first['claims'] != other['claims'], 'two seeds give the same numbers: is it used?'
