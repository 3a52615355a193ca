/** Shells with completion. */
export const COMPLETED_SHELLS = ["bash", "zsh", "fish"] as const;
export type CompletedShell = (typeof COMPLETED_SHELLS)[number];

/** Hidden command that the scripts call. It prints one candidate per line, followed by a tab and a description. */
export const ANSWER_COMMAND = "__complete";

/**
 * The script that completes `codex-fleet` in a shell. It calls the program whose command line is being typed, so that it
 * stays right after an update, and works for a function or a link of that name too.
 */
export function shellScript(shell: CompletedShell): string {
  return SCRIPTS[shell];
}

const SCRIPTS: Readonly<Record<CompletedShell, string>> = {
  bash: `_codex_fleet() {
  local answer line current=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  answer=$("\${COMP_WORDS[0]}" ${ANSWER_COMMAND} -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null) || return 0
  case $answer in
    :files) compopt -o filenames 2>/dev/null; while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current") ;;
    :directories) compopt -o filenames 2>/dev/null; while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$current") ;;
    ?*) while IFS= read -r line; do COMPREPLY+=("\${line%%$'\\t'*}"); done <<<"$answer" ;;
  esac
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -F _codex_fleet codex-fleet
`,
  zsh: `#compdef codex-fleet
_codex_fleet() {
  local answer line value
  local -a lines described
  answer=$("\${words[1]}" ${ANSWER_COMMAND} -- "\${(@)words[2,CURRENT]}" 2>/dev/null) || return 1
  case $answer in
    :files) _files ;;
    :directories) _files -/ ;;
    ?*)
      lines=("\${(@f)answer}")
      for line in "\${lines[@]}"; do
        value=\${line%%$'\\t'*}
        described+=("\${value//:/\\\\:}:\${line#*$'\\t'}")
      done
      _describe codex-fleet described
      ;;
  esac
}
if [[ \${funcstack[1]} == _codex-fleet ]]; then _codex_fleet "$@"; else compdef _codex_fleet codex-fleet; fi
`,
  fish: `function __codex_fleet_complete
  set -l words (commandline --cut-at-cursor --current-process --tokenize)
  set -l current (commandline --cut-at-cursor --current-token)
  set -l program $words[1]
  set -e words[1]
  set -l answer ($program ${ANSWER_COMMAND} -- $words "$current" 2>/dev/null)
  switch "$answer[1]"
    case :files
      __fish_complete_path "$current"
    case :directories
      __fish_complete_directories "$current" ""
    case '*'
      string join \\n -- $answer
  end
end
complete --command codex-fleet --no-files --arguments '(__codex_fleet_complete)'
`,
};
