import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashAccessToken, judgeToken, newAccessToken, newEnrolmentToken, tokenIdOf } from '../../src/actions/access-token.ts';
import {
  accessMode,
  clientOf,
  EVERYBODY,
  enrolledName,
  hasRole,
  isIdentityName,
  mayChange,
  ROLES,
} from '../../src/domain/access.ts';

describe('a token', () => {
  it('is 64 letters and digits behind a beginning that names it, and never the same', () => {
    const made = Array.from({ length: 1_000 }, newAccessToken);
    for (const { id, text } of made) {
      expect(text).toMatch(/^faafo_[0-9a-z]{8}_[0-9A-Za-z]{49}$/);
      expect(text).toHaveLength(64);
      expect(text.slice(6, 14)).toBe(id);
      expect(judgeToken(text)).toBe('possible');
    }
    expect(new Set(made.map(({ text }) => text.slice(15))).size).toBe(1_000);
    expect(new Set(made.map(({ text }) => hashAccessToken(text))).size).toBe(1_000);
    // Every digit varies, but for the first of the secret and of the check: 2^256 is less than 62^43, 2^32 than 62^6.
    const digits = Array.from({ length: 64 }, (_, at) => at).filter((at) => at > 15 && at !== 58);
    for (const at of digits) expect([at, new Set(made.map(({ text }) => text[at])).size > 50]).toEqual([at, true]);
  });

  it('is told from one with any letter exchanged, two swapped, some missing or too many', () => {
    const { text } = newAccessToken();
    const letters = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_- '];
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 63 }), fc.constantFrom(...letters), (at, letter) => {
        fc.pre(text[at] !== letter);
        expect(judgeToken(text.slice(0, at) + letter + text.slice(at + 1))).not.toBe('possible');
        expect(judgeToken(text.slice(0, at) + letter + text.slice(at))).not.toBe('possible');
        expect(judgeToken(text.slice(0, at) + text.slice(at + 1))).not.toBe('possible');
      }),
      { numRuns: 2_000 },
    );
    for (let at = 15; at < 63; at++) {
      const swapped = text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2);
      if (swapped !== text) expect(judgeToken(swapped)).toBe('misspelt');
    }
  });

  it('to be exchanged is told from one to be used, also without what it begins with', () => {
    const { id, text } = newEnrolmentToken();
    expect(text).toMatch(/^faafo_enrol_[0-9a-z]{8}_[0-9A-Za-z]{49}$/);
    expect([judgeToken(text), tokenIdOf(text), tokenIdOf(newAccessToken().text)]).toEqual(['enrolment', id, expect.any(String)]);
    expect(judgeToken(text.replace('enrol_', ''))).toBe('misspelt');
    expect(judgeToken(newAccessToken().text.replace('faafo_', 'faafo_enrol_'))).toBe('misspelt');
    expect(() => tokenIdOf('faafo_x')).toThrow();
  });

  it('is foreign when it does not even begin as ours, whatever it is', () => {
    fc.assert(fc.property(fc.string(), (text) => judgeToken(text) !== 'possible'));
    expect(judgeToken('ghp_x')).toBe('foreign');
    expect(judgeToken('faafo_')).toBe('misspelt');
  });
});

describe('access', () => {
  it('is open only where nobody else can come, and no token was ever made', () => {
    const modes = [true, false].flatMap((isPrivate) =>
      [true, false].map((tokensExist) => [isPrivate, tokensExist, accessMode({ isPrivate, tokensExist })]),
    );
    expect(modes).toEqual([
      [true, true, 'closed'],
      [true, false, 'open'],
      [false, true, 'closed'],
      [false, false, 'closed'],
    ]);
  });

  it('to change a fractal is for its owner and admins; what nobody owns, for admins', () => {
    const by = (name: string | null, role: (typeof ROLES)[number] | 'none') => ({ name, role });
    expect(mayChange(by('ann', 'creator'), 'ann')).toBe(true);
    expect(mayChange(by('ann', 'creator'), 'Ann')).toBe(false);
    expect(mayChange(by('ann', 'creator'), null)).toBe(false);
    expect(mayChange(by(null, 'creator'), null)).toBe(false);
    expect(mayChange(by('root', 'admin'), 'ann')).toBe(true);
    expect(mayChange(by('root', 'admin'), null)).toBe(true);
    expect(mayChange(EVERYBODY, 'ann')).toBe(true);
  });

  it('knows roles by their names alone', () => {
    expect(ROLES.map((role) => hasRole(['viewer', 'admin'], { name: 'x', role }))).toEqual([true, false, false, true]);
    expect(hasRole([], EVERYBODY)).toBe(true);
    expect(hasRole(['viewer'], { name: null, role: 'none' })).toBe(false);
  });

  it('adds up work under names that are no addresses, and no others', () => {
    expect(clientOf({ name: null, role: 'creator' }, '::1')).toBe('::1');
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 80, unit: 'grapheme-ascii' }), (name) => {
        if (!isIdentityName(name)) return;
        const client = clientOf({ name, role: 'creator' }, '10.0.0.1');
        expect(client.length).toBeLessThanOrEqual(64);
        expect(client).toMatch(/^@[A-Za-z][\w.@-]*$/);
      }),
    );
    for (const name of ['me', '', '1a', 'a b', 'ä', '@x', '::1', 'a'.repeat(64)])
      expect([name, isIdentityName(name)]).toEqual([name, false]);
    const host = fc.oneof(fc.string(), fc.domain(), fc.string({ minLength: 60, maxLength: 255 }));
    fc.assert(fc.property(host, (text) => isIdentityName(enrolledName(text, '3f9k2m1x'))));
    expect(enrolledName('app-worker-1', '3f9k2m1x')).toBe('app-worker-1-3f9k2m1x');
    for (const name of ['ann', 'Me', 'mel', 'a@b.org', 'gpu-1', 'a'.repeat(63)])
      expect([name, isIdentityName(name)]).toEqual([name, true]);
  });
});
