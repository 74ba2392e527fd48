import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { order, send } from '../support/orders.ts';
import { cleanEnvironment } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/faafo-api.js', import.meta.url));
const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

describe('the log of faafo-api on a terminal', () => {
  it('is lines for people: a time, a level and words, and nothing of JSON', async () => {
    await using folder = await temporaryFolder();
    const words = [process.execPath, PROGRAM, '--data-dir', folder.path, '--bind-port', '0', '--log-level', 'debug'];
    // script gives it a terminal of its own; of both streams one text comes out.
    const command = `echo "pid $$"; exec ${words.map(quoted).join(' ')}`;
    const child = spawn('/usr/bin/script', ['-qec', command, '/dev/null'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...cleanEnvironment(), SHELL: '/bin/sh', TERM: 'xterm' },
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      said += piece;
    });
    const ended = once(child, 'exit');
    const url = await until(() => /^faafo is ready: (\S+)\r?$/m.exec(said)?.[1]);
    const pid = Number(/^pid (\d+)/m.exec(said)?.[1]);
    const { uuid } = await order(url);
    await send(`${url}/v1/fractal/${uuid}`, 'DELETE');
    await until(() => said.includes('"delete"'));
    process.kill(pid, 'SIGTERM');
    expect((await ended)[0]).toBe(0);
    const lines = stripVTControlCharacters(said)
      .split(/\r?\n/)
      .filter((line) => /^\[|^\{|"level"/.test(line));
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(line).toMatch(/^\[\d\d:\d\d:\d\d\] (?:DEBUG|INFO|WARN): \w/);
    expect(lines.some((line) => line.includes('INFO: audit {') && line.includes(uuid))).toBe(true);
    expect(said).not.toMatch(/"level":|"pid":|"hostname":/);
  }, 60_000);
});
