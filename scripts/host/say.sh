# Speaking to a person. Sourced. File descriptor 3 is the person's terminal; everything else a command prints goes to
# the log, where `explain_failure` takes its last lines from.

CHANGES=0 STEP=0 STEPS=0 STEP_TITLE=

# log_to FILE: from here on, output of commands goes to FILE, and only `say` reaches the terminal.
log_to() {
  LOG=$1
  mkdir -p "$(dirname "$LOG")"
  exec 3>&1 4>&2 >>"$LOG" 2>&1
  printf '\n==== %s %s\n' "$(date -u +%FT%TZ)" "$COMMAND_LINE"
  trap 'explain_failure $?' ERR
  trap 'note_end $?' EXIT
}

# The last step's time and how it all ended, in the log alone; bench/bare-server.ts reads them.
note_end() {
  [[ -z ${LOG:-} ]] || printf -- '-- %s: %s s in all, status %s\n' "$STEP_TITLE" "$SECONDS" "$1"
}

say() {
  printf '%s\n' "$*" >&3
  [[ -z ${LOG:-} ]] || printf '%s\n' "$*"
}

# step TITLE: begins the next numbered step; its outcome follows by `already`, `did` or `note`.
step() {
  [[ -z ${LOG:-} || $STEP == 0 ]] || printf -- '-- %s: %s s so far\n' "$STEP_TITLE" "$SECONDS"
  STEP=$((STEP + 1)) STEP_TITLE=$1
  say "[$STEP/$STEPS] $1"
}

already() { say "       $* ... already there"; }
note() { say "       $*"; }

# did TEXT: something on this host was changed.
did() {
  CHANGES=$((CHANGES + 1))
  say "       $*"
}

counted() { if (($1 == 1)); then echo '1 change'; else echo "$1 changes"; fi; }

# refuse SENTENCE: nothing can be done; nothing more is done.
refuse() {
  trap - ERR
  if [[ -n ${LOG:-} ]]; then
    printf 'refused: %s\n' "$*"
    printf '%s: %s\n' "$PROGRAM" "$*" >&4
  else
    printf '%s: %s\n' "$PROGRAM" "$*" >&2
  fi
  exit 1
}

explain_failure() {
  trap - ERR
  ((BASH_SUBSHELL == 0)) || exit "$1"
  printf 'failed with status %s in: %s\n' "$1" "$STEP_TITLE"
  {
    printf '\n%s: stopped in step %s (%s). The last lines of %s:\n\n' "$PROGRAM" "$STEP" "$STEP_TITLE" "$LOG"
    tail -n 15 "$LOG" | sed 's/^/    /'
    printf '\nNothing is half-done that a second run would not finish: mend the cause and run it again.\n'
  } >&4
  exit "$1"
}

# write_file PATH MODE: standard input becomes PATH unless it is that already. Status 0: written, 1: it was the same.
# Give it its input by `< <(...)`: at the end of a pipe it would refuse in a shell of its own.
write_file() {
  local path=$1 mode=$2 text
  text=$(cat && printf x)
  text=${text%x}
  if [[ -f $path ]] && cmp -s "$path" <(printf '%s' "$text"); then return 1; fi
  mkdir -p "$(dirname "$path")" && printf '%s' "$text" >"$path.new" && chmod "$mode" "$path.new" && mv "$path.new" "$path" ||
    refuse "$path cannot be written"
}
