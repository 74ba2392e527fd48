import { createHash } from 'node:crypto';
import { type Attributes, type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  RandomIdGenerator,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Traceparent } from '../domain/trace.ts';
import type { TracedSpan, Tracer } from './traced-span.ts';

/** A collector that is away must not keep a stopping process. */
const FAREWELL_MS = 2_000;
/** How long a batch is tried to be sent; its retries keep a process from ending. */
const EXPORT_MS = 3_000;
const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
} as const;

/**
 * Sends spans to the collector that the environment names (OTEL_EXPORTER_OTLP_ENDPOINT, …_HEADERS). Load this module only where there is one: what it imports
 * is heavy.
 * @param program faafo-api or faafo-worker; OTEL_SERVICE_NAME is stronger
 */
export function openTracer(program: string, version: string): Tracer & AsyncDisposable {
  const ids = new NamedIds();
  const service = { 'service.name': process.env.OTEL_SERVICE_NAME || program, 'service.version': version };
  const provider = new TracerProvider({
    resource: defaultResource().merge(resourceFromAttributes(service)),
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    idGenerator: ids,
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ timeoutMillis: EXPORT_MS }) })],
  });
  const tracer = provider.getTracer('faafo', version);
  return {
    start: (name, { parent, kind = 'internal', attributes = {}, id, links = [] }) => {
      ids.next = id;
      const linked = links.map((link) => ({ context: spanContextOf(link) }));
      const options = { kind: KINDS[kind], attributes: attributes as Attributes, links: linked };
      return spanOf(tracer.startSpan(name, options, contextOf(parent)));
    },
    [Symbol.asyncDispose]: async () => {
      const late = new Promise<void>((resolve) => setTimeout(resolve, FAREWELL_MS).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
    },
  };
}

/** Random ids, but for spans that others find by what they stand for. */
class NamedIds extends RandomIdGenerator {
  next: string | undefined;
  readonly #random = new RandomIdGenerator();

  override generateSpanId = (): string => {
    const id = this.next ? createHash('sha256').update(this.next).digest('hex').slice(0, 16) : this.#random.generateSpanId();
    this.next = undefined;
    return id;
  };
}

function spanOf(span: Span): TracedSpan {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return {
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    end: (attributes = {}) => {
      span.setAttributes(attributes as Attributes);
      span.end();
    },
    fail: (error) => {
      span.recordException(error instanceof Error ? error : String(error));
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
      span.end();
    },
  };
}

function contextOf(parent: Traceparent | null): Context {
  return parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContextOf(parent));
}

function spanContextOf(traceparent: Traceparent) {
  const [, traceId = '', spanId = '', flags = '0'] = traceparent.split('-');
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}
