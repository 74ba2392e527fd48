import { Fault } from '../domain/fault.ts';
import { isFractalIdPrefix } from '../domain/ids.ts';
import type { Client } from '../http/client.ts';
import { UsageError } from './usage-error.ts';

const FULL_LENGTH = 36;
const SHOWN = 10;

/**
 * The uuid that a person means by its beginning; a whole one is taken as it is, without asking the API.
 * @throws {UsageError} when it cannot be the beginning of a uuid
 * @throws {Fault} `not_found`; `conflict` when several begin so, naming them
 */
export async function resolveUuid(client: Client, text: string): Promise<string> {
  if (text === '' || !isFractalIdPrefix(text)) {
    throw new UsageError(`'${text}' is no uuid, nor the beginning of one: they look like 154c7b41-108e-4696-a059-1bde9bf03d0a.`);
  }
  if (text.length === FULL_LENGTH) return text.toLowerCase();
  const { num_results: found, objects } = await client.list({ uuid_prefix: text, results_per_page: SHOWN });
  if (found === 1) return objects[0]!.uuid;
  if (found === 0) throw new Fault('not_found', `No fractal has a uuid that begins with ${text}.`);
  const more = found > SHOWN ? ` and ${found - SHOWN} more` : '';
  throw new Fault('conflict', `${found} uuids begin with ${text}: ${objects.map(({ uuid }) => uuid).join(', ')}${more}.`);
}
