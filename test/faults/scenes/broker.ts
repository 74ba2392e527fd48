import { setTimeout as sleep } from 'node:timers/promises';
import type { OrderBody } from '../../../src/http/schemas.ts';
import { SIEGEL_DISC } from '../../support/orders.ts';
import { until } from '../../support/until.ts';
import { expectAnswers, pileUp } from '../support/answers.ts';
import type { Scene, Stage } from '../support/scene.ts';

const AWAY_MS = 5_000;
/** As startRabbitmq sets it. */
const WATERMARK = '512MB';

const CONSUMER_TIMEOUT_MS = 1_000;
/** RabbitMQ 3.10 looks for consumers that take too long once a minute; no key of rabbitmq.conf changes that. */
const TICK_MS = 250;
/** One band, of which every point takes all iterations: several times the consumer timeout. */
const ONE_LONG_BAND: OrderBody = { ...SIEGEL_DISC, width: 256, height: 256, iterations: 150_000 };

async function eraseData(stage: Stage): Promise<number> {
  const { broker } = stage.farm;
  for (let i = 0; i < stage.times; i++) {
    await pileUp(stage);
    await broker.kill();
    await broker.eraseData();
    await broker.start();
    await sleep(1_000);
  }
  return stage.times;
}

async function deleteQueue(stage: Stage): Promise<number> {
  const { broker } = stage.farm;
  for (let i = 0; i < stage.times; i++) {
    await pileUp(stage);
    // Made anew since the last time.
    await until(async () => (await broker.ctl('list_queues', 'name')).includes('faafo.doorbells'), 60_000);
    await broker.ctl('delete_queue', 'faafo.doorbells');
    await sleep(1_000);
  }
  return stage.times;
}

/** Ended, which tells those who are connected, and frozen, which tells nobody, in turn. */
async function stopBroker(stage: Stage): Promise<number> {
  const { broker } = stage.farm;
  for (let i = 0; i < stage.times; i++) {
    const isEnded = i % 2 === 0;
    if (isEnded) await broker.stop();
    else await broker.pause();
    try {
      await expectAnswers(stage, `the broker was ${isEnded ? 'stopped' : 'frozen'}`, AWAY_MS);
    } finally {
      if (isEnded) await broker.start();
      else broker.resume();
    }
  }
  return stage.times;
}

async function alarm(stage: Stage): Promise<number> {
  const { broker } = stage.farm;
  for (let i = 0; i < stage.times; i++) {
    await broker.ctl('set_vm_memory_high_watermark', '0.00001');
    try {
      await until(async () => (await broker.ctl('status')).includes('Memory alarm'));
      await expectAnswers(stage, 'the broker had a memory alarm', AWAY_MS);
    } finally {
      await broker.ctl('set_vm_memory_high_watermark', 'absolute', WATERMARK);
    }
  }
  return stage.times;
}

async function takeTooLong({ farm, book, times, complain }: Stage): Promise<number> {
  const { broker } = farm;
  await broker.ctl('eval', `application:set_env(rabbit, channel_tick_interval, ${TICK_MS}).`);
  // Channels that are open already have their next tick within a minute.
  for (const worker of farm.workers) await worker.restart();
  const timeouts = () => farm.workers.reduce((sum, { log }) => sum + log.split('longer than its consumer_timeout').length - 1, 0);
  for (let i = 0; i < times; i++) {
    const before = timeouts();
    if ((await book.send(farm.url(i), ONE_LONG_BAND)) !== 201) complain('the long order was not taken');
    await until(() => timeouts() > before, 60_000);
  }
  return times;
}

export const scenes: readonly Scene[] = [
  { number: 10, name: "broker's data erased", times: { short: 1, long: 5 }, play: eraseData },
  { number: 11, name: 'queue deleted', times: { short: 2, long: 10 }, play: deleteQueue },
  { number: 16, name: 'broker stopped', times: { short: 2, long: 6 }, play: stopBroker },
  { number: 27, name: 'broker short of memory', times: { short: 1, long: 3 }, play: alarm },
  {
    number: 29,
    name: 'bands that take longer than the consumer timeout',
    farm: { brokerConf: [`consumer_timeout = ${CONSUMER_TIMEOUT_MS}`] },
    times: { short: 1, long: 3 },
    play: takeTooLong,
  },
];
