# Sourced: the speech by which sound is judged, and what judges it (PESQ, ITU-T P.862). Both are made once and kept in the cache.
#   make_speech    $SPEECH: sentences by several voices at 48 kHz, and the same at 8 kHz in $SPEECH/8k
#   need_judge     $JUDGE: a Python with pesq

CACHE=${PARLEY_CACHE:-$HOME/.cache/parley}
SPEECH=$CACHE/speech
JUDGE=$CACHE/python/bin/python

make_speech() {
  [ -f "$SPEECH/done" ] && return
  mkdir -p "$SPEECH/8k"
  local n=0 voice text
  while IFS='|' read -r voice text; do
    n=$((n + 1))
    espeak-ng -v "$voice" -s 150 -w "$SPEECH/raw.wav" "$text" || return 1
    # A second of silence before and half a second behind, at the level of a good headset.
    sox "$SPEECH/raw.wav" -r 48000 -c 1 -b 16 "$SPEECH/speech$n.wav" gain -n -6 pad 1 0.5 || return 1
    sox "$SPEECH/speech$n.wav" -r 8000 "$SPEECH/8k/speech$n.wav" || return 1
  done <<'END'
en-gb|The invoice was sent on Tuesday, and the customer has paid it already. Shall I look for the receipt? It takes a minute.
en-us+f3|Good morning, you are speaking with the service desk. Please tell me your name and your number, and how I can help you.
en-gb+m4|We moved the meeting to half past three. A taxi is waiting below, so bring only what you need for the afternoon.
en-us+f2|The parcel left our house yesterday. If it has not reached you by Friday, call again, and we will send another one.
END
  rm -f "$SPEECH/raw.wav"
  touch "$SPEECH/done"
}

need_judge() {
  "$JUDGE" -c 'import pesq' 2>/dev/null && return
  python3 -m venv "$CACHE/python" && "$CACHE/python/bin/pip" install --quiet pesq numpy
}
