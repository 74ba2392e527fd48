import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { ENGINE_VERSION } from '../../../src/engine/version.ts';
import { DOCUMENT, type Schema } from './operations.ts';

/** A place for something that is there when the request is sent: `@fractal:7@` becomes the uuid of a known fractal. */
export const knownFractal: fc.Arbitrary<string> = fc.nat(1000).map((n) => `@fractal:${n}@`);

/** The id of a token that was made by the fuzzer. */
export const knownToken: fc.Arbitrary<string> = fc.nat(1000).map((n) => `@token:${n}@`);

/** A token that was made by the fuzzer, or one that enrols. */
const knownSecret: fc.Arbitrary<string> = fc.nat(1000).map((n) => `@secret:${n}@`);
export const knownEnrolment: fc.Arbitrary<string> = fc.nat(1000).map((n) => `@enrolment:${n}@`);

/** A file of the page. */
export const anAsset: fc.Arbitrary<string> = fc.constantFrom(
  ...readdirSync(new URL('../../../build/web/assets/', import.meta.url)),
  'nothing.js',
);

const NAMES_OF_FRACTALS = ['uuid', 'fractal'];

/** Text that has broken programs. */
const HOSTILE_TEXTS = [
  ...[
    '',
    ' ',
    '\0',
    'a\0b',
    '\r\nX-Injected: 1',
    '\ud800',
    '\udfff\ud800',
    '\ufeff',
    '\u202e',
    'ﷺ',
    '👩‍👩‍👧‍👦',
    'İ',
    'ß',
    'a\u0301'.repeat(50),
  ],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'then', '$ref', 'length'],
  ...['../../etc/passwd', '..%2f..', '%00', '%', '%zz', '%ff', 'file:///etc/passwd', 'http://169.254.169.254/', '//evil.example'],
  ...["'; drop table fractals; --", '" or ""="', '%_%', '\\', '{{7*7}}', '<script>alert(1)</script>', '!!js/function'],
  ...['NaN', 'Infinity', '-0', '0x10', '1e999', '1_000', '٣', '½', 'true', 'null', 'undefined', '1e309', '007', '+1', '1.', '.5'],
  ...['x'.repeat(5_000), '['.repeat(500), 'ä'.repeat(3_000)],
];
const HOSTILE_NUMBERS = [
  ...[
    0,
    -0,
    -1,
    0.5,
    1e-320,
    5e-324,
    1.7e308,
    -1.7e308,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    -(2 ** 53),
    2 ** 63,
    2 ** 64,
    1e100,
    1e21,
    16_777_217,
    65_536,
  ],
];

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...HOSTILE_TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 20 }) },
);

/** Any JSON value, most of them unpleasant. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  { weight: 3, arbitrary: fc.constantFrom(...HOSTILE_NUMBERS) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], { a: 1 }, { length: 1 }, { toJSON: 1 }),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
);

/** What a schema allows. @param name of the field it belongs to */
export function validValue(schema: Schema, name = ''): fc.Arbitrary<unknown> {
  const {
    $ref,
    anyOf,
    enum: choices,
    type,
    pattern,
  } = schema as { $ref?: string; anyOf?: Schema[]; enum?: unknown[]; type?: string; pattern?: string };
  if ($ref) return validValue(DOCUMENT.components.schemas[$ref.split('/').at(-1)!]!, name);
  if (anyOf) return fc.oneof(...anyOf.map((one) => validValue(one, name)));
  if (choices) return fc.constantFrom(...choices);
  if (NAMES_OF_FRACTALS.includes(name))
    return fc.oneof({ weight: 5, arbitrary: knownFractal }, { weight: 1, arbitrary: fc.uuid() });
  if (name === 'token')
    return fc.oneof({ weight: 3, arbitrary: knownSecret }, { weight: 1, arbitrary: fc.string({ minLength: 1 }) });
  if (name === 'band') return fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) });
  if (name === 'engine_version')
    return fc.oneof({ weight: 4, arbitrary: fc.constant(ENGINE_VERSION) }, { weight: 1, arbitrary: fc.constant('0') });
  switch (type) {
    case 'integer':
    case 'number':
      return validNumber(schema as Bounds, type === 'integer');
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(validValue((schema as { items: Schema }).items), { maxLength: 5 });
    case 'object':
      return validObject(schema as ObjectSchema);
    default:
      return pattern ? fc.stringMatching(asciiOf(pattern)) : fc.string({ minLength: 1, maxLength: 20 });
  }
}

/** fast-check knows no \p{…}. */
const asciiOf = (pattern: string): RegExp => {
  if (!/\\p|\[\^/.test(pattern)) return new RegExp(pattern);
  return pattern.includes('\\s') ? /^[a-z][a-z0-9.-]{0,20}$/ : /^[a-z][a-z0-9 .-]{0,20}$/;
};

interface Bounds {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

/** Mostly small: large pictures are refused, or take long. */
function validNumber({ minimum, maximum, exclusiveMinimum }: Bounds, isWhole: boolean): fc.Arbitrary<number> {
  const min = minimum ?? exclusiveMinimum ?? -1000;
  const max = maximum ?? 1000;
  const edges = fc.constantFrom(min, max, Math.max(min, Math.min(max, 1)));
  if (isWhole) {
    const low = Math.max(min, Number.MIN_SAFE_INTEGER);
    const high = Math.min(max, Number.MAX_SAFE_INTEGER);
    const small = fc.integer({ min: Math.max(low, 0), max: Math.min(high, Math.max(low, 0) + 48) });
    return fc.oneof(
      { weight: 12, arbitrary: small },
      { weight: 1, arbitrary: fc.maxSafeInteger().map((n) => low + (Math.abs(n) % (high - low + 1))) },
      { weight: 1, arbitrary: edges },
    );
  }
  const small = fc.double({ min: Math.max(min, -2), max: Math.min(max, 2), noNaN: true });
  return fc.oneof(
    { weight: 12, arbitrary: small },
    { weight: 1, arbitrary: fc.double({ min, max, noNaN: true }) },
    { weight: 1, arbitrary: edges },
  );
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

function validObject({ properties = {}, required = [] }: ObjectSchema): fc.Arbitrary<Record<string, unknown>> {
  const fields = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, validValue(schema, name)]));
  const optional = Object.keys(fields).filter((name) => !required.includes(name));
  // Each optional field one time in five: nearly all of them contradict others.
  const left = fc.tuple(...optional.map(() => fc.integer({ min: 0, max: 4 })));
  return fc.tuple(fc.record(fields), left).map(([all, draws]) => {
    const gone = optional.filter((_, i) => draws[i] !== 0);
    return Object.fromEntries(Object.entries(all).filter(([name]) => !gone.includes(name)));
  });
}
