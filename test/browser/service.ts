import { afterAll, beforeAll } from 'vitest';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startBrowser, type TestBrowser } from './browser.ts';

export interface Service {
  readonly browser: TestBrowser;
  readonly api: RunningApi;
  readonly dataDir: string;
  /** Starts it again on the same port, after it was killed. */
  restart(): Promise<void>;
}

/** A real service and a real browser for all tests of a file, started before the first and stopped after the last. */
export function useService(): Service {
  const opened = new AsyncDisposableStack();
  let api: RunningApi;
  let browser: TestBrowser;
  let dataDir: string;
  beforeAll(async () => {
    dataDir = opened.use(await temporaryFolder()).path;
    browser = opened.use(await startBrowser());
    api = await startApi({ dataDir });
    opened.defer(() => api.kill());
  });
  afterAll(() => opened.disposeAsync());
  return {
    get browser() {
      return browser;
    },
    get api() {
      return api;
    },
    get dataDir() {
      return dataDir;
    },
    restart: async () => {
      api = await startApi({ dataDir, port: Number(new URL(api.url).port) });
    },
  };
}
