import { useState } from 'preact/hooks';
import { orderFractal } from '../api/client.ts';
import { navigate, viewPath } from '../router.ts';
import { toBody } from '../state/order-values.ts';
import { randomOrder } from '../state/presets.ts';
import { mayOrder, session } from '../state/session.ts';
import { newUuid } from '../state/uuid.ts';
import { DiceIcon, PlusIcon } from './icons.tsx';
import { NestedSets } from './nested-sets.tsx';

/** The gallery before the first order. */
export function Empty() {
  const [failure, setFailure] = useState<Error | null>(null);
  const [uuid] = useState(newUuid);
  const [values] = useState(() => randomOrder(Math.random));
  const surprise = async (): Promise<void> => {
    setFailure(null);
    await orderFractal({ ...toBody(values), uuid }).then(() => navigate(viewPath(uuid), { hint: { rank: 0 } }), setFailure);
  };
  const mayNot = session.value !== undefined && !mayOrder.value;
  return (
    <section class="message">
      <NestedSets />
      <h1>An empty gallery</h1>
      {mayNot ? (
        <p>Nothing has been ordered yet. To order takes the token of a creator.</p>
      ) : (
        <>
          <p>Nothing has been ordered yet. Say what to draw, and watch the picture come in, band by band.</p>
          <p class="actions">
            <a class="button" href="/new">
              <PlusIcon />
              Order a fractal
            </a>
            <button type="button" class="button quiet" onClick={surprise}>
              <DiceIcon />
              Draw a random one
            </button>
          </p>
          <p class="hint">
            On the command line: <code>npx faafo create</code>
          </p>
        </>
      )}
      {failure && <p role="alert">{failure.message}</p>}
    </section>
  );
}
