import type { FastifyReply, FastifyRequest } from 'fastify';
import { Fault } from '../domain/fault.ts';
import { addressGroup } from './address-group.ts';
import { Shares } from './shares.ts';
import { whenOver } from './when-over.ts';
import { MAX_RESULT_BYTES, MAX_RESULTS_BYTES } from './work-schemas.ts';

const RETRY_AFTER_S = 2;

/** A hook for routes that take results: whether there is room for one more. */
export type RoomCheck = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** Asked before a body is read: it is in memory, for a moment twice, until the store has it. All routes with the same check share the room, of which one address has half at most. */
export function boundResults(): RoomCheck {
  // Room is taken when a body is announced, and who has stolen a token may be in no hurry to send it.
  const bytes = new Shares({ ofOne: MAX_RESULTS_BYTES / 2, ofAll: MAX_RESULTS_BYTES });
  return async ({ headers, ip }, reply) => {
    const announced = Number(headers['content-length'] ?? MAX_RESULT_BYTES);
    const release = bytes.take(addressGroup(ip), Math.min(announced, MAX_RESULT_BYTES));
    if (!release) {
      throw new Fault('unavailable', 'Too many results come in at this moment: deliver the band again.', {
        retryAfterSeconds: RETRY_AFTER_S,
      });
    }
    whenOver(reply.raw, release);
  };
}
