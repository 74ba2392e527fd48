import { problem } from './schemas.ts';

const refusal = (description: string) => ({ description, content: { 'application/problem+json': { schema: problem } } });

/** What routes may answer instead of what was asked for, by status; every one is a problem document. */
export const refusals = {
  malformed: { 400: refusal('The body is not JSON') },
  unauthenticated: { 401: refusal('No token was shown, or one that is not valid (any more)') },
  denied: { 403: refusal('Whoever asks may not do this') },
  unknown: { 404: refusal('There is none') },
  unfinished: { 404: refusal('There is none, or it is not finished: then with its state and Retry-After') },
  conflict: { 409: refusal('It contradicts what is already there') },
  goneLink: { 410: refusal('The signed link has expired') },
  tooLarge: { 413: refusal('The body is too large') },
  notJson: { 415: refusal('The body is not declared as JSON') },
  badRange: { 416: refusal('The range lies outside the picture') },
  invalid: { 422: refusal('It cannot be carried out as it stands; detail and field say what to change') },
  busy: { 429: refusal('This client asks too much; try again after Retry-After') },
  notReady: { 503: refusal('No order can be taken now; the member dependencies tells why') },
  unavailable: { 503: refusal('A part of the service cannot be reached or is full; try again after Retry-After') },
};
