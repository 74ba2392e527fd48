import { describe, expect, it } from 'vitest';
import { EmbeddedPulse, EmbeddedQueue } from '../../src/queue/embedded.ts';
import { queueContract } from '../contract/queue.ts';

describe('the embedded queue', () => {
  queueContract(async () => new EmbeddedQueue());
});

describe('the embedded pulse', () => {
  it('wakes everyone who waits, and nobody later', async () => {
    const pulse = new EmbeddedPulse();
    const waiting = [pulse.wait(60_000), pulse.wait(60_000)];
    pulse.beat();
    await Promise.all(waiting);
    let woken = false;
    const later = pulse.wait(100).then(() => {
      woken = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(woken).toBe(false);
    await later;
  });

  it('ends with the signal', async () => {
    const stop = new AbortController();
    const waiting = new EmbeddedPulse().wait(60_000, stop.signal);
    stop.abort();
    await waiting;
    await new EmbeddedPulse().wait(60_000, stop.signal);
  });
});
