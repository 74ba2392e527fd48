import type { Repository } from '../domain/repository.ts';
import { measuredBands } from './measured-bands.ts';
import type { Meters } from './meters.ts';
import { PictureMeters } from './picture-meters.ts';

/** The same repository. What happens to bands and fractals is counted where it is decided, once for all ways that lead there. */
export function measuredRepository(repository: Repository, meters: Meters): Repository {
  const pictures = new PictureMeters(meters);
  return {
    ...repository,
    ...measuredFractals(repository, meters),
    bands: measuredBands(repository.bands, meters, pictures),
    doorbells: measuredDoorbells(repository.doorbells, meters),
    assemblies: measuredAssemblies(repository.assemblies, meters, pictures),
    trash: measuredTrash(repository.trash, meters),
  };
}

function measuredFractals({ fractals, retention }: Repository, meters: Meters): Pick<Repository, 'fractals' | 'retention'> {
  const changes = meters.counter(
    'faafo_fractal_changes_total',
    'Fractals that somebody cancelled, retried or removed, whose picture was damaged (redrawn), or that need not be kept (expired)',
    { change: ['cancelled', 'retried', 'redrawn', 'removed', 'expired'] },
  );
  const counted = <Outcome extends string>(outcome: Outcome): Outcome => {
    if (outcome !== 'refused' && outcome !== 'denied' && outcome !== 'unknown') changes.inc({ change: outcome });
    return outcome;
  };
  const expired = (removed: number): number => {
    changes.inc({ change: 'expired' }, removed);
    return removed;
  };
  return {
    fractals: {
      ...fractals,
      cancel: async (...words) => counted(await fractals.cancel(...words)),
      retry: async (...words) => counted(await fractals.retry(...words)),
      redraw: async (...words) => counted(await fractals.redraw(...words)),
      remove: async (...words) => counted(await fractals.remove(...words)),
    },
    retention: {
      removeOlderThan: async (...words) => expired(await retention.removeOlderThan(...words)),
      removeBeyond: async (...words) => expired(await retention.removeBeyond(...words)),
    },
  };
}

function measuredDoorbells(doorbells: Repository['doorbells'], meters: Meters): Repository['doorbells'] {
  const lost = meters.counter('faafo_doorbells_rung_again_total', 'Doorbells that the queue had lost or not taken');
  return {
    ...doorbells,
    ringAgain: async (...words) => {
      const again = await doorbells.ringAgain(...words);
      lost.inc(again);
      return again;
    },
  };
}

function measuredAssemblies(
  assemblies: Repository['assemblies'],
  meters: Meters,
  pictures: PictureMeters,
): Repository['assemblies'] {
  const redrawn = meters.counter('faafo_band_redraws_total', 'Stored bands that were damaged or missing, and are drawn again');
  return {
    ...assemblies,
    claim: async (...words) => {
      const assembly = await assemblies.claim(...words);
      if (assembly) pictures.begin(assembly.fractal.id, assembly.fractal.createdAt);
      return assembly;
    },
    finish: async (id, attempt, picture) => {
      const isFinished = await assemblies.finish(id, attempt, picture);
      pictures.end(id, isFinished ? picture.sizeBytes : null);
      return isFinished;
    },
    redraw: async (...words) => {
      const isRedrawn = await assemblies.redraw(...words);
      if (isRedrawn) redrawn.inc();
      return isRedrawn;
    },
  };
}

function measuredTrash(trash: Repository['trash'], meters: Meters): Repository['trash'] {
  const swept = meters.counter('faafo_trash_swept_total', 'Objects that nobody needed any more, and were removed');
  return {
    ...trash,
    forget: async (...words) => {
      await trash.forget(...words);
      swept.inc(words[0].length);
    },
  };
}
