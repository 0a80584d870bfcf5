"""judge.py RATE REFERENCE... -- HEARD...: the PESQ of each recording against the reference its name ends with.

A recording is called CELL-SEED-REFERENCE.wav. Prints one line a cell: the median of its scores, the least and the best.
RATE is 8000 (narrow band, P.862) or 16000 (wide band, P.862.2); what has another rate is brought there by sox.
"""

import statistics
import subprocess
import sys
from pathlib import Path

import numpy
from pesq import PesqError, pesq


def sound(path, rate):
    raw = ["-t", "raw", "-r", str(rate), "-c", "1", "-b", "16", "-e", "signed-integer", "-"]
    return numpy.frombuffer(subprocess.run(["sox", str(path), *raw], check=True, capture_output=True).stdout, "<i2")


def main():
    rate, rest = int(sys.argv[1]), sys.argv[2:]
    middle = rest.index("--")
    references = {Path(path).stem: sound(path, rate) for path in rest[:middle]}
    cells = {}
    for path in map(Path, rest[middle + 1 :]):
        cell, _, reference = path.stem.rsplit("-", 2)
        try:
            score = pesq(rate, references[reference], sound(path, rate), "nb" if rate == 8000 else "wb")
        except PesqError as error:
            print(f"{path.name}: {error}", file=sys.stderr)
            score = 1.0
        cells.setdefault(cell, []).append(score)
    for cell, scores in cells.items():
        print(f"{cell}\t{statistics.median(scores):.2f}\t{min(scores):.2f}\t{max(scores):.2f}\t{len(scores)}")


main()
