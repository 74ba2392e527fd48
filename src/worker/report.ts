import { availableParallelism, loadavg } from 'node:os';
import { DELIVERY } from '../domain/delivery.ts';
import type { WorkerReport } from '../domain/repository.ts';
import { pause, unlessAborted } from './patience.ts';
import type { Shift } from './shift.ts';

/** How long the last report may take. */
const LAST_REPORT_MS = 2_000;

/** Says what the worker does, every few seconds until `end`, and once more that it is gone. Never rejects: a report that is lost is missed by nobody. */
export async function reportUntil(shift: Shift, end: AbortSignal): Promise<void> {
  const { dispatcher, onDetail } = shift.parts;
  const tell = async (report: WorkerReport): Promise<void> => {
    await dispatcher.report(report).catch((error) => onDetail('report not delivered', error));
  };
  const telling = async (): Promise<void> => {
    while (!end.aborted) {
      await tell(describe(shift));
      await pause(DELIVERY.reportEveryMs, end);
    }
    // After the last but one, so that it cannot be overtaken.
    await tell({ ...describe(shift), state: 'stopping', work: [] });
  };
  const patience = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onEnd = () => {
    timer = setTimeout(() => patience.abort(new Error('the service does not answer')), LAST_REPORT_MS);
  };
  end.addEventListener('abort', onEnd, { once: true });
  await unlessAborted(telling(), patience.signal).catch((error) => onDetail('last report not delivered', error));
  clearTimeout(timer);
}

function describe({ parts, speed, inHand, stop }: Shift): WorkerReport {
  const { id, host, version, engine } = parts;
  const work = inHand.list;
  const state = stop.aborted ? 'stopping' : work.length > 0 ? 'working' : 'waiting';
  return {
    id,
    host,
    version,
    engineVersion: engine.version,
    cores: availableParallelism(),
    threads: engine.threads,
    load: loadavg()[0] ?? 0,
    uptime: Math.round(process.uptime()),
    ...speed.read(),
    state,
    work,
  };
}
