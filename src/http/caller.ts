import type { FastifyRequest } from 'fastify';
import { clientOf } from '../domain/access.ts';
import { addressGroup } from './address-group.ts';

/** Under which name is counted what a request takes: that of who asks, else the address that it came from, as far as one knows. */
export const callerOf = ({ identity, ip }: Pick<FastifyRequest, 'identity' | 'ip'>): string =>
  clientOf(identity, addressGroup(ip));
