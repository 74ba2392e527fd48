import { z } from 'zod';
import { until } from '../support/until.ts';
import type { Transcript } from './transcript.ts';

/** Guests are emulated: all that they do takes minutes. */
export const PATIENCE_MS = 1_800_000;

const FRACTAL = z.object({
  uuid: z.string(),
  state: z.string(),
  width: z.number(),
  height: z.number(),
  checksum: z.string().nullable(),
  duration: z.number().nullable(),
  generated_by: z.string().nullable(),
});
export type Drawn = z.infer<typeof FRACTAL>;
const WORKERS = z.array(z.object({ Host: z.string(), State: z.string() }));

export function insist(holds: boolean, what: string): void {
  if (!holds) throw new Error(`It is not so that ${what}.`);
}

export const uuidIn = (text: string): string => /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(text)![0];

export async function fractal(transcript: Transcript, uuid: string): Promise<Drawn> {
  return FRACTAL.parse(
    JSON.parse(
      await transcript.ask(`curl -sS -H "Authorization: Bearer $FAAFO_TOKEN" \${FAAFO_ENDPOINT_URL%/}/v1/fractal/${uuid}`),
    ),
  );
}

/** Resolves when those hosts are there, and in that state. */
export async function workersAre(transcript: Transcript, hosts: readonly string[], state?: 'working'): Promise<void> {
  await until(async () => {
    const workers = WORKERS.safeParse(JSON.parse((await transcript.ask('faafo workers -f json')) || '[]'));
    const fitting = ({ State }: { State: string }) => (state === undefined ? State !== 'gone' : State === state);
    const names = workers.success ? workers.data.filter(fitting).map(({ Host }) => Host) : [];
    return hosts.every((host) => names.includes(host));
  }, PATIENCE_MS);
}

/** Draws on this machine what guests have drawn: other processors, the same bytes. */
export async function isDrawnAlikeHere(transcript: Transcript, uuid: string): Promise<void> {
  const { checksum } = await fractal(transcript, uuid);
  await transcript.type(`faafo get ${uuid} --output theirs.png`);
  const { out } = await transcript.type(
    'faafo render --like theirs.png --output ours.png --force && sha256sum theirs.png ours.png',
  );
  const sums = `\n${checksum}  theirs.png\n${checksum}  ours.png\n`;
  insist(out.endsWith(sums), 'the same picture is the same file wherever it is drawn');
}
