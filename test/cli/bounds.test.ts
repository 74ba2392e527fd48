import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { complaintOf, ORDER_BOUNDS } from '../../src/domain/bounds.ts';
import { explainIssue } from '../../src/http/explain-issue.ts';
import { orderBody } from '../../src/http/schemas.ts';

const ORDER = { width: 3, height: 2, iterations: 10, xa: -2, xb: 2, ya: -1.5, yb: 1.5 };

/** What the API says about one number; null when it takes it. */
function saidByApi(name: string, value: number): string | null {
  const parsed = orderBody.safeParse({ ...ORDER, [name]: value });
  if (parsed.success) return null;
  const { code, path, message, ...params } = parsed.error.issues[0]!;
  return explainIssue({ keyword: code, instancePath: `/${path.join('/')}`, message, params }).detail;
}

describe('the bounds of an order', () => {
  const names = Object.keys(ORDER_BOUNDS) as (keyof typeof ORDER_BOUNDS)[];
  const edges = names.flatMap((name) => {
    const { min, max } = ORDER_BOUNDS[name];
    return [min - 1, min, min + 0.5, max, max + 1, max * 2].map((value) => [name, value] as const);
  });

  it('are the same for the command line and the API, in the same words', () => {
    const cases = fc.oneof(
      fc.constantFrom(...edges),
      fc.tuple(fc.constantFrom(...names), fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))),
    );
    fc.assert(
      fc.property(cases, ([name, value]) => {
        const complaint = complaintOf(value, ORDER_BOUNDS[name]);
        expect(complaint === null ? null : `${name} ${complaint}.`).toBe(saidByApi(name, value));
      }),
      { numRuns: 2000 },
    );
  });
});
