# %% [raw]
# # ASSIGNMENT CONFIG
# init_cell: true
# export_cell: false
# generate: true
# tests:
#   files: true
#   ok_format: false

# %% [markdown]
# # Project · Reproduce a result of a paper
#
# A paper claims something and shows numbers. You build the experiment anew, from the text, and find
# out whether the claim holds. That is how a field learns what it knows, and it is the best way to
# understand a paper: nobody notices what a text leaves out until it has to run.
#
# You hand in one zip archive with three files, and whatever `reproduce.py` needs besides:
#
# | file | what it is | who marks it |
# |---|---|---|
# | `reproduce.py` | the experiment: `python reproduce.py --seed 7 --out metrics.json` | the grader runs it with a seed that nobody has seen |
# | `metrics.json` | your claims: numbers, each with a tolerance, written by `reproduce.py` | the grader compares them with its own run |
# | `report.md` (or `report.pdf`) | what you asked, did, found and conclude, 2 to 4 pages | a person, with the rubric below |
#
# The new run counts two fifths of the project, the report three fifths.

# %%
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

# %% [markdown]
# ## The default question: do large batches generalise worse?
#
# Training on batches of 500 instead of 10 uses the machine better. Keskar and others (*On
# large-batch training for deep learning: generalization gap and sharp minima*, 2016) observed that
# it costs accuracy on new data, although the training set is fitted just as well. Their table, for
# six networks, in percent (SB: small batches of 256 objects; LB: a tenth of the training set):

# %%
table = {  # training SB, training LB, test SB, test LB
    "$F_1$": (99.66, 99.92, 98.03, 97.81),
    "$F_2$": (99.99, 98.35, 64.02, 59.45),
    "$C_1$": (99.89, 99.66, 80.04, 77.26),
    "$C_2$": (99.99, 99.99, 89.24, 87.26),
    "$C_3$": (99.56, 99.88, 49.58, 46.45),
    "$C_4$": (99.10, 99.57, 63.08, 57.81),
}
_, panels = plt.subplots(1, 2, figsize=(10, 3), sharey=True)
for panel, (title, small, large) in zip(panels, [("training", 0, 1), ("test", 2, 3)], strict=True):
    for i, row in enumerate(table.values()):
        panel.plot([row[large], row[small]], [i, i], color="0.7", zorder=0)
        panel.scatter(row[small], i, color="C0", label="small batches" if i == 0 else None)
        panel.scatter(row[large], i, color="C1", label="large batches" if i == 0 else None)
    panel.set(title=title, xlabel="accuracy, %", yticks=range(6), yticklabels=table)
panels[0].legend(loc="lower left")
plt.tight_layout()
plt.show()

# %% [markdown]
# On the left both are close to 100 %; on the right the blue dots are ahead of the orange ones, each
# time. Whether that is because large batches end in *sharp* minima, as the authors say, or because
# they take fewer steps in the same number of epochs, has been argued about since. A good report has
# an opinion, and numbers for it.
#
# **You are free to take another result** that a laptop can reproduce in a minute: momentum on a
# ravine, vanishing gradients with depth, dropout against overfitting, batch normalisation and the
# learning rate, adversarial examples, double descent … Agree on it with your instructor first.
#
# ## What is agreed on in this project
#
# 1. `reproduce.py` defines `main(seed, out)`: it runs the experiment with the integer `seed` and
#    writes the results to the path `out`. Whoever calls it twice gets two files. Started as a
#    program it takes `--seed` and `--out` and does the same.
# 2. **Everything random comes from the seed**: the same seed gives the same numbers, another seed
#    gives others. `np.random.default_rng(seed)` and generators spawned from it, never the global
#    state of `np.random`.
# 3. One call of `main` ends within **60 seconds** on one core and within 1 GB. The sandbox has
#    Python and numpy, no network and no data sets: make the data, or bring a small file along. Helper
#    modules beside `reproduce.py` travel with it.
# 4. The file is JSON of exactly this form, and nothing else stands in it:
#
#    ```json
#    {
#      "paper": "Keskar et al., On large-batch training for deep learning (2016)",
#      "seed": 7,
#      "claims": [
#        {"id": "gap", "statement": "small batches generalise better", "value": 0.02, "tolerance": 0.015}
#      ]
#    }
#    ```
#
#    `id` is made of `a-z`, `0-9` and hyphens, and is the same in every run; `value` and `tolerance`
#    are finite numbers.
# 5. There are **three claims or more**. A claim *holds* in a new run when
#    $|\text{new value} - \text{value}| \le \text{tolerance}$. A tolerance is above 0 and at most
#    0.03, or a fifth of $|\text{value}|$ where that is more: a claim that nothing can refute is none.
# 6. The `metrics.json` that you hand in was written by the `reproduce.py` that you hand in.
#
# **How wide is a tolerance?** Run ten seeds and look at their standard deviation $s$. Your number and
# the grader's differ by about $\sqrt 2\, s$; with a tolerance of $5 s$ around a value from the middle
# of your ten, an honest claim practically never fails. If $5s$ is too wide to be allowed, average
# over more repetitions inside of `main`: the mean of $n$ has a deviation of $s/\sqrt n$.

# %%
generator = np.random.default_rng(4)
runs = generator.normal(0.02, 0.004, size=10)
middle, spread = np.median(runs), runs.std(ddof=1)
_, axes = plt.subplots(figsize=(9, 1.9))
axes.axvspan(
    middle - 5 * spread, middle + 5 * spread, color="C2", alpha=0.15, label="claim: middle ± 5 s"
)
axes.scatter(runs, np.zeros(10), color="C0", label="ten seeds of yours", zorder=3)
axes.scatter(
    generator.normal(0.02, 0.004, size=1),
    [0],
    marker="*",
    s=150,
    color="C3",
    label="the grader's seed",
    zorder=3,
)
axes.axvline(0, color="0.5", linestyle=":")
axes.set(yticks=[], xlabel="gap between small and large batches", ylim=(-1, 1))
axes.legend(loc="upper left", ncol=3, fontsize=8)
plt.tight_layout()
plt.show()

# %% [markdown]
# This claim also says something: its interval lies above 0 only if the effect is larger than the
# noise. If it does not, that is a result too. Say so in the report.
#
# **What the grader looks at** (100 points): the handed-in file follows the schema (10), has enough
# claims (5) with tolerances that can be missed (15); the new run writes a valid file with its seed
# to the given path (10), makes the same claims (10), of which half (15) and all (15) hold; the same
# seed gives the same numbers (10), another seed others (10).

# %% [raw]
# # BEGIN QUESTION
# name: q1

# %% [markdown]
# ## q1 · reproduce.py
#
# Open `reproduce.py`, which lies beside this notebook, and write `experiment`: the rest of the file
# turns its numbers into claims. The check below starts your program twice with one seed and once with
# another, and reads what it writes.


# %%
def rerun(seed, folder="."):
    """What `reproduce.py --seed SEED` writes, as a dict."""
    script = Path(folder) / "reproduce.py"
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "out.json"
        command = [sys.executable, str(script), "--seed", str(seed), "--out", str(out)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        said = done.stderr.strip().splitlines()
        assert done.returncode == 0, "reproduce.py ended with an error: " + (said or ["?"])[-1]
        assert out.is_file(), "reproduce.py wrote nothing to the path after --out"
        return json.loads(out.read_text())


def problems(metrics):
    """What is wrong with the content of a metrics.json; an empty string if nothing is."""
    if not isinstance(metrics, dict) or set(metrics) != {"paper", "seed", "claims"}:
        return "the file needs exactly the fields paper, seed and claims"
    if type(metrics["seed"]) is not int:
        return "seed is not an integer"
    if len(metrics["claims"]) < 3:
        return f"there are {len(metrics['claims'])} claims, expected three or more"
    for claim in metrics["claims"]:
        if set(claim) != {"id", "statement", "value", "tolerance"}:
            return f"the claim {claim} needs exactly the fields id, statement, value, tolerance"
        value, tolerance = claim["value"], claim["tolerance"]
        if not (math.isfinite(value) and 0 < tolerance <= max(0.03, abs(value) / 5)):
            return f"the claim {claim['id']} has value {value} and tolerance {tolerance}"
    return ""


# %% [raw]
# # BEGIN TESTS


# %%
def test_it_runs_and_can_be_repeated(rerun, problems):
    first, second, other = rerun(11), rerun(11), rerun(12)
    assert problems(first) == "", "what reproduce.py writes is wrong: " + problems(first)
    assert first["seed"] == 11, f"the file says seed {first['seed']}, expected the one of --seed"
    assert first == second, "two runs with one seed differ: is all randomness made from the seed?"
    assert first["claims"] != other["claims"], "two seeds give the same numbers: is it used?"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q2

# %% [markdown]
# ## q2 · metrics.json
#
# When your experiment says what you want to claim, run ten seeds, choose values and tolerances, and
# write the file: `python reproduce.py --seed 3 --out metrics.json`. The check runs a new seed.

# %% [raw]
# # BEGIN TESTS


# %%
def test_the_claims_hold_with_a_new_seed(rerun, problems, Path, json):
    assert Path("metrics.json").is_file(), "metrics.json is still blank: run reproduce.py first"
    claimed = json.loads(Path("metrics.json").read_text())
    assert problems(claimed) == "", "metrics.json is wrong: " + problems(claimed)
    new = {claim["id"]: claim["value"] for claim in rerun(2027)["claims"]}
    for claim in claimed["claims"]:
        id, value, tolerance = claim["id"], claim["value"], claim["tolerance"]
        assert id in new, f"the new run makes no claim {id}"
        assert abs(new[id] - value) <= tolerance, (
            f"{id}: claimed {value:g} ± {tolerance:g}, measured {new[id]:g} with seed 2027"
        )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# ## The report
#
# `report.md` beside this notebook is an outline. A person reads the report and marks it like this;
# each criterion has a level, and a comment that you get to read:
#
# | criterion | most points | what the best level looks like |
# |---|---|---|
# | the question and the claim of the paper | 15 | clear, and why it matters is argued |
# | what was done | 25 | could be repeated from the text; each change against the paper is justified |
# | numbers and their spread | 30 | several seeds, a fair baseline, a picture that shows it |
# | what follows | 20 | supported by the numbers, with limits and what did not work |
# | text and code | 10 | a pleasure to read; the code as well |
#
# A result that *contradicts* the paper earns as much as one that confirms it, if the numbers carry it.
