"""Runs in a container: what honest homework does; prints `fine`."""

import asyncio
import concurrent.futures
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

rng = np.random.default_rng(0)
matrix = rng.standard_normal((300, 300))

results = []
threads = [threading.Thread(target=lambda: results.append(matrix @ matrix)) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(results) == 3
np.linalg.svd(matrix[:50])

child = os.fork()
if child == 0:
    os._exit(0 if np.allclose(matrix @ matrix, results[0]) else 1)
assert os.waitpid(child, 0)[1] == 0
subprocess.run([sys.executable, "-c", "import numpy"], check=True)

with concurrent.futures.ThreadPoolExecutor(2) as pool:
    assert list(pool.map(abs, [-1, -2])) == [1, 2]
asyncio.run(asyncio.sleep(0.001))

here, there = socket.socketpair()
here.sendall(b"x")
assert there.recv(1) == b"x"

folder = Path(tempfile.mkdtemp())
np.save(folder / "a.npy", matrix)
shutil.copy2(folder / "a.npy", folder / "b.npy")
assert np.array_equal(np.load(folder / "b.npy", mmap_mode="r"), matrix)
os.mkfifo(folder / "pipe")
shutil.rmtree(folder)

rang = []
signal.signal(signal.SIGALRM, lambda *_: rang.append(True))
signal.setitimer(signal.ITIMER_REAL, 0.01)
while not rang:
    time.sleep(0.01)

try:
    import torch
except ModuleNotFoundError:
    pass
else:
    model = torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3), torch.nn.Flatten(), torch.nn.Linear(144, 2)
    )
    optimizer = torch.optim.Adam(model.parameters())
    torch.nn.functional.cross_entropy(
        model(torch.randn(8, 1, 8, 8)), torch.ones(8).long()
    ).backward()
    optimizer.step()
    torch.set_num_threads(2)
    assert (torch.ones(400, 400) @ torch.ones(400, 400)).sum() == 400**3
    child = os.fork()
    if child == 0:
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0

print("fine")
