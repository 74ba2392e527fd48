import { Fault } from './fault.ts';

/** A uuid in canonical form: lower case, with hyphens. */
export type FractalId = string & { readonly __brand: 'FractalId' };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Any of the 2^128 values is taken, whatever its version bits say; upper case is folded.
 * @throws {Fault} `invalid`
 */
export function parseFractalId(text: string): FractalId {
  const id = text.toLowerCase();
  if (!UUID.test(id)) {
    throw new Fault('invalid', 'A uuid has the form 154c7b41-108e-4696-a059-1bde9bf03d0a (hexadecimal digits).', {
      field: 'uuid',
    });
  }
  return id as FractalId;
}

/** Whether the text could be the beginning of a uuid. */
export function isFractalIdPrefix(text: string): boolean {
  const sample = '00000000-0000-0000-0000-000000000000';
  return text.length <= sample.length && UUID.test(text.toLowerCase() + sample.slice(text.length));
}
