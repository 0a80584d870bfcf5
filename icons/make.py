#!/usr/bin/env python3
"""Makes every icon from parley.svg. Needs rsvg-convert (librsvg2-bin) and icotool (icoutils)."""
import pathlib
import struct
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = (HERE / "parley.svg").read_text()

# Tray icons carry the state as a shape of its own, never as a colour alone.
BADGES = {
    "online": "",
    "dnd": '<circle cx="384" cy="384" r="128" fill="#fff"/><circle cx="384" cy="384" r="108" fill="#cb2a34"/>'
           '<rect x="320" y="362" width="128" height="44" rx="14" fill="#fff"/>',
    "ringing": '<circle cx="384" cy="384" r="128" fill="#fff"/><circle cx="384" cy="384" r="108" fill="#147d43"/>'
               '<path fill="#fff" d="M384 306c35 0 56 25 56 58v34l16 24c4 6 0 14-7 14H319c-7 0-11-8-7-14l16-24v-34'
               'c0-33 21-58 56-58zM360 446h48c0 32-48 32-48 0z"/>',
    "lost": '<path d="M384 246 528 500a12 12 0 0 1-10 12H250a12 12 0 0 1-10-12z" fill="#fff"/>'
            '<path d="M384 290 494 488H274z" fill="#c77700"/><rect x="366" y="358" width="36" height="68" rx="12" fill="#fff"/>'
            '<circle cx="384" cy="456" r="20" fill="#fff"/>',
}


def png(svg: str, size: int) -> bytes:
    """The drawing as a PNG of size by size pixels."""
    done = subprocess.run(["rsvg-convert", "-w", str(size), "-h", str(size)], input=svg.encode(), capture_output=True, check=True)
    return done.stdout


def icns(svg: str) -> bytes:
    """Apple's container: a type, a length and a PNG for each size."""
    kinds = {"ic11": 32, "ic12": 64, "ic07": 128, "ic13": 256, "ic08": 256, "ic14": 512, "ic09": 512, "ic10": 1024}
    body = b"".join(kind.encode() + struct.pack(">I", len(data) + 8) + data for kind, data in ((k, png(svg, s)) for k, s in kinds.items()))
    return b"icns" + struct.pack(">I", len(body) + 8) + body


def main() -> None:
    for name, size in {"32x32.png": 32, "128x128.png": 128, "128x128@2x.png": 256, "icon.png": 512}.items():
        (HERE / name).write_bytes(png(SOURCE, size))
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for size in (16, 24, 32, 48, 64, 256):
            file = pathlib.Path(folder) / f"{size}.png"
            file.write_bytes(png(SOURCE, size))
            files += ["-r", str(file)] if size == 256 else [str(file)]
        subprocess.run(["icotool", "-c", "-o", str(HERE / "icon.ico"), *files], check=True)
    (HERE / "icon.icns").write_bytes(icns(SOURCE))
    for state, badge in BADGES.items():
        (HERE / "tray" / f"{state}.png").write_bytes(png(SOURCE.replace("</svg>", badge + "</svg>"), 64))


main()
