#!/usr/bin/env bash
# Trains the recognizer and the small networks that read its tokens on one GPU, about 450 seconds of training:
#
#   tools/on_gpu.sh PACKED SHARP BACKBONE OUT
#
# PACKED: folder of tools.packed.write; SHARP: of tools.repair.sharp; BACKBONE: file of tools.semantics.vit;
# OUT: folder for weights and logs. No package of retint needs to be installed, only PyTorch, safetensors, NumPy,
# OpenCV and Pillow. With SECONDS_SCALE=0.05 every step is tried for some seconds.
set -euo pipefail
packed=$1 sharp=$2 backbone=$3 out=$4
scale=${SECONDS_SCALE:-1}
export PYTHONPATH=src:. PYTHONUNBUFFERED=1
lasting() { python3 -c "print(max(5, round($1 * $scale)))"; }
mkdir -p "$out"

# Decoded once, before several processes read it.
python3 -c "
import sys
from pathlib import Path
from tools.packed.read import unpack
for folder in sys.argv[1:]: print(folder, unpack(Path(folder), 16).shape)" "$packed" "$sharp"

python3 -m tools.repair.train "$packed" --sharp "$sharp" --seconds "$(lasting 150)" \
  -o "$out/damage.safetensors" > "$out/damage.log" 2>&1 &
python3 -m tools.semantics.finetune "$packed" "$backbone" --seconds "$(lasting 370)" \
  -o "$out/semantics.safetensors" > "$out/semantics.log" 2>&1
wait

# The others read the tokens of the backbone as it is now.
python3 - "$out" <<'PYTHON'
import sys
from pathlib import Path
from safetensors.torch import load_file, save_file
out = Path(sys.argv[1])
weights = load_file(out / "semantics.safetensors")
own = {name.removeprefix("backbone."): w for name, w in weights.items() if name.startswith("backbone.")}
save_file(own, out / "backbone.safetensors")
PYTHON
for part in things upright; do
  python3 -m "tools.$part.train" "$packed" "$out/backbone.safetensors" --seconds "$(lasting 75)" \
    -o "$out/$part.safetensors" > "$out/$part.log" 2>&1 &
done
wait
tail -n 3 "$out"/*.log
