import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSharedRepository } from '../../src/repository/open.ts';
import { FaultProxy } from '../faults/support/fault-proxy.ts';
import { startMariadb } from '../support/servers/mariadb.ts';
import type { PrivateDatabase } from '../support/servers/private-server.ts';
import { describeTables } from '../support/tables-of.ts';

/** A statement that changes something, behind the head of its packet. */
const CHANGE = /(?:create|alter|drop|insert|update|delete) [^\0]*/;
const VALUE = /'[^']*'/g;
/** Of its text without values: rows that are written in a loop count as one. */
const SAME = 60;

let server: PrivateDatabase;
beforeAll(async () => {
  server = await startMariadb();
});
afterAll(() => server?.[Symbol.asyncDispose]());

/** Loses the connection at the answer to each change that was never made before. */
function cutAtNews(link: FaultProxy, made: Set<string>): void {
  const cut = new WeakSet<object>();
  link.watch((piece, to, conversation) => {
    if (to === 'client') return cut.has(conversation) ? 'reset' : 'pass';
    const [change] = CHANGE.exec(piece.toString('latin1')) ?? [];
    const text = change?.replaceAll(VALUE, '?').slice(0, SAME);
    if (text !== undefined && !made.has(text)) {
      made.add(text);
      cut.add(conversation);
    }
    return 'pass';
  });
}

describe('migrations on a database that keeps every change at once', () => {
  it('are gone on with after an end behind any of their statements', async () => {
    const open = async (url: string) => await openSharedRepository(url, { name: 'half', onWait: () => undefined });
    const alone = await server.createDatabase('alone');
    await (await open(alone))[Symbol.asyncDispose]();
    const half = new URL(await server.createDatabase('half'));
    const target = Number(half.port);
    await using link = await FaultProxy.open(() => target);
    const straight = half.href;
    half.port = String(link.port);
    const made = new Set<string>();
    for (let before = -1; before < made.size; ) {
      before = made.size;
      cutAtNews(link, made);
      await (await open(half.href).catch(() => null))?.[Symbol.asyncDispose]();
    }
    expect(made.size).toBeGreaterThan(30);
    expect(await describeTables(straight)).toEqual(await describeTables(alone));
  }, 120_000);
});
