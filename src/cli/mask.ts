const MASK = '***';
/** A secret that is shorter would be found in words that are none. */
const SHORTEST_SECRET = 6;

/** Members whose values are secret, whatever they are. */
const SECRET_NAME =
  /^(?:.*[_-])?(?:password|passwd|passphrase|pwd|secrets?|tokens?|authorization|cookies?|faafo-lease|api[_-]?key|private[_-]?key|signature|credentials?)$/i;

/** A line without any of these words, in small letters, holds nothing to mask and is passed on as it is: that is nearly every line. */
const SUSPECTS = [
  '://',
  'faafo_',
  'lease',
  'passw',
  'passphrase',
  'pwd',
  'secret',
  'token',
  'authoriz',
  'cookie',
  'key',
  'signature',
].concat(['credential', 'bearer', 'basic', '"type":"buffer"']);

/** Tokens say by their beginning what they are; names that begin so have no capitals. */
const TOKEN = /(faafo|lease)_([\w-]+)/g;
const SHORTEST_TOKEN = 16;
/** The rest up to a blank: a password, which may hold anything that its writer forgot to escape, ends at the last @ in it. Of a longer scheme the end is enough. */
const IN_URL = /([a-z][a-z0-9+.-]{0,19}:\/\/[^\s/?#:@]*):(\S*)/gi;
const BEARER = /\b(bearer\s+)[\w.~+/=-]{8,}/gi;
const BASIC = /\b(basic\s+)([a-z0-9+/_-]{3,}={0,2})/gi;
const IN_HEADER = /\b((?:proxy-)?authorization|(?:set-)?cookie|faafo-lease)(["']?\s*[:=]\s*["']?)[^\r\n"']+/gi;
const ASSIGNED =
  /((?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|private[_-]?key|signature)["']?\s*=\s*["']?)[^\s&"',;)}\]]+/gi;
const TOLD =
  /(["'](?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|private[_-]?key|signature)["']\s*:\s*)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s,}\]]+)/gi;

/*
 * Each of these reads a text once, whatever is in it: a line is masked while everything else waits, and others choose what stands in it. So they take all that
 * could belong to what they look for, and judge it then.
 */

/** Text without what looks like a secret: passwords in URLs of any scheme, tokens, Authorization, cookies. */
export function maskText(text: string): string {
  return text
    .replace(IN_URL, withoutPassword)
    .replace(TOKEN, (all, word: string, rest: string) => (isTokenRest(rest) ? `${word}_${MASK}` : all))
    .replace(BEARER, `$1${MASK}`)
    .replace(BASIC, (all, word: string, code: string) => (isUserAndPassword(code) ? `${word}${MASK}` : all))
    .replace(IN_HEADER, `$1$2${MASK}`)
    .replace(TOLD, `$1"${MASK}"`)
    .replace(ASSIGNED, `$1${MASK}`);
}

function withoutPassword(all: string, before: string, rest: string): string {
  const end = rest.lastIndexOf('@');
  return end < 0 ? all : `${before}:${MASK}${rest.slice(end)}`;
}

const isTokenRest = (rest: string): boolean => rest.length >= SHORTEST_TOKEN && /[A-Z]/.test(rest);

const isUserAndPassword = (code: string): boolean => Buffer.from(code, 'base64').includes(':');

/**
 * The last step of a log line on its way out.
 * @param secrets words that must not be seen anywhere, even where nothing around says what they are; very short ones are passed over
 * @returns makes of a line of JSON the same line without secrets; it is JSON still
 */
export function lineMask(secrets: readonly string[] = []): (line: string) => string {
  const known = [...new Set(secrets)].filter(({ length }) => length >= SHORTEST_SECRET).sort((a, b) => b.length - a.length);
  const inLines = known.map((secret) => JSON.stringify(secret).slice(1, -1));
  const mask = (text: string): string => maskText(known.reduce((rest, secret) => rest.replaceAll(secret, MASK), text));
  return (line) => {
    if (!isSuspect(line) && !inLines.some((secret) => line.includes(secret))) return line;
    const end = line.endsWith('\n') ? '\n' : '';
    try {
      return JSON.stringify(masked(JSON.parse(line), mask)) + end;
    } catch {
      // No line of ours; whatever it is, it goes out without secrets.
      return mask(line);
    }
  };
}

function isSuspect(line: string): boolean {
  const small = line.toLowerCase();
  return SUSPECTS.some((word) => small.includes(word));
}

function masked(value: unknown, mask: (text: string) => string): unknown {
  if (typeof value === 'string') return mask(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => masked(each, mask));
  const { type, data } = value as { type?: unknown; data?: unknown };
  if (type === 'Buffer' && Array.isArray(data)) return `${data.length} bytes`;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      mask(name),
      SECRET_NAME.test(name) && isSomething(each) ? MASK : masked(each, mask),
    ]),
  );
}

/** Nothing is no secret, and neither is a yes or no. */
const isSomething = (value: unknown): boolean => value !== null && value !== '' && typeof value !== 'boolean';

/** What a URL keeps secret: the password as written and as meant, and what basic authentication makes of it. */
export function secretsOf(url: string): string[] {
  const found = /^[a-z][a-z0-9+.-]*:\/\/([^/?#:@]*):(.*)@/i.exec(url);
  if (!found) return [];
  const [, user = '', password = ''] = found;
  const forms = [password, decoded(password)];
  // A password that is no secret: it stands in the open beside itself.
  const rest = url.replace(`:${password}@`, '');
  const basic = Buffer.from(`${decoded(user)}:${decoded(password)}`);
  return [...forms.filter((form) => !rest.includes(form)), basic.toString('base64'), basic.toString('base64url')];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
