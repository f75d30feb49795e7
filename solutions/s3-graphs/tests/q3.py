from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = None

@test_case(points=None, hidden=False)
def test_order(Node, topological_order):
    x = Node(1.0)
    u = x + x
    long_way = u + x + x + u
    y = u + long_way
    order = topological_order(y)
    assert isinstance(order, list), f'{type(order).__name__}, expected a list of nodes'
    values = [float(node.data) for node in order]
    assert len(order) == len({id(node) for node in order}), f'a node is listed twice: {values}'
    assert len(order) == 6, f'{len(order)} nodes, expected 6: x, u, three of the long way, y'
    assert order[-1] is y, 'the root comes last'
    places = {id(node): i for i, node in enumerate(order)}
    for node in order:
        for operand, _ in node.edges:
            assert places[id(operand)] < places[id(node)], f'the node of value {float(node.data)} stands before its operand of value {float(operand.data)}; the order is {values}'

@test_case(points=None, hidden=False)
def test_diamonds(Node, topological_order):
    x = Node(1.0)
    for _ in range(12):
        x = x + x
    order = topological_order(x)
    assert len(order) == 13, f'{len(order)} nodes in 12 diamonds, expected 13: each node only once'

@test_case(points=None, hidden=False)
def test_horner(Node, horner, expect):
    y = horner(Node([2.0, -1.0, 0.0]), [3.0, 5.0, 7.0])
    expect(y.data, [29.0, 5.0, 7.0], '3x² + 5x + 7 at 2, -1 and 0')

@test_case(points=None, hidden=False)
def test_a_long_chain(Node, horner, topological_order, expect):
    x = Node(1.0)
    y = horner(x, [1.0] * 2501)
    expect(y.data, 2501.0, 'x²⁵⁰⁰ + … + x + 1 at 1')
    try:
        order = topological_order(y)
    except RecursionError:
        raise AssertionError('too deep for recursion: keep a stack in a list instead') from None
    assert any((node is x for node in order)), 'x is missing: the root was computed from it'
    assert order[-1] is y, 'the root comes last'
