"""Part: whether TF32, determinism and the environment are what the result says."""

import traceback

from bench import Bench, words
from part import Part, first_line

PROBE = """
import os
import torch

def error(wanted, got):
    return float(((got.double() - wanted).abs().max() / wanted.abs().max()).item())

def products(device):
    a, b = torch.randn(1024, 1024, device=device), torch.randn(1024, 1024, device=device)
    image = torch.randn(8, 64, 32, 32, device=device)
    kernel = torch.randn(64, 64, 3, 3, device=device)
    conv = torch.nn.functional.conv2d
    return (
        error(a.double() @ b.double(), a @ b),
        error(conv(image.double(), kernel.double()), conv(image, kernel)),
    )

def sums(device):
    # Atomic additions in any order give other last bits from run to run.
    index = torch.randint(0, 8, (2**18,), device=device)
    values = torch.randn(2**18, 4, device=device)
    runs = [torch.zeros(8, 4, device=device).index_add_(0, index, values) for _ in range(8)]
    return sum(not torch.equal(runs[0], run) for run in runs)

def probe(device):
    torch.manual_seed(1)
    told = {"initialised before": torch.cuda.is_initialized()}
    told["matmul"], told["conv"] = products(device)
    told["different sums"] = sums(device)
    told["deterministic"] = torch.are_deterministic_algorithms_enabled()
    told["workspace"] = os.environ.get("CUBLAS_WORKSPACE_CONFIG", "")
    told["tf32"] = [torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32]
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    told["matmul with TF32"], told["conv with TF32"] = products(device)
    torch.use_deterministic_algorithms(False)
    told["different sums without determinism"] = sums(device)
    if device == "cuda":
        properties = torch.cuda.get_device_properties(0)
        told["name"], told["memory"] = properties.name, properties.total_memory // 2**20
    return told
"""


def main() -> None:
    """One probe, read against what the result says of itself."""
    part = Part()
    check = part.record.check
    with Bench("probe", part.device, ahead=1) as bench:
        result = bench.grade(PROBE)
        said = dict(result.provenance.environment)
        if result.outcome.value != "passed":
            check("the probe", "passed", words(result))
            return
        import json

        told = json.loads(result.tests[0].message)
    part.record.measure("the probe", "told", told=told, environment=said)
    check(
        "what the result says: TF32, determinism, workspace",
        "off yes :4096:8",
        " ".join(said.get(name, "?") for name in ("TF32", "deterministic", "cuBLAS workspace")),
    )
    check(
        "flags in the worker",
        [[False, False], True, ":4096:8"],
        [told["tf32"], told["deterministic"], told["workspace"]],
    )
    check("CUDA before the submission's code", False, told["initialised before"])
    check("device of the result", part.device, result.provenance.device)
    for name in ("matmul", "conv"):
        error = told[name]
        check(f"float32 {name}: relative error", "under 1e-5", f"{error:.1e}", error < 1e-5)
    check("equal sums by index_add_", 0, told["different sums"])
    if not part.needs_card("with TF32 the error would be seen", "GPU of the result"):
        return
    for name in ("matmul", "conv"):
        error = told[f"{name} with TF32"]
        check(f"tripwire: float32 {name} with TF32", "over 1e-5", f"{error:.1e}", error > 1e-5)
    without = told["different sums without determinism"]
    part.record.measure("runs of 7 that differ without determinism", without)
    check("GPU of the result", told["name"], said.get("GPU"))
    check("GPU by NVML", part.card.name(), said.get("GPU"))
    check("memory of the result", f"{told['memory']} MB", said.get("GPU memory"))
    import torch

    check(
        "CUDA and cuDNN of the result",
        f"{torch.version.cuda} {torch.backends.cudnn.version()}",
        f"{said.get('CUDA')} {said.get('cuDNN')}",
    )
    part.record.measure("driver of the result", said.get("driver"))


if __name__ == "__main__":
    try:
        main()
    except Exception as problem:
        traceback.print_exc()
        raise SystemExit(first_line(problem)) from problem
