import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** The API that `npx vite` in development passes requests on to. */
const API = process.env.FAAFO_ENDPOINT_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  root: fileURLToPath(new URL('web', import.meta.url)),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../build/web',
    emptyOutDir: true,
    target: 'es2022',
    // The API's content security policy knows no data: URLs but for images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ['index', 'explore'].map((page) => fileURLToPath(new URL(`web/${page}.html`, import.meta.url))) },
  },
  worker: { format: 'es' },
  server: { proxy: { '/v1': API, '/fractal': API, '/docs': API, '/openapi.json': API } },
});
