/** What can go wrong in ways that callers are meant to handle. Each edge translates these once. */
export type FaultCode =
  | 'invalid' // the request cannot be carried out as it stands; the message says what to change
  | 'not_found' // there is no such fractal, band or picture
  | 'conflict' // it contradicts what is already stored, or comes from an older attempt
  | 'gone' // it was cancelled
  | 'busy' // a limit is reached; try again after retryAfterSeconds
  | 'unavailable' // a part of the service cannot be reached or is full; try again after retryAfterSeconds
  | 'unauthenticated' // who asks is not known, and that is needed here
  | 'denied'; // the caller may not do this

export interface FaultDetails {
  /** Which field of the input is meant, dotted. */
  readonly field?: string;
  readonly retryAfterSeconds?: number;
  /** More members for the problem document, e.g. the state of a fractal that is not finished. */
  readonly members?: Readonly<Record<string, string | number | null | object>>;
  readonly cause?: unknown;
}

/** The one error of the domain. Anything else that is thrown is a defect, and is not shown to callers. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly details: FaultDetails;

  /** @param message a sentence that a person can act on */
  constructor(code: FaultCode, message: string, details: FaultDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'Fault';
    this.code = code;
    this.details = details;
  }
}
