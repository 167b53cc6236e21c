"""Make a sheet of the example photographs: the default method, and four chroma-diffusion variants.

python examples/with_variants.py [NAME...] [-o demo/variants.jpg]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image

import retint
from retint.picture.sheet import Row, contact_sheet

HERE = Path(__file__).parent
VARIANTS = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("-o", "--output", type=Path, default=HERE.parent / "demo" / "variants.jpg")
    args = parser.parse_args()
    target: Path = args.output
    guess, diffusion = retint.load("guided-unet"), retint.load("chroma-diffusion")
    rows = []
    for photo in sorted((HERE / "photographs").glob("*.jpg")):
        if args.names and photo.stem not in args.names:
            continue
        pictures = [Image.open(photo), guess(photo), *diffusion.variants(photo, VARIANTS)]
        rows.append(Row(photo.stem, pictures))
    target.parent.mkdir(exist_ok=True)
    titles = ["input", "guided-unet", *(f"variant {k}" for k in range(1, VARIANTS + 1))]
    contact_sheet(titles, rows).save(target, quality=88)
    print(target)


if __name__ == "__main__":
    main()
