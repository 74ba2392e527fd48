import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { needProgram, type PrivateServer, serverFolder, startServer } from './private-server.ts';
import { freePort } from './processes.ts';

const DEPLOY = resolve(import.meta.dirname, '../../../deploy/prometheus');

interface Config {
  scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
  [key: string]: unknown;
}

export interface Answer {
  readonly status: 'success' | 'error';
  readonly error?: string;
  readonly data?: {
    readonly result: readonly { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] }[];
  };
}

export interface PrivatePrometheus extends PrivateServer {
  /** Asks it what an expression is now. */
  query(expression: string): Promise<Answer>;
}

/** A Prometheus of its own with the configuration in deploy/, which scrapes every second. @param targets host:port, by job */
export async function startPrometheus(targets: Readonly<Record<string, readonly string[]>>): Promise<PrivatePrometheus> {
  needProgram('/usr/bin/prometheus', 'prometheus');
  const folder = await serverFolder('prometheus');
  const config = parse(await readFile(join(DEPLOY, 'prometheus.yml'), 'utf8')) as Config;
  const scrapes = config.scrape_configs.map((scrape) => ({
    ...scrape,
    static_configs: [{ targets: targets[scrape.job_name] ?? [] }],
  }));
  const global = { scrape_interval: '1s', evaluation_interval: '1s' };
  const rules = [join(DEPLOY, 'alerts.yml')];
  await writeFile(`${folder}/prometheus.yml`, stringify({ ...config, global, rule_files: rules, scrape_configs: scrapes }));
  const url = `http://127.0.0.1:${await freePort()}`;
  const server = await startServer({
    folder,
    url,
    command: [
      '/usr/bin/prometheus',
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=${new URL(url).host}`,
    ],
    stopSignal: 'SIGTERM',
    isReady: async () => (await fetch(`${url}/-/ready`)).ok,
  });
  return {
    ...server,
    query: async (expression) => {
      const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: expression })}`);
      return (await response.json()) as Answer;
    },
  };
}
