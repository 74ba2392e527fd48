import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { addressGroup } from '../../src/http/address-group.ts';
import { addressesIn } from '../../src/http/addresses.ts';
import { AnswerMemory } from '../../src/http/answer-memory.ts';
import { LiveNames } from '../../src/http/live-names.ts';
import { Shares } from '../../src/http/shares.ts';
import { TokenBuckets } from '../../src/http/token-buckets.ts';

describe('one sender', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:192.0.2.7', '192.0.2.7'],
    ['2001:db8:0:1::5', '2001:db8:0:1::/64'],
    ['2001:0DB8:0000:0001:ffff:ffff:ffff:ffff', '2001:db8:0:1::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1:2%eth0', 'fe80:0:0:0::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
    // With the port, which is another each time.
    ['192.0.2.7:51234', '192.0.2.7'],
    ['[2001:db8:0:1::5]:51234', '2001:db8:0:1::/64'],
    ['[2001:db8:0:1::5]', '2001:db8:0:1::/64'],
    ['unix:', 'unknown'],
    ['somebody-7', 'unknown'],
    ['x'.repeat(10_000), 'unknown'],
  ])('%s is %s', (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });

  it('is a proxy when it is one of the addresses or lies in one of the networks', () => {
    const isProxy = addressesIn(['192.0.2.7', '10.0.0.0/8', '2001:db8::/32']);
    const [yes, no] = [
      ['192.0.2.7', '10.1.2.3', '::ffff:10.1.2.3', '2001:db8:5::1'],
      ['192.0.2.8', '11.0.0.1', '::ffff:11.0.0.1', '2001:db9::1', 'unix:'],
    ];
    expect([yes.map(isProxy), no.map(isProxy)]).toEqual([yes.map(() => true), no.map(() => false)]);
  });
});

describe('token buckets', () => {
  it('give a burst, then so many a second, to each key its own, and say when there will be more', () => {
    const buckets = new TokenBuckets({ perSecond: 4, burst: 3 });
    expect([buckets.take('a', 0), buckets.take('a', 0), buckets.take('a', 0)]).toEqual([0, 0, 0]);
    expect([buckets.take('a', 0), buckets.take('b', 0)]).toEqual([0.25, 0]);
    expect([buckets.take('a', 125), buckets.take('a', 250), buckets.take('a', 250)]).toEqual([0.125, 0, 0.25]);
    const later = Array.from({ length: 5 }, () => buckets.take('a', 60_000));
    expect(later).toEqual([0, 0, 0, 0.25, 0.25]);
  });

  it('tell without taking, and remember nobody for it', () => {
    const buckets = new TokenBuckets({ perSecond: 1, burst: 1 });
    expect([buckets.peek('a', 0), buckets.size]).toEqual([0, 0]);
    buckets.take('a', 0);
    expect([buckets.peek('a', 500), buckets.peek('a', 500), buckets.peek('a', 1_000)]).toEqual([0.5, 0.5, 0]);
    expect([buckets.take('a', 1_000), buckets.take('a', 1_000)]).toEqual([0, 1]);
  });

  it('stay few, however many keys there are: a million addresses take no memory, and who is at it now is not forgotten', () => {
    const buckets = new TokenBuckets({ perSecond: 0.01, burst: 2, most: 10_000 });
    for (let i = 0; i < 1_000_000; i++) {
      buckets.take(`2001:db8:${(i >> 16).toString(16)}:${(i & 0xffff).toString(16)}::/64`, i / 1000);
      if (i % 4_000 === 0) buckets.take('guilty', i / 1000);
    }
    expect(buckets.size).toBeGreaterThan(5_000);
    expect(buckets.size).toBeLessThanOrEqual(10_000);
    expect(buckets.peek('guilty', 1_000)).toBeGreaterThan(0);
  });
});

describe('shares', () => {
  it('are held by one key up to its limit, by all up to theirs, and given back once', () => {
    const shares = new Shares({ ofOne: 2, ofAll: 3 });
    const first = shares.take('a')!;
    expect([shares.take('a'), shares.take('a')]).toEqual([expect.any(Function), null]);
    expect([shares.take('b'), shares.take('b'), shares.all]).toEqual([expect.any(Function), null, 3]);
    first();
    first();
    expect([shares.all, shares.take('a'), shares.take('a')]).toEqual([2, expect.any(Function), null]);
  });

  it('go to one who holds nothing, however large, when nobody else does', () => {
    const shares = new Shares({ ofOne: 10, ofAll: 20 });
    const release = shares.take('a', 100)!;
    expect([shares.take('a', 1), shares.take('b', 1)]).toEqual([null, null]);
    release();
    expect(shares.take('b', 1)).not.toBeNull();
  });
});

describe('live names', () => {
  it('are so many of one key at a time; who says the same again, and others, are never refused', () => {
    const names = new LiveNames({ ofOne: 2, livesMs: 1_000 });
    expect([names.say('a', 'x', 0), names.say('a', 'y', 0), names.say('a', 'z', 0)]).toEqual([true, true, false]);
    expect([names.say('a', 'x', 900), names.say('b', 'z', 900)]).toEqual([true, true]);
    // y has been silent for long enough.
    expect([names.say('a', 'z', 1_000), names.say('a', 'w', 1_001), names.size]).toEqual([true, false, 2]);
    for (let i = 0; i < 100_000; i++) names.say('flood', `name ${i}`, 2_000);
    expect(names.size).toBe(2);
  });
});

describe('answers in memory', () => {
  const answer = (): { response: ServerResponse; socket: Socket } => {
    const socket = new Socket();
    const response = new ServerResponse(new IncomingMessage(socket));
    response.assignSocket(socket);
    return { response, socket };
  };

  it('have a limit: who holds most loses the oldest, unless it is young, and what is over counts no more', () => {
    const memory = new AnswerMemory({ mostBytes: 100, graceMs: 1_000 });
    const [modest, ...thief] = Array.from({ length: 5 }, answer);
    memory.hold('modest', modest!.response, 40, 0);
    for (const { response } of thief) memory.hold('thief', response, 30, 500);
    const ended = () => thief.map(({ socket }) => socket.destroyed);
    expect([memory.bytes, ended()]).toEqual([160, [false, false, false, false]]);
    memory.relieve(1_499);
    expect(memory.bytes).toBe(160);
    memory.relieve(1_500);
    expect([memory.bytes, ended(), modest!.socket.destroyed]).toEqual([100, [true, true, false, false], false]);
    // Node says it of those that were ended, too; they are counted once.
    for (const { response } of [thief[0]!, thief[2]!, modest!]) response.emit('close');
    expect(memory.bytes).toBe(30);
    const late = answer();
    memory.hold('late', late.response, 80, 2_000);
    expect([memory.bytes, late.socket.destroyed, ended()]).toEqual([110, false, [true, true, false, false]]);
  });
});
