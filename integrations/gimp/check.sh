#!/usr/bin/env bash
# Tries the plug-in in GIMP 3's batch mode; `retint` must be on the PATH.
#   integrations/gimp/check.sh GREY.png
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
home="$(mktemp -d)"
trap 'rm -rf "$home"' EXIT
rm -rf /tmp/retint-gimp && mkdir -p /tmp/retint-gimp "$home/plug-ins"
cp "$1" /tmp/retint-gimp/grey.png
cp -r "$here/retint-colorize" "$home/plug-ins/"
export GIMP3_DIRECTORY="$home"
xvfb-run -a gimp-console-3.0 --no-interface --batch-interpreter python-fu-eval \
  --batch "exec(open('$here/check.py').read())" --quit
