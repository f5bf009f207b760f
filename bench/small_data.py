"""Small data sets for search benchmarks: images halved to 16×16, written as idx files with a manifest.

The official files of Fashion-MNIST (idx.gz) and CIFAR-10 (binary, whole or a part) are read where they are.
"""

import gzip
import json
import struct
from pathlib import Path

CLASSES = [str(label) for label in range(10)]


def halve(pixels: bytes, side: int) -> bytes:
    """Averages 2×2 pixels of one channel of `side`×`side`."""
    rows = [pixels[y * side : (y + 1) * side] for y in range(side)]
    return bytes(
        (rows[y][x] + rows[y][x + 1] + rows[y + 1][x] + rows[y + 1][x + 1] + 2) // 4
        for y in range(0, side, 2)
        for x in range(0, side, 2)
    )


def fashion(folder: Path, part: str, count: int):
    """The first `count` images, padded from 28 to 32 pixels and halved, and their labels."""
    images = gzip.open(folder / f"{part}-images-idx3-ubyte.gz").read()[16:]
    labels = gzip.open(folder / f"{part}-labels-idx1-ubyte.gz").read()[8 : 8 + count]
    out = []
    for index in range(count):
        image = images[index * 784 : (index + 1) * 784]
        padded = bytearray(1024)
        for y in range(28):
            padded[(y + 2) * 32 + 2 : (y + 2) * 32 + 30] = image[y * 28 : (y + 1) * 28]
        out.append(halve(bytes(padded), 32))
    return out, labels


def cifar(file: Path, first: int, count: int):
    """Images `first`, `first + 1`, … of a file in CIFAR-10's binary layout, halved, and their labels."""
    content = (gzip.open(file) if file.suffix == ".gz" else open(file, "rb")).read()
    out, labels = [], bytearray()
    for index in range(first, first + count):
        record = content[index * 3073 : (index + 1) * 3073]
        labels.append(record[0])
        out.append(b"".join(halve(record[1 + c * 1024 : 1 + (c + 1) * 1024], 32) for c in range(3)))
    return out, bytes(labels)


def write(folder: Path, name: str, channels: int, train, test, validation_share: float) -> None:
    """Writes a data set's folder: idx files and a manifest."""
    target = folder / name
    target.mkdir(parents=True, exist_ok=True)
    for part, (images, labels) in {"train": train, "test": test}.items():
        header = struct.pack(">4B4I", 0, 0, 8, 4, len(images), channels, 16, 16)
        (target / f"{part}-images").write_bytes(header + b"".join(images))
        (target / f"{part}-labels").write_bytes(struct.pack(">4BI", 0, 0, 8, 1, len(labels)) + labels)
    files = {f"{part}_{kind}": {"path": f"{part}-{kind}"} for part in ("train", "test") for kind in ("images", "labels")}
    manifest = {
        "name": name,
        "format": "idx",
        "files": files,
        "splits": {"validation_share": validation_share, "seed": 0},
        "shape": [channels, 16, 16],
        "classes": CLASSES,
    }
    (target / "manifest.json").write_text(json.dumps(manifest, indent=2))
