import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/domain/fault.ts';
import { mayPass, pause, pauseMs, unlessAborted } from '../../src/worker/patience.ts';

const away = new Fault('unavailable', 'Away.');
const full = (retryAfterSeconds: number) => new Fault('unavailable', 'Full.', { retryAfterSeconds });

describe('the pause before another try', () => {
  it.each([
    [1, 500],
    [2, 1000],
    [3, 2000],
    [6, 16_000],
    [7, 30_000],
    [100, 30_000],
  ])('after %i tries is half of %i ms at least, and that at most', (tries, most) => {
    const pauses = Array.from({ length: 200 }, () => pauseMs(away, tries));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(most / 2);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(most);
    expect(new Set(pauses).size).toBeGreaterThan(100);
  });

  it('is never less than the service asked for, and never for ever', () => {
    for (let n = 0; n < 100; n++) {
      expect(pauseMs(full(7), 1)).toBeGreaterThanOrEqual(7000);
      expect(pauseMs(full(7), 1)).toBeLessThanOrEqual(9000);
      expect(pauseMs(full(1), 7)).toBeGreaterThanOrEqual(15_000);
      expect(pauseMs(full(1e9), 1)).toBeLessThanOrEqual(400_000);
    }
  });

  it('ends with the signal', async () => {
    const stop = new AbortController();
    const pausing = pause(60_000, stop.signal);
    stop.abort();
    await pausing;
    await pause(60_000, stop.signal);
  });
});

describe('a failure', () => {
  it('may pass when the service is away or busy', () => {
    expect([away, full(1), new Fault('busy', 'Busy.')].map(mayPass)).toEqual([true, true, true]);
    const others = ['invalid', 'not_found', 'conflict', 'gone', 'denied'] as const;
    expect(others.map((code) => mayPass(new Fault(code, 'No.')))).toEqual([false, false, false, false, false]);
    expect(mayPass(new TypeError('a defect'))).toBe(false);
  });
});

describe('a promise that is no longer waited for', () => {
  it('rejects with the reason, also when the signal aborted before', async () => {
    const stop = new AbortController();
    const never = unlessAborted(new Promise(() => undefined), stop.signal);
    stop.abort(new Error('enough'));
    await expect(never).rejects.toThrow('enough');
    await expect(unlessAborted(new Promise(() => undefined), stop.signal)).rejects.toThrow('enough');
  });

  it('is itself otherwise', async () => {
    const { signal } = new AbortController();
    expect(await unlessAborted(Promise.resolve(5), signal)).toBe(5);
    await expect(unlessAborted(Promise.reject(new Error('mine')), signal)).rejects.toThrow('mine');
  });
});
