import { useRef, useState } from 'preact/hooks';
import { orderFractal, Refusal } from '../api/client.ts';
import { navigate, viewPath } from '../router.ts';
import { type OrderValues, toBody } from './order-values.ts';
import { newUuid } from './uuid.ts';
import { remember } from './watched.ts';

export interface OrderErrors {
  /** field → what is wrong with it */
  readonly fields: Readonly<Record<string, string>>;
  /** what concerns no single field */
  readonly general: string | null;
}

const NO_ERRORS: OrderErrors = { fields: {}, general: null };

/** Sends an order, and shows the fractal once the service has taken it. */
export function useOrder(isField: (name: string) => boolean) {
  const [busy, setBusy] = useState(false);
  const [errors, setErrors] = useState(NO_ERRORS);
  const attempt = useRef({ body: '', uuid: '' });

  /** Pressed again after an answer got lost, the same order keeps its uuid: it is drawn once. A c that is drawn from the uuid is known before, too. */
  const uuidOf = (values: OrderValues): string => {
    const text = JSON.stringify(toBody(values));
    if (attempt.current.body !== text) attempt.current = { body: text, uuid: newUuid() };
    return attempt.current.uuid;
  };
  const refuse = (fields: OrderErrors['fields']): void => setErrors({ fields, general: null });
  const send = async (values: OrderValues): Promise<OrderErrors> => {
    const body = toBody(values);
    setBusy(true);
    setErrors(NO_ERRORS);
    try {
      const fractal = await orderFractal({ ...body, uuid: uuidOf(values) });
      remember(fractal.uuid, fractal);
      navigate(viewPath(fractal.uuid));
      return NO_ERRORS;
    } catch (error) {
      const found = errorsOf(error as Error, isField);
      setErrors(found);
      return found;
    } finally {
      setBusy(false);
    }
  };
  const forget = (names: readonly string[]): void =>
    setErrors(({ fields }) => ({
      fields: Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name))),
      general: null,
    }));
  return { busy, errors, send, forget, refuse, uuidOf };
}

function errorsOf(error: Error, isField: (name: string) => boolean): OrderErrors {
  if (!(error instanceof Refusal)) {
    return { fields: {}, general: `${error.message} Nothing was lost: press Order again when it is back.` };
  }
  const fields = Object.fromEntries(Object.entries(error.fields).filter(([name]) => isField(name)));
  return Object.keys(fields).length > 0 ? { fields, general: null } : { fields, general: error.message };
}
