import type { FastifyRequest } from 'fastify';
import { anonymous, clientOf } from '../domain/access.ts';
import { addressGroup } from './address-group.ts';

/** What was refused before anybody was asked. */
const NOBODY = anonymous('none');

/** Under which name is counted what a request takes: that of who asks, else the address that it came from, as far as one knows. */
export const callerOf = ({
  identity = NOBODY,
  ip,
}: Partial<Pick<FastifyRequest, 'identity'>> & Pick<FastifyRequest, 'ip'>): string => clientOf(identity, addressGroup(ip));
