"""What hostile submissions begin with: the card's memory past torch, by the driver itself."""

RAW = '''
import ctypes
import torch

def driver():
    torch.ones(1, device="cuda")  # makes the context that is current from here on
    library = ctypes.CDLL("libcuda.so.1")
    library.cuMemAlloc_v2.argtypes = [ctypes.POINTER(ctypes.c_uint64), ctypes.c_size_t]
    library.cuMemFree_v2.argtypes = [ctypes.c_uint64]
    return library

def malloc(library, size):
    """The address, or 0 where the card has no more."""
    pointer = ctypes.c_uint64()
    return pointer.value if library.cuMemAlloc_v2(ctypes.byref(pointer), size) == 0 else 0

def view(address, count):
    """int32 values that lie there, as a tensor."""
    class Memory:
        __cuda_array_interface__ = {
            "shape": (count,), "typestr": "<i4", "data": (address, False), "version": 3,
        }
    return torch.as_tensor(Memory(), device="cuda")

def most(block, take):
    """MiB that `take(bytes)` gives, block by block, until it raises or returns nothing."""
    got = 0
    try:
        while take(block):
            got += block
    except RuntimeError:
        pass
    return got // 2**20
'''
