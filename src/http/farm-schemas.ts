import { z } from 'zod';
import { DELIVERY } from '../domain/delivery.ts';
import { MAX_COUNTED, MAX_WHY, READING_EVERY_MS } from '../domain/repository.ts';
import type { FractalState } from '../domain/states.ts';

/* What is told of the workers and of the work that waits for them; see schemas.ts. */

const perSecond = (what: string) => z.number().meta({ description: `${what} a second, over the last half minute` });
const STEPS = 'width x height x iterations x samples² delivered';

const throughput = {
  bands_per_second: perSecond('bands delivered'),
  pixels_per_second: perSecond('pixels of them'),
  steps_per_second: perSecond(STEPS),
};

const workerResource = z
  .object({
    id: z.string().meta({ description: 'names the process' }),
    host: z.string(),
    state: z.enum(['working', 'waiting', 'stopping']),
    version: z.string(),
    engine_version: z.string().meta({ description: 'a fractal is drawn by workers of one engine version' }),
    cores: z.int(),
    threads: z.int().meta({ description: 'how many bands it draws at a time' }),
    load: z.number().meta({ description: 'load average of the last minute' }),
    uptime: z.number().meta({ description: 'seconds since it started' }),
    bands: z.int().meta({ description: 'delivered since it started' }),
    ...throughput,
    seen_at: z.string().meta({ format: 'date-time', description: 'when it was last heard of' }),
    silent: z
      .boolean()
      .meta({ description: `not heard of for more than ${DELIVERY.workerSilentMs / 1000} s: it is not counted on` }),
    work: z
      .array(z.object({ uuid: z.string(), band: z.int(), seconds: z.number().meta({ description: 'since it was claimed' }) }))
      .meta({ description: 'the bands in its hands' }),
  })
  .meta({ id: 'Worker' });
export type WorkerResource = z.infer<typeof workerResource>;

/** Seconds for which workers that are gone are remembered. */
const LONGEST_SEEN_S = 3600;

export const workerQuery = z.strictObject({
  seen_within: z.coerce
    .number()
    .int()
    .min(1)
    .max(LONGEST_SEEN_S)
    .default(DELIVERY.workerSilentMs / 1000)
    .meta({ description: `seconds; beyond ${DELIVERY.workerSilentMs / 1000} silent ones are listed, too` }),
});

export const workerList = z
  .object({ objects: z.array(workerResource).meta({ description: 'those heard of lately, by host' }) })
  .meta({ id: 'WorkerList' });
export type WorkerList = z.infer<typeof workerList>;

export const pauseBody = z
  .strictObject({
    why: z
      .string()
      .min(1)
      .max(MAX_WHY)
      .regex(/^[^\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+$/u, 'must be one line of text')
      .optional()
      .meta({ description: `one line for those who wait, ${MAX_WHY} characters at most` }),
  })
  .meta({ id: 'PauseOrder' });
export type PauseBody = z.input<typeof pauseBody>;

export const pauseResource = z
  .object({
    since: z.string().meta({ format: 'date-time' }),
    by: z.string().nullable().meta({ description: 'name of the identity that paused the queue; null when it gave none' }),
    why: z.string().nullable().meta({ description: 'in its words; null when it said nothing' }),
  })
  .meta({ id: 'Pause' });
export type PauseResource = z.infer<typeof pauseResource>;

const count = z.int();
const byState = { queued: count, rendering: count, assembling: count, done: count, failed: count, cancelled: count };

export const farmStatus = z
  .object({
    pause: pauseResource
      .nullable()
      .meta({ description: 'the queue is paused: orders are taken, and no band is given to a worker; null while it goes on' }),
    fractals: z
      .object(byState satisfies Record<FractalState, z.ZodType>)
      .meta({ description: 'how many there are in each state' }),
    bands: z.object({
      waiting: z.int().meta({ description: `bands that wait for a worker, counted up to ${MAX_COUNTED}` }),
      leased: z.int().meta({ description: 'bands in the hands of workers' }),
    }),
    oldest_waiting: z
      .number()
      .nullable()
      .meta({ description: 'seconds since the oldest unfinished fractal was ordered; null when all are finished' }),
    workers: z.object({ count, threads: z.int() }).meta({ description: 'those heard of lately' }),
    throughput: z.object(throughput),
    outstanding_steps: z.number().meta({
      description:
        'width x height x iterations x samples² of all unfinished fractals; new orders are refused when it is too much',
    }),
    limits: z
      .object({
        max_side: z.int().meta({ description: 'pixels, of width and of height' }),
        max_iterations: z.int(),
        max_cost: z.number().meta({ description: 'width x height x iterations x samples²' }),
      })
      .meta({ description: 'what one order may ask for here' }),
    stored_bytes: z.int().meta({ description: 'of all finished pictures, thumbnails not counted' }),
    queue: z
      .object({ depth: z.int() })
      .nullable()
      .meta({ description: 'doorbells that no worker has heard yet; null while the queue cannot be reached' }),
    scrub: z
      .object({
        checked: z.int().meta({ description: 'pictures read in this lap' }),
        bytes: z.int().meta({ description: 'bytes of them' }),
        damaged: z.int().meta({ description: 'found damaged so far, in all laps' }),
        missing: z.int().meta({ description: 'found missing so far, in all laps' }),
        finished_at: z
          .string()
          .nullable()
          .meta({ format: 'date-time', description: 'when all pictures had been read last; null before' }),
      })
      .meta({ description: 'stored pictures are read again slowly, so that damage is found before somebody looks' }),
  })
  .meta({ id: 'Status' });
export type FarmStatus = z.infer<typeof farmStatus>;

const readingResource = z
  .object({
    at: z.string().meta({ format: 'date-time' }),
    ...throughput,
    workers: count.meta({ description: 'those heard of lately' }),
    bands_waiting: z.int().meta({ description: `counted up to ${MAX_COUNTED}` }),
    bands_leased: z.int(),
    oldest_waiting: z.number().nullable().meta({ description: 'seconds since the oldest unfinished fractal was ordered' }),
    paused: z.boolean().meta({ description: 'the queue was paused' }),
  })
  .meta({ id: 'Reading' });
export type ReadingResource = z.infer<typeof readingResource>;

export const readingQuery = z.strictObject({
  after: z.iso.datetime().optional().meta({ description: '`at` of the last one that is known already: only newer ones' }),
});

export const readingList = z
  .object({
    every: z.int().meta({ description: `seconds from one to the next: ${READING_EVERY_MS / 1000}; some may be missing` }),
    objects: z.array(readingResource).meta({ description: 'of the last hour, the oldest first' }),
  })
  .meta({ id: 'ReadingList' });
export type ReadingList = z.infer<typeof readingList>;

export const bandsResource = z
  .object({
    uuid: z.string(),
    states: z
      .string()
      .meta({ description: 'a letter for each band, by number: w waits, l is in the hands of a worker, d is done' }),
    hosts: z.array(z.string()).meta({ description: 'host names of those workers' }),
    by: z.array(z.int().nullable()).meta({ description: 'for each band, who has or has drawn it: a place in hosts, from 0' }),
  })
  .meta({ id: 'Bands' });
export type BandsResource = z.infer<typeof bandsResource>;
