import type { BandClaim, BandRepository } from '../domain/repository.ts';
import type { Meters } from './meters.ts';
import type { PictureMeters } from './picture-meters.ts';

const GONE = ['stale', 'cancelled', 'unknown'];

/** The same repository of bands: claims, results, failures and rescues are counted. */
export function measuredBands(bands: BandRepository, meters: Meters, pictures: PictureMeters): BandRepository {
  const count = bandMeters(meters);
  const given = (claims: readonly BandClaim[]): void => {
    count.claims.inc({ result: 'given' }, claims.length);
    count.retried.inc(claims.filter(({ attempt }) => attempt > 1).length);
  };
  return {
    ...bands,
    claim: async (...words) => {
      const claim = await bands.claim(...words);
      if (claim) given([claim]);
      else count.claims.inc({ result: 'refused' });
      return claim;
    },
    claimMore: async (...words) => {
      const claims = await bands.claimMore(...words);
      given(claims);
      return claims;
    },
    check: async (...words) => {
      const standing = await bands.check(...words);
      if (standing.answer === 'held' && standing.fractal.cut.bands === 1) {
        pictures.begin(standing.fractal.id, standing.fractal.createdAt);
      }
      return standing;
    },
    accept: async (lease, result) => {
      const answer = await bands.accept(lease, result);
      count.results.inc({ answer });
      if (answer === 'progress' || answer === 'complete') {
        count.bytes.inc(result.sizeBytes);
        count.rendering.inc(result.renderMs / 1000);
      }
      return answer;
    },
    finish: async (lease, result, picture) => {
      const answer = await bands.finish(lease, result, picture);
      count.results.inc({ answer });
      const isNew = answer === 'complete';
      pictures.end(lease.fractal, isNew ? picture.sizeBytes : null);
      if (isNew) {
        count.bytes.inc(picture.sizeBytes);
        count.rendering.inc(result.renderMs / 1000);
      }
      return answer;
    },
    release: async (...words) => {
      const answer = await bands.release(...words);
      if (answer === 'held') count.released.inc();
      return answer;
    },
    fail: async (...words) => {
      const answer = await bands.fail(...words);
      count.failures.inc({ answer });
      return answer;
    },
    reap: async (...words) => {
      const ended = await bands.reap(...words);
      count.reaped.inc(ended);
      return ended;
    },
  };
}

function bandMeters(meters: Meters) {
  const counter = meters.counter.bind(meters);
  return {
    claims: counter('faafo_band_claims_total', 'Bands that workers asked for; refused: claimed by another, done or gone', {
      result: ['given', 'refused'],
    }),
    results: counter(
      'faafo_band_results_total',
      'Results of workers; progress and complete are new bands, again was delivered twice',
      {
        answer: ['progress', 'complete', 'again', ...GONE],
      },
    ),
    failures: counter(
      'faafo_band_failures_total',
      'Bands that a worker could not draw; failed: and the whole fractal with them',
      {
        answer: ['held', 'failed', ...GONE],
      },
    ),
    retried: counter('faafo_band_retries_total', 'Claims of bands that were claimed before'),
    released: counter('faafo_band_releases_total', 'Bands that a stopping worker gave back'),
    reaped: counter('faafo_leases_reaped_total', 'Leases that expired: bands rescued from workers that went silent'),
    bytes: counter('faafo_band_bytes_total', 'Bytes of the bands that were accepted'),
    rendering: counter('faafo_band_render_seconds_total', 'Time on threads of workers, of the bands that were accepted'),
  };
}
