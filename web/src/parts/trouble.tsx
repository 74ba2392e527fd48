import { Refusal } from '../api/client.ts';
import { NestedSets } from './nested-sets.tsx';

/** In place of what could not be read. The reading is tried again by itself. */
export function Trouble({ failure }: { failure: Error }) {
  const refused = failure instanceof Refusal;
  return (
    <section class="message" role="alert">
      <NestedSets broken />
      <h1>{refused ? 'The service answered with an error' : 'The service cannot be reached'}</h1>
      <p>
        {refused ? failure.message : 'It may be restarting, or the network is interrupted.'} This page tries again every few
        seconds and shows the pictures as soon as it can.
      </p>
    </section>
  );
}
