# ruff: noqa: F401 (what the rows use)
import os
import signal
import socket
import struct
import sys
import threading
import time

from autograder.protocol.connection import frame
from autograder.protocol.messages import Exited, Reply, encode
from autograder.protocol.values import Array, Handle


def on_the_stack(name):
    at = sys._getframe()
    while name not in at.f_locals:
        at = at.f_back
    return at.f_locals[name]


def worker():
    """The object that serves this process, found where it stands on the stack."""
    at = sys._getframe()
    while type(at.f_locals.get("self")).__name__ != "Worker":
        at = at.f_back
    return at.f_locals["self"]


def link():
    return worker()._connection.socket


def nonce():
    return on_the_stack("request").nonce


def raw(header, *buffers):
    return frame(header, buffers)


def reply(*values, buffers=()):
    return frame(encode(Reply(nonce(), values)), buffers)


def fork(child):
    pid = os.fork()
    if pid == 0:
        try:
            child()
        finally:
            os._exit(0)
    return pid
