import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';

const HELP = `
Examples:
  $ source <(faafo completion bash)                                   now
  $ faafo completion bash > ~/.local/share/bash-completion/completions/faafo
  $ faafo completion zsh > "\${fpath[1]}/_faafo"
  $ faafo completion fish > ~/.config/fish/completions/faafo.fish
`;

/** `completion bash|zsh|fish`, and the hidden `complete` that these scripts call. Add it last: it knows the commands added before. */
export function addCompletion(program: Command): void {
  tab(program, { completionCommandName: 'completion' });
  program.commands
    .find((command) => command.name() === 'completion')
    ?.description('print a shell completion script')
    .addHelpText('after', HELP);
}
