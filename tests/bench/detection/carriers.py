#!/usr/bin/env python3
"""carriers.py DATA: writes carriers.txt, the public training curves of DATA (see carriers.md) reduced to numbers.

A carrier is a line `carrier NAME KIND [CLASS=ONSET|CLASS=|-CLASS ...]`: what is true of it (with the step, where one
is known) and what is not judged. A series is `series NAME COUNT SCALE`, its steps as FIRST then INCREMENTxCOUNT,
and its values over SCALE as whole numbers, each as the difference to the one before; n, i, m: NaN, inf, -inf.
"""
import ast
import csv
import io
import json
import math
import re
import struct
import sys
import zipfile
from pathlib import Path

root = Path(sys.argv[1]) / "files"
out = []


def whole(values, scale):
    last, text = 0, []
    for v in values:
        if not math.isfinite(v):
            text.append("n" if v != v else "i" if v > 0 else "m")
            continue
        k = round(v / scale)
        text.append(str(k - last))
        last = k
    return " ".join(text)


def steps_of(steps):
    text, i = [str(steps[0])], 1
    while i < len(steps):
        d, k = steps[i] - steps[i - 1], 1
        while i + k < len(steps) and steps[i + k] - steps[i + k - 1] == d:
            k += 1
        text.append(f"{d}x{k}")
        i += k
    return " ".join(text)


def series(name, points):
    """Four digits of the median size are kept: finer than any noise here."""
    finite = sorted(abs(v) for _, v in points if math.isfinite(v) and v)
    size = finite[len(finite) // 2] if finite else 1
    scale = 10.0 ** (math.floor(math.log10(size)) - 3)
    out.append(f"series {name} {len(points)} {scale:g}")
    out.append(steps_of([s for s, _ in points]))
    out.append(whole([v for _, v in points], scale))


def carrier(name, kind, truth, **curves):
    out.append(f"carrier {name} {kind} {truth}".rstrip())
    for key, points in curves.items():
        if points:
            series(NAMES[key], points)


NAMES = {"train": "train/loss", "val": "val/loss", "lr": "learning_rate", "norm": "grad_norm",
         "reward": "rollout/ep_rew_mean", "ev": "train/explained_variance", "entropy": "losses/entropy"}


def number(text):
    return float(text)


def nanogpt(path):
    text, runs, now = path.read_text(), [], None
    for m in re.finditer(r"step:(\d+)/\d+ (train|val)_loss:([\d.]+)", text):
        step = int(m[1])
        if now is None or (m[2] == "val" and now["val"] and step <= now["val"][-1][0]):
            now = {"train": [], "val": []}
            runs.append(now)
        now[m[2]].append((step, number(m[3])))
    return runs


def table(path, step, columns, every=1):
    rows = list(csv.DictReader(path.open()))
    found = {}
    for key, column in columns.items():
        points = []
        for row in rows:
            if row.get(column) not in (None, "") and row.get(step) not in (None, ""):
                s = int(float(row[step]))
                if not points or s > points[-1][0]:
                    points.append((s, number(row[column])))
        found[key] = points[::every]
    return found


for path in sorted((root / "lm/modded-nanogpt").glob("*.txt")):
    short = path.name.split("__")[0] + "_" + path.stem.split("__")[1][:8]
    for k, run in enumerate(nanogpt(path)):
        truth = "-spike -level_shift -val_rising" if "every-10" in path.name else ""
        carrier(f"modded-nanogpt/{short}" + (f"#{k + 1}" if "results" in path.name else ""), "lm", truth, **run)

llmc = next((root / "lm/modded-nanogpt").glob("*.log")).read_text()
found = {k: [] for k in ("train", "lr", "norm")}
for m in re.finditer(r"s:(\d+) trl:([\d.]+) lr:([\d.]+) norm:([\d.]+)", llmc):
    for key, v in zip(("train", "lr", "norm"), m.groups()[1:]):
        found[key].append((int(m[1]), number(v)))
found["lr"] = found["lr"][::20]
found["norm"] = found["norm"][::4]
found["val"] = [(int(s), number(v)) for s, v in re.findall(r"s:(\d+) tel:([\d.]+)", llmc)]
carrier("modded-nanogpt/llmc", "lm", "", **found)

for name, key, truth in (("aigoncharov-modernbert", "eval_g0_loss", "overfitting=401 val_rising=401"),
                         ("mt5-az-summarize", "eval_loss", "-val_rising")):
    log = json.loads((root / f"lm/hf-trainer/{name}/trainer_state.json").read_text())["log_history"]
    carrier(f"hf-trainer/{name}", "lm", truth, train=[(r["step"], r["loss"]) for r in log if "loss" in r],
            val=[(r["step"], r[key]) for r in log if key in r],
            lr=[(r["step"], r["learning_rate"]) for r in log if "learning_rate" in r])
log = [json.loads(l) for l in (root / "lm/llama-factory/nsllm/trainer_log.jsonl").read_text().splitlines()]
carrier("llama-factory/nsllm", "lm", "", train=[(r["current_steps"], r["loss"]) for r in log if "loss" in r])
rows = list(csv.reader((root / "lm/wandb-csv-export/logs.csv").open()))
carrier("wandb/trackio-logs", "lm", "", train=[(int(r[0]), number(r[1])) for r in rows[1:] if r[1]])

algoperf = root / "lm/algoperf/v05/external_tuning"
plain = {"train": "loss", "val": "validation/loss", "norm": "grad_norm"}
sparse = {"train": "train/loss", "val": "validation/loss"}
for sub, columns, truth in (
        ("baseline/study_0/wmt_jax/trial_1", plain, "spike=23200 -volatility"),
        ("schedule_free_adamw/study_4/imagenet_vit_pytorch/trial_1", sparse, ""),
        ("schedule_free_adamw/study_1/wmt_pytorch/trial_4", sparse, "divergence=32608 -no_progress -spike -level_shift"),
        ("shampoo_submission/study_4/fastmri_tanh_pytorch/trial_3", plain, "-spike -plateau -val_rising -overfitting"),
        ("generalized_adam/study_1/criteo1tb_jax/trial_1", plain, "divergence=70 -no_progress -spike -level_shift"),
        ("lawa_queue/study_1/ogbg_pytorch/trial_2", sparse, "-spike -level_shift")):
    carrier("algoperf/" + sub.replace("/trial", "_trial"), "lm", truth,
            **table(algoperf / sub / "measurements.csv", "global_step", columns))

procgen = {"reward": "eprewmean", "ev": "misc/explained_variance", "entropy": "loss/policy_entropy"}
for path in sorted((root / "rl/procgen").glob("*/*.csv")):
    if path.stem.endswith("-test"): # only its return is another one
        columns = {"reward": "eprewmean"}
    else:
        columns = procgen
    carrier(f"procgen/{path.parent.name}_{path.stem[9:]}", "rl", "no_progress=" if "heist-test" in path.stem else "",
            **table(path, "misc/total_timesteps", columns, every=4))
carrier("conceptppo/mxaehod4", "rl", "",
        **table(root / "rl/conceptppo-mxaehod4/log.csv", "timesteps", {"reward": "mean_episode_rewards"}))
for name, lost in (("walker_walk", ("4", "8")), ("hopper_hop", ())):
    rows = list(csv.DictReader((root / f"rl/drqv2/dmc_{name}.csv").open()))
    for seed in sorted({r["seed"] for r in rows}, key=int):
        points = [(int(float(r["frame"])), number(r["episode_reward"])) for r in rows if r["seed"] == seed]
        carrier(f"drqv2/{name}_{seed}", "rl", "no_progress=" if seed in lost else "", reward=points)


def npy(data):
    head = struct.unpack("<H", data[8:10])[0]
    about = ast.literal_eval(data[10:10 + head].decode().strip())
    code = {"<f4": "f", "<f8": "d", "<i8": "q", "<i4": "i"}[about["descr"]]
    body = data[10 + head:]
    count = math.prod(about["shape"]) if about["shape"] else 1
    return about["shape"], struct.unpack(f"<{count}{code}", body[:count * struct.calcsize(code)])


for sub, truth in (("a2c/Ant-v3_1", "reward_decline=200000"), ("a2c/CartPole-v1_1", ""),
                   ("a2c/EnduroNoFrameskip-v4_1", "no_progress="), ("dqn/Acrobot-v1_1", ""),
                   ("sac/BipedalWalkerHardcore-v3_1", "-no_progress -reward_decline")):
    archive = zipfile.ZipFile(io.BytesIO((root / f"rl/sb3-zoo/{sub}/evaluations.npz").read_bytes()))
    (n, k), results = npy(archive.read("results.npy"))
    _, steps = npy(archive.read("timesteps.npy"))
    carrier(f"sb3-zoo/{sub}", "rl", truth, reward=[(int(steps[i]), sum(results[i * k:(i + 1) * k]) / k) for i in range(n)])

target = Path(__file__).with_name("carriers.txt")
target.write_text("\n".join(out) + "\n")
print(f"{sum(l.startswith('carrier') for l in out)} carriers, {target.stat().st_size} bytes")
