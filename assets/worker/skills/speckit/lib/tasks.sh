# shellcheck shell=bash
# Functions for the tasks of a Spec Kit tasks.md. Sourced by the stages.

# Prints the tasks of a file, one per line: line number, state (open or done), id, title, phase, separated by tabs.
# Checkboxes inside fenced code are examples, not tasks.
tasks_of() {
  awk '
    { sub(/\r$/, "") }
    /^[ \t]*(```|~~~)/ { fenced = !fenced }
    fenced { next }
    /^## / { phase = $0; sub(/^##[ \t]+/, "", phase); gsub(/\t/, " ", phase) }
    match($0, /^[ \t]*[-*] \[[ xX]\] +[A-Za-z]+-?[0-9]+[A-Za-z]?[ \t]+/) {
      text = $0
      sub(/^[ \t]*[-*] \[/, "", text)
      state = substr(text, 1, 1) == " " ? "open" : "done"
      sub(/^.\] +/, "", text)
      id = text
      sub(/[ \t].*$/, "", id)
      title = substr(text, length(id) + 1)
      gsub(/\t/, " ", title)
      while (sub(/^ *\[[A-Za-z0-9]+\]/, "", title)) { }
      gsub(/^ +| +$/, "", title)
      print NR "\t" state "\t" id "\t" title "\t" phase
    }
  ' "$1"
}

# Ends the stage as failed, with a reason.
refuse() {
  printf 'speckit: %s\n' "$1" >&2
  exit 1
}
