"""`python -m autograder.agent (--connect SOCKET | --fd N) --scratch FOLDER [--warm MODULE…]`."""

import argparse
import gc
import importlib
import socket
from pathlib import Path

import autograder
from autograder.agent import gpu
from autograder.agent.environment import describe, settle
from autograder.agent.processes import harden_server
from autograder.agent.server import Server
from autograder.protocol.connection import Connection, frame
from autograder.protocol.messages import Ready, encode


def main() -> None:
    """Warm up, connect, serve until the examiner hangs up."""
    parser = argparse.ArgumentParser(prog="autograder.agent")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--connect", type=Path, help="Unix socket of the launcher")
    where.add_argument("--fd", type=int, help="an inherited, connected socket")
    parser.add_argument("--scratch", type=Path, required=True, help="the workers' writable folder")
    parser.add_argument("--warm", nargs="*", default=["numpy"], help="modules imported beforehand")
    parser.add_argument("--gpu", action="store_true", help="workers compute on a GPU")
    options = parser.parse_args()

    libraries = [importlib.import_module(name) for name in options.warm]
    environment, fault = describe(libraries), ""
    for module in libraries:
        if module.__name__ == "torch":
            # A forked child hangs in OpenMP if its parent has used more than one thread.
            module.set_num_threads(1)
            # The first optimizer imports it: 1.4 s of CPU, in the worker of each test anew.
            importlib.import_module("torch._dynamo")
            environment += settle(module)
    if options.gpu:
        try:
            environment += gpu.ask()
        except gpu.NoGpu as problem:
            fault = str(problem)

    if options.connect:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.connect(str(options.connect))
    else:
        sock = socket.socket(fileno=options.fd)
    harden_server()
    gc.freeze()  # a collection in a worker would copy every page of what was imported here
    connection = Connection(sock)
    connection.send(frame(encode(Ready(autograder.__version__, environment, fault))))
    if not fault:
        Server(connection, options.scratch).serve()


if __name__ == "__main__":
    main()
