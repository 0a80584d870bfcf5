#!/usr/bin/env bash
# quality.sh [SEEDS]: how speech sounds behind the jitter buffer on seeded networks, without a network and without waiting. Prints per
# network the PESQ (median, least, best), the delay of the buffer and the share that was made up.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/speech.sh
make_speech
need_judge
rm -rf "$SPEECH/out"; mkdir -p "$SPEECH/out"
PARLEY_SPEECH=$SPEECH PARLEY_SEEDS=${1:-3} cargo test --quiet -p parley-media --lib recordings_to_be_scored -- --ignored >/dev/null
cat "$SPEECH/out/figures"
"$JUDGE" scripts/judge.py 8000 "$SPEECH"/8k/*.wav -- "$SPEECH"/out/*.wav
