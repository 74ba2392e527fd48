import { z } from 'zod';
import { type Bounds, INTERIOR_PATTERN, ORDER_BOUNDS } from '../domain/bounds.ts';
import { FORMULAS } from '../domain/formulas.ts';
import { DEFAULT_LIMITS } from '../domain/limits.ts';
import { PALETTES } from '../domain/palettes.ts';
import { C_SOURCES } from '../domain/spec.ts';
import { FRACTAL_STATES } from '../domain/states.ts';

/*
 * The shapes on the wire. The same schemas validate requests, serialise answers and produce /openapi.json.
 */

function within({ min, max, isWhole, isAboveMin }: Bounds) {
  const number = (isAboveMin ? z.number().gt(min) : z.number().min(min)).max(max);
  // Last: whole numbers have bounds of their own, which say less.
  return isWhole ? number.int() : number;
}

const bounded = (name: keyof typeof ORDER_BOUNDS) => within(ORDER_BOUNDS[name]);

export const uuidText = z.string().meta({
  description: 'Any uuid, in hexadecimal digits with hyphens; upper case is folded.',
  examples: ['154c7b41-108e-4696-a059-1bde9bf03d0a'],
});

export const orderBody = z
  .strictObject({
    uuid: uuidText.optional(),
    formula: z.enum(FORMULAS).default('julia').meta({
      description: 'With c_re and c_im every formula is drawn as a Julia set; julia is one always.',
    }),
    power: bounded('power').optional().meta({ description: 'multibrot: z to which power; 3 when absent' }),
    width: bounded('width').meta({ description: 'pixels' }),
    height: bounded('height').meta({ description: 'pixels' }),
    iterations: bounded('iterations'),
    xa: bounded('xa').meta({ description: 'real part sampled by the first column' }),
    xb: bounded('xb').meta({ description: 'real part sampled by the last column' }),
    ya: bounded('ya').meta({ description: 'imaginary part sampled by the first row' }),
    yb: bounded('yb').meta({ description: 'imaginary part sampled by the last row' }),
    c_re: bounded('c_re').optional().meta({ description: 'Julia sets: real part of c; together with c_im' }),
    c_im: bounded('c_im').optional().meta({ description: 'Julia sets: imaginary part of c; together with c_re' }),
    seed: bounded('seed').optional().meta({
      description: 'Julia sets: c is drawn with it when c_re and c_im are not given; derived from the uuid when absent',
    }),
    palette: z.enum(PALETTES).default('classic').meta({
      description:
        'classic: the documented 32 colours, one per count; the others are smooth gradients over the continuous escape count',
    }),
    density: bounded('density').optional().meta({
      description: 'smooth palettes: how fast the gradient runs through its colours; 1 when absent',
    }),
    offset: bounded('offset').optional().meta({ description: 'smooth palettes: where the gradient begins; 0 when absent' }),
    interior: z
      .string()
      .regex(INTERIOR_PATTERN, 'must be a colour like #1a2b3c')
      .optional()
      .meta({ description: 'smooth palettes: colour of what never leaves; #000000 when absent' }),
    shade: bounded('shade').optional().meta({
      description: 'smooth palettes: how much darker it is near the set, by the estimated distance from it; 0 when absent',
    }),
    samples: bounded('samples').default(1).meta({
      description: 'anti-aliasing: samples x samples points a pixel, averaged in linear light',
    }),
  })
  .meta({
    id: 'Order',
    description: `What to draw. By default width x height x iterations x samples² may be at most ${DEFAULT_LIMITS.maxCost}.`,
  });
export type OrderBody = z.input<typeof orderBody>;

const state = z.enum(FRACTAL_STATES);

export const fractalResource = z
  .object({
    uuid: z.string(),
    url: z.string().meta({ description: 'where the PNG is, relative to the API' }),
    owner: z.string().nullable().meta({
      description: 'who ordered it, and may cancel, retry and delete it; null when whoever it was showed no token',
    }),
    state,
    progress: z.number().meta({ description: '0..1; 1 only when the picture can be had' }),
    checksum: z.string().nullable().meta({ description: 'SHA-256 of the PNG file, hexadecimal; null until done' }),
    size: z.int().nullable().meta({ description: 'bytes of the PNG file; null until done' }),
    duration: z.number().nullable().meta({ description: 'seconds of rendering, over all bands; null until done' }),
    generated_by: z
      .string()
      .nullable()
      .meta({ description: 'host names of the workers, comma-separated; null until a band is done' }),
    formula: z.enum(FORMULAS),
    power: z.int(),
    width: z.int(),
    height: z.int(),
    iterations: z.int(),
    xa: z.number(),
    xb: z.number(),
    ya: z.number(),
    yb: z.number(),
    c_re: z.number().nullable(),
    c_im: z.number().nullable(),
    c_source: z.enum(C_SOURCES).nullable().meta({
      description:
        'given; or drawn from the window; or, where the window held no good point, drawn from [-2,2]x[-1.5,1.5] (fallback)',
    }),
    seed: z.int().nullable(),
    palette: z.enum(PALETTES),
    density: z.number(),
    offset: z.number(),
    interior: z.string().nullable(),
    shade: z.number(),
    samples: z.int(),
    bands: z.int().meta({ description: 'how many pieces the work is cut into' }),
    created_at: z.string().meta({ format: 'date-time' }),
    finished_at: z.string().nullable().meta({ format: 'date-time' }),
    error: z.string().nullable().meta({ description: 'why it failed' }),
  })
  .meta({ id: 'Fractal' });
export type FractalResource = z.infer<typeof fractalResource>;

/** A fractal by itself: with what a list has no room for. */
export const oneFractalResource = fractalResource
  .extend({
    drawn_by: z
      .array(
        z.object({
          host: z.string(),
          bands: z.int(),
          seconds: z.number().meta({ description: 'of rendering, over those bands' }),
          ranges: z
            .array(z.array(z.int().min(0)).length(2))
            .nullable()
            .meta({
              description:
                'which they were: first and last number of each row of neighbours, from 0 at the top; null where it was not kept',
            }),
        }),
      )
      .nullable()
      .meta({
        description:
          'who drew how much of it, most first, 200 hosts at most; null until done, and where that is not known any more',
      }),
  })
  .meta({ id: 'OneFractal' });
export type OneFractalResource = z.infer<typeof oneFractalResource>;

export const MAX_PAGE_SIZE = 100;
/** See isIdentityName. */
const OWNER_PATTERN = /^[A-Za-z][\w.@-]{0,62}$/;

export const listQuery = z.strictObject({
  page: z.coerce.number().int().min(1).max(1_000_000_000).optional().meta({ description: 'from 1; not together with cursor' }),
  results_per_page: z.coerce
    .number()
    .int()
    .min(-1)
    .max(1_000_000_000)
    .default(10)
    .meta({
      description: `1..${MAX_PAGE_SIZE}; more, or -1, means ${MAX_PAGE_SIZE}`,
    }),
  cursor: z.string().optional().meta({ description: 'next_cursor of the page before: costs the same however far down the list' }),
  state: state.optional(),
  owner: z
    .string()
    .regex(OWNER_PATTERN, 'must be the name of an identity, or me')
    .optional()
    .meta({ description: 'only fractals of this identity; me: of whoever asks' }),
  formula: z.enum(FORMULAS).optional(),
  palette: z.enum(PALETTES).optional(),
  uuid_prefix: z.string().min(1).max(36).optional().meta({ description: 'only fractals whose uuid begins so' }),
  older_than: uuidText
    .optional()
    .meta({ description: 'those that were ordered next before this one; in place of page and cursor' }),
  newer_than: uuidText.optional().meta({
    description: 'those that were ordered next after this one, the newest of them first as ever; in place of page and cursor',
  }),
});
export type ListQuery = z.input<typeof listQuery>;

export const fractalPage = z
  .object({
    num_results: z.int(),
    total_pages: z.int(),
    page: z.int().nullable().meta({ description: 'null when asked with a cursor' }),
    next_cursor: z.string().nullable().meta({ description: 'null on the last page' }),
    objects: z.array(fractalResource),
  })
  .meta({ id: 'FractalPage' });
export type FractalPage = z.infer<typeof fractalPage>;

export const problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'a sentence that a person can act on' }),
    field: z.string().optional().meta({ description: 'the field of the request that is meant' }),
    errors: z
      .array(z.object({ detail: z.string(), field: z.string().optional() }))
      .optional()
      .meta({ description: 'all that is wrong, when it is more than one thing; detail and field are those of the first' }),
    code: z.int().optional().meta({ description: 'the status again, as the Fractals application had it' }),
    message: z.string().optional().meta({ description: 'the detail again, as the Fractals application had it' }),
    request_id: z.string().optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });
export type Problem = z.infer<typeof problem>;

/** One message of the event stream; its SSE id resumes the stream, its SSE event name is `type`. */
export const eventMessage = z
  .object({
    type: z.enum(['ordered', 'progress', 'done', 'failed', 'cancelled', 'deleted']),
    uuid: z.string(),
    state: state.nullable().meta({ description: 'null when deleted' }),
    progress: z.number(),
    at: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'Event' });
export type EventMessage = z.infer<typeof eventMessage>;
