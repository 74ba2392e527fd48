import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { REFERENCE_POLICY } from '../headers.ts';
import { inPieces } from '../paced-answers.ts';

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>faafo API</title>
<link rel="icon" href="/docs/icon.svg" type="image/svg+xml">
</head>
<body>
<noscript>This reference of the faafo API needs JavaScript; it is made from <a href="/openapi.json">/openapi.json</a>.</noscript>
<div id="app"></div>
<script src="/docs/scalar.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

/** Of this page's own: the name of the web pages' icon changes with its bytes. */
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" rx="2" fill="#121213"/><circle cx="4" cy="4" r="2" fill="#ff9a66"/></svg>
`;

/** Its own soft greys and bright methods stand out too little from what is behind them, and some of its buttons do not show that they have the focus (WCAG 2.2, 1.4.3 and 2.4.7). */
const COLOURS = `
.light-mode { --scalar-color-3: #5f5f5f; --scalar-color-green: #04633f; --scalar-color-red: #b3000f; --scalar-color-blue: #0056a8; --scalar-color-orange: #9a4100; --scalar-color-yellow: #7a5c00; }
.dark-mode { --scalar-color-3: #a3a3a3; --scalar-color-red: #ff8078; }
:focus-visible { outline: 2px solid currentColor !important; outline-offset: 1px; }
`;

/** No fonts, proxies or helpers of other hosts: everything the page shows comes from this service. */
const START = `Scalar.createApiReference('#app', {
  url: '/openapi.json',
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
  customCss: ${JSON.stringify(COLOURS)},
});
`;

/**
 * /openapi.json, and /docs: a readable reference, served locally. Its 3 MB script is loaded when it is first asked for. What is long is in memory once, however many take it, and
 * however slowly.
 */
export function referenceRoutes(app: FastifyInstance): void {
  let document: Buffer | undefined;
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    document ??= Buffer.from(JSON.stringify(app.swagger()));
    return sendShared(reply.type('application/json; charset=utf-8'), document);
  });
  app.get('/docs', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', REFERENCE_POLICY).send(PAGE),
  );
  app.get('/docs/start.js', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(START),
  );
  app.get('/docs/icon.svg', { schema: { hide: true } }, async (_request, reply) => reply.type('image/svg+xml').send(ICON));
  let script: Promise<Buffer> | undefined;
  app.get('/docs/scalar.js', { schema: { hide: true } }, async (_request, reply) => {
    script ??= loadScript();
    reply.type('text/javascript; charset=utf-8').header('cache-control', 'public, max-age=3600');
    return sendShared(reply, await script);
  });
}

const sendShared = (reply: FastifyReply, bytes: Buffer): FastifyReply =>
  reply.header('content-length', String(bytes.length)).send(inPieces(bytes));

/** The package hands its script out only through its own plugin, so that is asked in an application of its own. */
async function loadScript(): Promise<Buffer> {
  const { default: plugin } = await import('@scalar/fastify-api-reference');
  const shelf = Fastify();
  await shelf.register(plugin, { routePrefix: '/reference', configuration: { url: '/openapi.json' } });
  const { rawPayload } = await shelf.inject('/reference/js/scalar.js');
  await shelf.close();
  return rawPayload;
}
