import { Fault } from '../domain/fault.ts';
import { addressGroup } from './address-group.ts';
import type { FailureWatch } from './bearer.ts';
import { TokenBuckets } from './token-buckets.ts';

/**
 * Who shows wrong tokens too often is no longer asked about, so that guessing costs the database nothing. An attempt is counted when it begins, so that a
 * thousand at once are no way around, and given back when it was no failure. In memory, bounded: see TokenBuckets.
 * @param perMinute failures of one address or IPv6 network, all of which may come at once
 */
export function failureWatch(perMinute: number): FailureWatch {
  const buckets = new TokenBuckets({ perSecond: perMinute / 60, burst: perMinute });
  return {
    begin(address) {
      const group = addressGroup(address);
      const seconds = buckets.take(group);
      if (seconds === 0) return () => buckets.giveBack(group);
      throw new Fault('busy', 'Too many wrong tokens came from your address: try again in a moment.', {
        retryAfterSeconds: Math.ceil(seconds),
      });
    },
  };
}
