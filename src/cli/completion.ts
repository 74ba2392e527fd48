import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';

const HELP = `
Examples:
  $ source <(faafo completion bash)       for this shell only
  $ faafo completion bash > ~/.local/share/bash-completion/completions/faafo
  $ faafo completion zsh > "\${fpath[1]}/_faafo"
  $ faafo completion fish > ~/.config/fish/completions/faafo.fish
`;

/*
 * Each asks `faafo complete -- WORD…` and gets `value<tab>description` lines and a last one with a colon. The scripts that come with
 * the library evaluate what was typed, command substitutions and all, and need bash-completion; these do neither.
 */
const SCRIPTS = {
  bash: `_faafo() {
  local IFS=$'\\n'
  COMPREPLY=($(faafo complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | sed -e '/^:/d' -e 's/\\t.*//'))
}
complete -o default -F _faafo faafo
`,
  zsh: `#compdef faafo
_faafo() {
  local line
  local -a found
  for line in "\${(@f)$(faafo complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z $line || $line == :* ]] || found+=("\${line%%$'\\t'*}:\${line#*$'\\t'}")
  done
  if (( $#found )); then _describe faafo found; else _files; fi
}
if [[ $funcstack[1] == _faafo ]]; then _faafo; else compdef _faafo faafo; fi
`,
  fish: `complete -c faafo -f -a '(faafo complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null | string match -v ":*")'
complete -c faafo -s o -l output -r -F
complete -c faafo -l config-file -r -F
`,
} as const;

/** `completion bash|zsh|fish`, and the hidden `complete` that these scripts call. Add it last: it knows the commands added before. */
export function addCompletion(program: Command): void {
  tab(program, { completionCommandName: 'completion' });
  const command = program.commands.find((each) => each.name() === 'completion')!;
  const shell = command.registeredArguments[0]!;
  shell.description = 'your shell';
  // In place: the library has noted this very list for its suggestions.
  shell.argChoices?.splice(0, shell.argChoices.length, ...Object.keys(SCRIPTS));
  command
    .description('print a shell completion script')
    .addHelpText('after', HELP)
    .action((name: keyof typeof SCRIPTS) => void process.stdout.write(SCRIPTS[name]));
}
