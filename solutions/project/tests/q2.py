from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=None, hidden=False)
def test_the_claims_hold_with_a_new_seed(rerun, problems, Path, json):
    assert Path('metrics.json').is_file(), 'metrics.json is still blank: run reproduce.py first'
    claimed = json.loads(Path('metrics.json').read_text())
    assert problems(claimed) == '', 'metrics.json is wrong: ' + problems(claimed)
    new = {claim['id']: claim['value'] for claim in rerun(2027)['claims']}
    for claim in claimed['claims']:
        id, value, tolerance = (claim['id'], claim['value'], claim['tolerance'])
        assert id in new, f'the new run makes no claim {id}'
        assert abs(new[id] - value) <= tolerance, f'{id}: claimed {value:g} ± {tolerance:g}, measured {new[id]:g} with seed 2027'
