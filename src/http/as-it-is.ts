import type { FastifyReply } from 'fastify';

/**
 * For long lists: checked against its schema once more, an answer about 300 workers would cost twice as much. The compiler has checked it, and test/fuzz does, with the schema.
 * @returns the reply, to be sent
 */
export function asItIs<Reply extends Pick<FastifyReply, 'type' | 'serializer'>>(reply: Reply): Reply {
  reply.type('application/json; charset=utf-8');
  reply.serializer(JSON.stringify);
  return reply;
}
