import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/faafo.js', import.meta.url));

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real `faafo`, without a terminal, and waits for its end. */
export async function runFaafo(
  api: string,
  words: readonly string[],
  options: {
    cwd?: string;
    killAfterMs?: number;
    /** told all of its output so far; it is interrupted as soon as this is true */
    interruptWhen?: (stdout: string) => boolean;
    onOutput?: () => void;
    env?: NodeJS.ProcessEnv;
  } = {},
): Promise<Ran> {
  const env = { ...process.env, FAAFO_ENDPOINT_URL: api, FAAFO_CONFIG_FILE: '/dev/null', ...options.env };
  const child = spawn(process.execPath, [PROGRAM, ...words], { env, cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  if (options.killAfterMs !== undefined) setTimeout(() => child.kill('SIGINT'), options.killAfterMs);
  const { interruptWhen } = options;
  if (interruptWhen) {
    let seen = '';
    child.stdout.on('data', (piece) => {
      seen += piece;
      if (interruptWhen(seen)) child.kill('SIGINT');
    });
  }
  if (options.onOutput) child.stdout.on('data', options.onOutput);
  const status = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { status: await status, stdout, stderr };
}
