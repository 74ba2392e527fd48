import { existsSync, readFileSync } from 'node:fs';

/** From the package's bundle in dist/cli, and from here in a clone; the first does not exist in a clone. */
const PLACES = ['../../deploy/install.sh', '../../../deploy/install.sh'];

let text: string | undefined;

/** The text of deploy/install.sh, as this release has it. */
export function installScript(): string {
  const place = PLACES.map((each) => new URL(each, import.meta.url)).find((each) => existsSync(each));
  text ??= readFileSync(place ?? new URL(PLACES[0]!, import.meta.url), 'utf8');
  return text;
}
