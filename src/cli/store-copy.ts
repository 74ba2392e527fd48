import type { Command } from 'commander';
import { type Copied, copyStore } from '../actions/copy-store.ts';
import { interruption } from './interrupt.ts';
import { openRepository } from './open-repository.ts';
import { openStore } from './open-store.ts';
import { complain, Failed } from './run.ts';
import { loadSettings } from './settings.ts';
import { readFlags } from './settings-flags.ts';
import type { CopyFlags } from './store.ts';
import { StoreProgress } from './store-progress.ts';
import { trustAuthority } from './trust.ts';
import { maskUrl } from './urls.ts';
import { UsageError } from './usage-error.ts';

/** `faafo store copy`. @throws {Fault} {UsageError} {Failed} when something could not be copied */
export async function storeCopy(
  command: Command,
  fromUrl: string,
  toUrl: string,
  { deep = false, atOnce }: CopyFlags,
): Promise<void> {
  if (fromUrl === toUrl) throw new UsageError('Both stores are the same.');
  const settings = loadSettings(readFlags(command));
  trustAuthority(settings.ca_file);
  const signal = interruption();
  await using opened = new AsyncDisposableStack();
  const repository = opened.use(await openRepository(settings, complain, { beside: true }));
  const from = opened.use(await openStore(fromUrl, repository, { beside: true, look: true }));
  const to = opened.use(await openStore(toUrl, repository, { beside: true }));
  const counts: Record<Copied, number> = { copied: 0, there: 0, missing: 0, damaged: 0 };
  using progress = new StoreProgress(await repository.ledger.count());
  await copyStore({
    ledger: repository.ledger,
    from,
    to,
    atOnce,
    deep,
    signal,
    onObject: (object, outcome, bytes) => {
      counts[outcome] += 1;
      if (outcome === 'copied') progress.bytes(bytes);
      if (outcome !== 'missing' && outcome !== 'damaged') return;
      progress.clear();
      complain(`the ${object.kind} ${object.key} of ${object.fractal} is ${outcome} in ${maskUrl(fromUrl)}`);
    },
    onFractals: (count) => progress.fractals(count),
  });
  progress.clear();
  const { copied, there, missing, damaged } = counts;
  const lost = missing + damaged;
  process.stdout.write(
    `copied ${copied} (${progress.summary()}), there already ${there}, missing ${missing}, damaged ${damaged}\n`,
  );
  if (copied > 0) {
    process.stderr.write(
      `When all APIs have storage_url = ${maskUrl(toUrl)} and are restarted, copy once more: that brings what came meanwhile.\n`,
    );
  }
  if (lost === 0) return;
  complain(
    `${lost} objects could not be copied; a picture that is missing or damaged is drawn again when somebody looks at it, or by the scrub`,
  );
  throw new Failed();
}
