import { type Command, CommanderError } from 'commander';
import { Fault } from '../domain/fault.ts';
import { Unreachable } from '../http/unreachable.ts';
import { Interrupted } from './interrupt.ts';
import { maskText } from './mask.ts';
import { UsageError } from './usage-error.ts';
import { VERSION } from './version.ts';

export const EXIT = { done: 0, failed: 1, usage: 2, unreachable: 3 } as const;

/** A command ended as it should not, and has said so already. */
export class Failed extends Error {}

/** Every error of ours is one line: `faafo: what is wrong and what to do`. */
export function complain(message: string): void {
  process.stderr.write(
    `faafo: ${maskText(message)
      .trim()
      .replace(/\s*\n\s*/g, ' ')}\n`,
  );
}

/** What all programs of this package have in common. Call it before commands are added: they inherit it. */
export function prepare(program: Command): Command {
  return program
    .version(VERSION)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: (.*)\n(?!$)/, 'faafo: $1 ').replace(/^error: /, 'faafo: ')),
    })
    .exitOverride();
}

/** Runs a program to its end and sets the exit status: 0 done, 1 refused or failed, 2 usage, 3 API unreachable, 130 Ctrl-C. */
export async function run(program: Command): Promise<void> {
  // The reader of our output has seen enough (| head): not an error.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit();
    });
  }
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = statusOf(error);
  }
}

function statusOf(error: unknown): number {
  if (error instanceof Interrupted) return error.status;
  if (error instanceof Failed) return EXIT.failed;
  // Commander has printed its message, or the help, by now.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof UsageError) return complainAnd(error, EXIT.usage);
  if (error instanceof Unreachable) return complainAnd(error, EXIT.unreachable);
  if (error instanceof Fault) return complainAnd({ message: withAdvice(error) }, EXIT.failed);
  const { message, code } = error as NodeJS.ErrnoException;
  if (code !== undefined) return complainAnd({ message }, EXIT.failed);
  if (process.env.NODE_DEBUG?.includes('faafo')) console.error(error);
  return complainAnd({ message: `this is a defect, please report it: ${message}` }, EXIT.failed);
}

/** What whoever sits here can do about it, beside what the API says. */
function withAdvice({ code, message }: Fault): string {
  if (code !== 'unauthenticated') return message;
  return `${message} An admin makes tokens with faafo token create; set yours as FAAFO_TOKEN, or name its file with --token-file.`;
}

function complainAnd(error: { readonly message: string }, status: number): number {
  complain(error.message);
  return status;
}
