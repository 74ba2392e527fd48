import { z } from 'zod';
import type { Assignment } from '../domain/dispatcher.ts';
import { FORMULAS } from '../domain/formulas.ts';
import { parseFractalId } from '../domain/ids.ts';
import { HARD_LIMITS } from '../domain/limits.ts';
import { PALETTES } from '../domain/palettes.ts';
import type { WorkerReport } from '../domain/repository.ts';
import { C_SOURCES } from '../domain/spec.ts';

/*
 * The shapes between a worker on its own and the service. Unknown fields are passed over: while a release is rolled out, both releases speak.
 */

/** A deflated band is a few thousandths longer than its pixels (4 MiB) at most; the thumbnail has 1 MiB at most. */
export const MAX_RESULT_BYTES = 2 ** 24;
/** Of all results that are coming in at the same time. */
export const MAX_RESULTS_BYTES = 2 ** 27;
export const MAX_THUMBNAIL_BYTES = 2 ** 20;
/** Bands of one claim, results of one delivery. */
const MAX_BUNDLE = 64;
/** characters */
export const MAX_REASON = 300;
/** Work in hand that a report tells of. */
export const MAX_REPORTED_WORK = 256;

const count = z.int().min(0).max(0x7fff_ffff);
const amount = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
/** What is told of workers is whole, too: one that said otherwise would hide all others. */
const whole = z.int().min(0);
const word = (max: number) =>
  z
    .string()
    .regex(/^[\w.:+-]+$/, 'must be letters, digits and . : + - _')
    .max(max);
const fractal = z.string().transform((text, { issues }) => {
  try {
    return parseFractalId(text);
  } catch {
    issues.push({ code: 'custom', message: 'must be a uuid', input: undefined });
    return z.NEVER;
  }
});
/** Shown to people on terminals and pages: nothing that moves the cursor, turns the direction of writing, or cannot be seen. */
export const host = z
  .string()
  .max(255)
  .regex(/^[^\s,\p{Cc}\p{Cf}\p{Cs}]+$/u, 'must be a host name');
const doorbell = z.object({ fractal, band: count });

export const claimBody = doorbell.extend({
  host,
  engine_version: word(64),
  repeated: z.boolean().default(false),
  most: z.int().min(1).max(MAX_BUNDLE).default(1),
});
export const leaseBody = doorbell.extend({ attempt: count });
export const failBody = leaseBody.extend({
  reason: z
    .string()
    .min(1)
    .max(MAX_REASON)
    .regex(/^[^\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+$/u, 'must be one line of text'),
});

const digits = (max: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().max(max));

/** What stands beside the bytes of a result, in the query. */
export const resultQuery = z.object({
  fractal,
  band: digits(0x7fff_ffff),
  attempt: digits(0x7fff_ffff),
  split: digits(MAX_RESULT_BYTES),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256: 64 hexadecimal digits, lower case'),
  adler: digits(0xffff_ffff),
  mirror_adler: digits(0xffff_ffff),
  render_ms: z
    .string()
    .regex(/^\d{1,10}(\.\d{1,9})?$/, 'must be a number of milliseconds')
    .transform(Number),
  thumbnail_bytes: digits(MAX_THUMBNAIL_BYTES),
});
export type ResultQuery = z.output<typeof resultQuery>;

/** Before the bytes of several results, in their order: the words of each, and how many bytes are its own. */
export const resultsHead = z
  .array(resultQuery.extend({ bytes: digits(MAX_RESULT_BYTES) }))
  .min(1)
  .max(MAX_BUNDLE);

export const reportBody = z
  .object({
    id: z.string().regex(/^[0-9A-Za-z-]{1,64}$/, 'must be letters, digits and hyphens'),
    host,
    version: word(64),
    engine_version: word(64),
    cores: count,
    threads: count,
    load: amount,
    uptime: whole,
    bands: whole,
    speed: amount,
    bands_per_second: amount,
    // Workers of an earlier release do not tell.
    pixels_per_second: amount.default(0),
    state: z.enum(['working', 'waiting', 'stopping']),
    work: z.array(doorbell.extend({ ms: amount })).max(MAX_REPORTED_WORK),
  })
  .transform(
    ({
      engine_version: engineVersion,
      bands_per_second: bandsPerSecond,
      pixels_per_second: pixelsPerSecond,
      ...same
    }): WorkerReport => ({ ...same, engineVersion, bandsPerSecond, pixelsPerSecond }),
  );

export function toReportBody(report: WorkerReport): z.input<typeof reportBody> {
  const { engineVersion, bandsPerSecond, pixelsPerSecond, work, ...same } = report;
  return {
    ...same,
    engine_version: engineVersion,
    bands_per_second: bandsPerSecond,
    pixels_per_second: pixelsPerSecond,
    work: work.slice(0, MAX_REPORTED_WORK),
  };
}

const side = z.int().min(1).max(HARD_LIMITS.maxSide);
const row = z.int().min(0).max(HARD_LIMITS.maxSide);
const run = z.object({ firstRow: row, lastRow: row });
const coordinate = z.number();

/** Names within spec and band are those of the domain. */
const oneAssignment = z.object({
  fractal: z.string(),
  number: count,
  attempt: count,
  token: z.string().min(1).max(128),
  spec: z.object({
    formula: z.enum(FORMULAS),
    power: z.int(),
    viewport: z.object({ xa: coordinate, xb: coordinate, ya: coordinate, yb: coordinate }),
    width: side,
    height: side,
    iterations: z.int().min(1).max(HARD_LIMITS.maxIterations),
    c: z.object({ re: coordinate, im: coordinate }).nullable(),
    cSource: z.enum(C_SOURCES).nullable(),
    seed: z.int().nullable(),
    palette: z.enum(PALETTES),
    density: z.number(),
    offset: z.number(),
    interior: z.string().nullable(),
    shade: z.number(),
    samples: z.int().min(1).max(HARD_LIMITS.maxSamples),
  }),
  band: z.object({ rows: run, mirror: run.nullable() }),
  thumbnail: z.boolean(),
  // An API of an earlier release does not tell.
  trace: z.string().max(55).nullish(),
  lease_ms: count,
  renew_every_ms: z.int().min(100).max(0x7fff_ffff),
});

/** The first, and what else the claim gave. */
export const assignmentBody = oneAssignment.extend({ more: z.array(oneAssignment).max(MAX_BUNDLE).optional() });

export function toAssignmentBody({ more, ...first }: Assignment): z.input<typeof assignmentBody> {
  return { ...toOneBody(first), ...(more && { more: more.map(toOneBody) }) };
}

function toOneBody({ lease, leaseMs, renewEveryMs, more: _, ...same }: Assignment): z.input<typeof oneAssignment> {
  const { fractal, band: number, attempt, token } = lease;
  return { ...same, fractal, number, attempt, token, lease_ms: leaseMs, renew_every_ms: renewEveryMs };
}

export function toAssignment({ more, ...first }: z.output<typeof assignmentBody>): Assignment {
  return { ...toOne(first), ...(more && { more: more.map(toOne) }) };
}

function toOne(body: z.output<typeof oneAssignment>): Assignment {
  const { fractal, number, attempt, token, lease_ms: leaseMs, renew_every_ms: renewEveryMs, ...same } = body;
  return { ...same, lease: { fractal: parseFractalId(fractal), band: number, attempt, token }, leaseMs, renewEveryMs };
}

/** What became of a lease or a delivery, in an answer of status 200 or as a member of the problem that tells it. */
export const finalWord = z.object({ answer: z.enum(['held', 'accepted', 'stale', 'cancelled', 'unknown']) });

/** What became of several deliveries, in their order; null where nothing was decided. */
export const finalWords = z.object({ answers: z.array(z.enum(['accepted', 'stale', 'cancelled', 'unknown']).nullable()) });
