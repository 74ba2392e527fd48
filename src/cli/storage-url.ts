import { folderPath, maskUrl } from './urls.ts';
import { UsageError } from './usage-error.ts';

/** Where images are kept, as `storage_url` says. Credentials are never part of it. */
export type StoragePlace =
  | { readonly kind: 'file'; readonly folder: string }
  | { readonly kind: 'database' }
  /** @property cloud in clouds.yaml; what the environment says when there is none */
  | { readonly kind: 'swift'; readonly container: string; readonly cloud?: string }
  /** @property endpoint without it, Amazon's, or the one that the environment says */
  | { readonly kind: 's3'; readonly bucket: string; readonly endpoint?: string; readonly region?: string };

const SWIFT = /^swift:\/\/([^/?#@:]+)\/?(\?[^#]*)?$/;
const S3 = /^s3:\/\/([^/?#@:]+)\/?(\?[^#]*)?$/;
/** Swift takes 256 bytes, and the container beside it has a longer name. */
const CONTAINER_BYTES = 240;

/** @throws {UsageError} with what a storage URL must be */
export function parseStorageUrl(url: string): StoragePlace {
  const swift = SWIFT.exec(url);
  if (swift) {
    const { cloud } = parameters(url, swift[2], ['cloud']);
    return { kind: 'swift', container: named(url, swift[1]!), ...(cloud !== undefined && { cloud }) };
  }
  const s3 = S3.exec(url);
  if (s3) {
    const { endpoint, region } = parameters(url, s3[2], ['endpoint', 'region']);
    if (endpoint !== undefined) checkEndpoint(url, endpoint);
    return {
      kind: 's3',
      bucket: bucketOf(url, s3[1]!),
      ...(endpoint !== undefined && { endpoint }),
      ...(region !== undefined && { region }),
    };
  }
  if (/^(swift|s3):/.test(url)) {
    const how = 'write swift://CONTAINER or s3://BUCKET?endpoint=https://HOST; credentials come from the environment';
    throw new UsageError(`${maskUrl(url)} names no store: ${how}.`);
  }
  const folder = folderPath(url);
  return folder === null ? { kind: 'database' } : { kind: 'file', folder };
}

/** The folder of a `file:///` URL; null where images are elsewhere. @throws {UsageError} */
export function imageFolder(url: string): string | null {
  const place = parseStorageUrl(url);
  return place.kind === 'file' ? place.folder : null;
}

function parameters<Name extends string>(
  url: string,
  query: string | undefined,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const given = [...new URLSearchParams(query ?? '')];
  const stranger = given.find(([name]) => !names.includes(name as Name));
  if (stranger) throw new UsageError(`${maskUrl(url)}: ${stranger[0]} is none of ${names.join(', ')}.`);
  return Object.fromEntries(given) as Partial<Record<Name, string>>;
}

function named(url: string, escaped: string): string {
  let name: string;
  try {
    name = decodeURIComponent(escaped);
  } catch (cause) {
    throw new UsageError(`${maskUrl(url)} holds a % that begins no escape.`, { cause });
  }
  if (name.includes('/') || Buffer.byteLength(name) > CONTAINER_BYTES) {
    throw new UsageError(`${maskUrl(url)}: a container has a name without /, of ${CONTAINER_BYTES} bytes at most.`);
  }
  return name;
}

function bucketOf(url: string, name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{2,62}$/.test(name)) return name;
  throw new UsageError(`${maskUrl(url)}: a bucket has a name of 3 to 63 letters, digits, dots and hyphens.`);
}

function checkEndpoint(url: string, endpoint: string): void {
  const parsed = URL.parse(endpoint);
  if (parsed && /^https?:$/.test(parsed.protocol) && !parsed.username && !parsed.password && !parsed.search && !parsed.hash)
    return;
  throw new UsageError(`${maskUrl(url)}: endpoint must be an http:// or https:// URL, without credentials.`);
}
