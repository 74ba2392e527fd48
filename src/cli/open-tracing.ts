import type { Tracer } from '../telemetry/traced-span.ts';
import { VERSION } from './version.ts';

/**
 * What traces orders; null, and nothing of it loaded, unless the environment names a collector as OpenTelemetry has it.
 * @param program faafo-api or faafo-worker
 */
export async function openTracing(program: string, opened: AsyncDisposableStack): Promise<Tracer | null> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_SDK_DISABLED } = process.env;
  if (!(OTEL_EXPORTER_OTLP_ENDPOINT || OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) || OTEL_SDK_DISABLED === 'true') return null;
  const { openTracer } = await import('../telemetry/tracer.ts');
  return opened.use(openTracer(program, VERSION));
}
