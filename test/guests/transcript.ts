import { spawn } from 'node:child_process';

export interface Said {
  readonly status: number;
  /** stdout alone */
  readonly out: string;
}

/** What somebody typed, and what they saw: shown while it happens, and kept for the documents. */
export class Transcript {
  readonly #parts: string[] = [];
  readonly #env: NodeJS.ProcessEnv;

  /** @param env of the commands; may grow */
  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /** A paragraph between commands. */
  tell(text: string): void {
    process.stderr.write(`\n${text}\n`);
    this.#parts.push(text);
  }

  /** A command line of bash, with what it says to both streams. @throws when it fails, unless that is meant */
  async type(command: string, { mayFail = false } = {}): Promise<Said> {
    const startedAt = performance.now();
    process.stderr.write(`\n$ ${command}\n`);
    const child = spawn('/bin/bash', ['-c', command], { env: this.#env, cwd: this.#env.HOME, stdio: ['ignore', 'pipe', 'pipe'] });
    let [all, out] = ['', ''];
    const hear = (text: string) => {
      all += text;
      process.stderr.write(text);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      hear(text);
    });
    child.stderr.setEncoding('utf8').on('data', hear);
    const status = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)));
    this.#parts.push(`\`\`\`console\n$ ${command}\n${all}\`\`\`${spent(performance.now() - startedAt)}`);
    if (status !== 0 && !mayFail) throw new Error(`${command} ended with ${status}.`);
    return { status, out };
  }

  /** A command whose output is only for the run itself. */
  async ask(command: string): Promise<string> {
    const child = spawn('/bin/bash', ['-c', command], {
      env: this.#env,
      cwd: this.#env.HOME,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    await new Promise((resolve) => child.on('close', resolve));
    return out;
  }

  /** Sets a variable for what comes. */
  export(name: string, value: string, shown = value): void {
    process.stderr.write(`\n$ export ${name}=${shown}\n`);
    this.#env[name] = value;
    this.#parts.push(`\`\`\`console\n$ export ${name}=${shown}\n\`\`\``);
  }

  /** In Markdown. */
  text(): string {
    return `${this.#parts.join('\n\n')}\n`;
  }
}

/** Said of what takes long: guests are emulated. */
function spent(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 20) return '';
  return `\n\n(${seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`})`;
}
