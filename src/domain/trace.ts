/** Where a piece of work belongs in a trace, as W3C Trace Context writes it in the header `traceparent`. Source: https://www.w3.org/TR/trace-context/ */
export type Traceparent = string;

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Null for anything else: what others send is believed in this form only. */
export function parseTraceparent(text: unknown): Traceparent | null {
  return typeof text === 'string' && TRACEPARENT.test(text) ? text : null;
}
