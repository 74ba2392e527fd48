import { describe, expect, it } from 'vitest';
import { hashAccessToken, newAccessToken } from '../../src/actions/access-token.ts';
import { tokenTeller } from '../../src/actions/authenticate.ts';
import { Fault } from '../../src/domain/fault.ts';
import type { TokenRepository } from '../../src/domain/repository.ts';

type Found = NonNullable<Awaited<ReturnType<TokenRepository['find']>>>;

/** A table of tokens that counts how often it is asked, and a clock that is moved by hand. */
function counted() {
  const rows = new Map<string, Found>();
  const count = { find: 0, exist: 0, touch: 0 };
  const clock = { ms: 0 };
  let fault: Fault | null = null;
  const asked = async <T>(what: keyof typeof count, answer: () => T): Promise<T> => {
    count[what]++;
    await Promise.resolve();
    if (fault) throw fault;
    return answer();
  };
  const tokens = {
    find: (hash: string) => asked('find', () => rows.get(hash) ?? null),
    exist: () => asked('exist', () => rows.size > 0),
    touch: () => asked('touch', () => undefined),
  } as unknown as TokenRepository;
  const teller = tokenTeller({ tokens }, () => clock.ms);
  const add = (change: Partial<Found> = {}) => {
    const { id, text } = newAccessToken();
    const row: Found = {
      ...{ id, name: 'ann', role: 'creator', createdAt: 0, expiresAt: null, revokedAt: null, lastUsedAt: null },
      ...{ uses: null, usesLeft: null, enrolment: null, standing: 'valid', expiresInMs: null, ...change },
    };
    rows.set(hashAccessToken(text), row);
    return { text, revoke: () => rows.set(hashAccessToken(text), { ...row, standing: 'revoked' }) };
  };
  return { teller, add, count, clock, fail: (why: Fault | null) => (fault = why) };
}

describe('who shows a token', () => {
  it('is asked about once in 2 s, however many requests come at a time, and known no longer', async () => {
    const { teller, add, count, clock } = counted();
    const { text, revoke } = add();
    const told = await Promise.all(Array.from({ length: 100 }, () => teller.tell(text)));
    expect(told).toEqual(Array(100).fill({ name: 'ann', role: 'creator' }));
    revoke();
    clock.ms = 1_999;
    expect([await teller.tell(text), count.find]).toEqual([{ name: 'ann', role: 'creator' }, 1]);
    clock.ms = 2_000;
    expect(teller.isKnown(text)).toBe(true);
    await expect(teller.tell(text)).rejects.toMatchObject({ code: 'unauthenticated', message: /was revoked/ });
    // To say it again costs nothing, for a while.
    expect([teller.isKnown(text), count.find]).toEqual([true, 2]);
    clock.ms = 4_000;
    expect(teller.isKnown(text)).toBe(false);
  });

  it('is refused for as long without asking again; a text that is no token, without asking at all', async () => {
    const { teller, count } = counted();
    const { text } = newAccessToken();
    for (let i = 0; i < 50; i++) await expect(teller.tell(text)).rejects.toMatchObject({ message: /unknown here/ });
    expect(count.find).toBe(1);
    for (const wrong of ['', 'x', text.slice(1), `${text} `])
      await expect(teller.tell(wrong)).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(count).toEqual({ find: 1, exist: 0, touch: 0 });
  });

  it('is believed no longer than the token lives', async () => {
    const { teller, add, clock, count } = counted();
    const { text } = add({ expiresInMs: 700 });
    await teller.tell(text);
    clock.ms = 699;
    await teller.tell(text);
    expect(count.find).toBe(1);
    clock.ms = 700;
    await teller.tell(text);
    expect(count.find).toBe(2);
  });

  it('is neither believed nor refused while the database is away', async () => {
    const { teller, add, fail } = counted();
    const { text } = add();
    fail(new Fault('unavailable', 'away'));
    await expect(teller.tell(text)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(teller.exist()).rejects.toMatchObject({ code: 'unavailable' });
    fail(null);
    expect(await teller.tell(text)).toEqual({ name: 'ann', role: 'creator' });
    expect(await teller.exist()).toBe(true);
  });

  it('is asked about again when many others were tried since, for memory has an end, and yet known as one who was right', async () => {
    const { teller, add, count } = counted();
    const first = add();
    await teller.tell(first.text);
    const guesses = Array.from({ length: 10_001 }, () => newAccessToken().text);
    for (const guess of guesses) await teller.tell(guess).catch(() => undefined);
    expect([teller.isKnown(first.text), teller.isKnown(guesses[0]!), count.find]).toEqual([true, false, 10_002]);
    await teller.tell(first.text);
    expect(count.find).toBe(10_003);
  });
});

describe('whether there are tokens', () => {
  it('is asked every 2 s until there is one, and then never again', async () => {
    const { teller, add, count, clock } = counted();
    for (let i = 0; i < 10; i++) expect(await teller.exist()).toBe(false);
    add();
    expect([await teller.exist(), count.exist]).toEqual([false, 1]);
    clock.ms = 2_000;
    expect([await teller.exist(), count.exist]).toEqual([true, 2]);
    clock.ms = 100_000;
    expect([await teller.exist(), count.exist]).toEqual([true, 2]);
  });

  it('is known at once where one was just made', async () => {
    const { teller, add } = counted();
    expect(await teller.exist()).toBe(false);
    add();
    teller.forget();
    expect(await teller.exist()).toBe(true);
  });
});
