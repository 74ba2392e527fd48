import { readFileSync } from 'node:fs';
import { Farm } from '../test/faults/support/farm.ts';
import { OrderBook } from '../test/faults/support/orders.ts';
import { anOrder } from '../test/support/orders.ts';
import { until } from '../test/support/until.ts';

const SPEC = { width: 64, height: 64, iterations: 32, c_re: -0.8, c_im: 0.156 };
const farm = await Farm.open({
  seed: 1,
  apis: 1,
  workers: 1,
  durable: true,
  direct: true,
  store: 'files',
  threads: 2,
  apiFlags: ['--log-level=warn'],
} as never);
const rss = () =>
  [/VmRSS:\s+(\d+)/, /VmHWM:\s+(\d+)/].map((r) =>
    Math.round(Number(r.exec(readFileSync(`/proc/${farm.apis[0]!.pid}/status`, 'utf8'))![1]) / 1024),
  );
const book = new OrderBook();
let all = 0;
for (let round = 0; round < Number(process.argv[2] ?? 6); round++) {
  let left = 5000;
  all += 5000;
  const order = async () => {
    while (left-- > 0) await book.send(farm.url(), anOrder(SPEC), crypto.randomUUID(), 60_000);
  };
  await Promise.all(Array.from({ length: 64 }, order));
  await until(async () => (await farm.repository.fractals.count({ state: 'done' })) >= all, 600_000);
  console.log(all, 'rss, peak MiB', ...rss());
}
process.exit(0);
