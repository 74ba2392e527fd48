import { afterAll, afterEach, beforeAll } from 'vitest';
import { type RunningApi, startApi } from '../support/start-api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startBrowser, type TestBrowser } from './browser.ts';
import { watchPages } from './tell-pages.ts';

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
  const pages = watchPages();
  beforeAll(async () => {
    dataDir = opened.use(await temporaryFolder()).path;
    const started = opened.use(await startBrowser());
    browser = {
      ...started,
      open: async (url, options) => {
        const tab = await started.open(url, options);
        pages.watch(tab.page);
        return tab;
      },
    };
    api = await startApi({ dataDir });
    opened.defer(() => api.kill());
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.log(await pages.tell());
    pages.forget();
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
