#!/usr/bin/env python3
"""Packs an Inspect log (JSON) as .eval, as its writer lays it out.

    make_eval.py LOG OUT deflate|zstd|stream [zip64] [nodir] [broken]

zstd: method 93, two frames a member, by the zstd program. stream: lengths stand
behind the data. nodir: the writer was stopped before the directory. broken: one
bit of the second sample is flipped. Events, attachments and stores are left out.
The fixtures of cases/inspect/eval_* are made of
UKGovernmentBEIS/inspect_ai @499e615 (MIT), 2025-05-12T20-28-13-04-00_popularity.json.
"""
import json, struct, subprocess, sys, zlib

DROPPED = ("events", "attachments", "store", "model_usage", "error_retries", "uuid", "metadata")


def frame(data):
    return subprocess.run(["zstd", "-q", "-19", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout


def pack(data, method):
    if method == 93:
        half = len(data) // 2
        return frame(data[:half]) + frame(data[half:])
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    return c.compress(data) + c.flush()


def members_of(log):
    samples = [{k: v for k, v in s.items() if k not in DROPPED} for s in log["samples"]]
    summaries = [{k: s.get(k) for k in ("id", "epoch", "input", "target", "scores")} for s in samples]
    yield "_journal/start.json", {k: log[k] for k in ("version", "eval", "plan")}
    for s in samples:
        yield "samples/%s_epoch_%d.json" % (s["id"], s["epoch"]), s
    yield "_journal/summaries/1.json", summaries
    yield "summaries.json", summaries
    yield "header.json", {k: v for k, v in log.items() if k not in ("samples", "reductions")}


def main(log, out, kind, *options):
    method, flag = (93 if kind == "zstd" else 8), (8 if kind == "stream" else 0)
    body, directory, n = b"", b"", 0
    for name, value in members_of(json.load(open(log))):
        raw = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        packed, path, at = pack(raw, method), name.encode(), len(body)
        sizes = struct.pack("<III", zlib.crc32(raw), len(packed), len(raw))
        if "broken" in options and n == 2:
            middle = len(packed) // 2
            packed = packed[:middle] + bytes([packed[middle] ^ 4]) + packed[middle + 1 :]
        body += b"PK\3\4" + struct.pack("<HHHHH", 45, flag, method, 0, 33) + (bytes(12) if flag else sizes)
        body += struct.pack("<HH", len(path), 0) + path + packed + (b"PK\7\10" + sizes if flag else b"")
        directory += b"PK\1\2" + struct.pack("<HHHHHH", 45, 45, flag, method, 0, 33) + sizes
        directory += struct.pack("<HHHHHII", len(path), 0, 0, 0, 0, 0, at) + path
        n += 1
    end = struct.pack("<HHHHIIH", 0, 0, n, n, len(directory), len(body), 0)
    if "zip64" in options:
        directory += b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, n, n, len(directory), len(body))
        directory += b"PK\6\7" + struct.pack("<IQI", 0, len(body) + len(directory) - 56, 1)
        end = struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    open(out, "wb").write(body + (b"" if "nodir" in options else directory + b"PK\5\6" + end))


main(*sys.argv[1:])
