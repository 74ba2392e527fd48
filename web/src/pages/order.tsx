import { useMemo, useRef, useState } from 'preact/hooks';
import { checkOrder, type LooseOrder } from '../../../src/domain/check-order.ts';
import type { FractalId } from '../../../src/domain/ids.ts';
import { PALETTE_TABLE, PALETTES } from '../../../src/domain/palettes.ts';
import { formulaName } from '../format.ts';
import { Choice } from '../parts/choice.tsx';
import { Field, type FieldProps } from '../parts/field.tsx';
import { DiceIcon } from '../parts/icons.tsx';
import { OrderPreview } from '../parts/order-preview.tsx';
import { PictureSize } from '../parts/picture-size.tsx';
import { Presets } from '../parts/presets.tsx';
import {
  type FieldName,
  FORMULAS,
  formulaFacts,
  isSmooth,
  type OrderValues,
  toBody,
  valuesOfSearch,
} from '../state/order-values.ts';
import { DEFAULTS, randomOrder, withChoice, withFormula } from '../state/presets.ts';
import { useTitle } from '../state/title.ts';
import { useFarm } from '../state/use-farm.ts';
import { useOrder } from '../state/use-order.ts';

const C_CHOICES = {
  julia: [
    { value: 'given', label: 'Given' },
    { value: 'seed', label: 'Drawn at random' },
  ],
  others: [
    { value: 'pixel', label: 'The point of the picture' },
    { value: 'given', label: 'Given: its Julia set' },
  ],
} as const;

/** What an order costs is made of. */
const SIZE: readonly FieldName[] = ['width', 'height', 'iterations', 'samples'];

/** The order form. What is typed is judged as the API judges it, in its words, at the fields that they are about; and drawn, small, as it will be. */
export function OrderPage({ search }: { search: string }) {
  useTitle('Order a fractal');
  const form = useRef<HTMLFormElement>(null);
  const [values, setValues] = useState(() => valuesOfSearch(search, DEFAULTS));
  /** fields that were changed since something was wrong with all of them */
  const [touched, setTouched] = useState<readonly string[]>([]);
  const isField = (name: string): boolean => form.current?.elements.namedItem(name) instanceof HTMLInputElement;
  const { busy, errors, send, forget, refuse, uuidOf } = useOrder(isField);
  const { estimate, limits } = useFarm();
  const check = useMemo(() => checkOrder(uuidOf(values) as FractalId, toBody(values) as LooseOrder, limits), [values, limits]);

  const change = (changed: Partial<OrderValues>): void => {
    const names = Object.keys(changed);
    setValues((before) => ({ ...before, ...changed }));
    setTouched((before) => [...new Set([...before, ...names])]);
    forget(names);
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    // What is surely wrong need not be sent; the API has the last word about the rest.
    const { fields } = check.spec ? await send(values) : { fields: check.errors };
    if (!check.spec) refuse(fields);
    // The errors are drawn by the next frame.
    if (Object.keys(fields).length > 0) requestAnimationFrame(() => focusFirstInvalid(form.current));
  };
  // Whichever of them was changed, together they may be too much.
  const hasSize = SIZE.some((name) => touched.includes(name));
  const errorOf = (name: FieldName): string | undefined =>
    errors.fields[name] ?? (touched.includes(name) || (hasSize && SIZE.includes(name)) ? check.errors[name] : undefined);
  const field = (name: FieldName, label: string, more: Partial<FieldProps> = {}) => (
    <Field
      name={name}
      label={label}
      value={values[name]}
      error={errorOf(name)}
      onInput={(changed, value) => change({ [changed]: value })}
      {...more}
    />
  );
  const submission = (
    <>
      {errors.general !== null && (
        <p class="form-error" role="alert">
          {errors.general}
        </p>
      )}
      <p class="submit">
        <button type="submit" class="button" aria-busy={busy} disabled={busy}>
          {busy ? 'Ordering' : 'Order'}
        </button>
      </p>
    </>
  );
  return (
    <form class="order" ref={form} onSubmit={submit} noValidate aria-busy={busy}>
      <div class="title-row">
        <h1>Order a fractal</h1>
        <button type="button" class="button quiet" onClick={() => change(randomOrder(Math.random))}>
          <DiceIcon />
          Surprise me
        </button>
      </div>
      <OrderPreview spec={check.spec} estimate={estimate}>
        {submission}
      </OrderPreview>
      <Presets onChoose={change} />
      <Choice
        legend="Formula"
        name="formula"
        value={values.formula}
        options={FORMULAS.map((formula) => ({ value: formula, label: formulaName(formula) }))}
        onChoose={(formula) => change(withFormula(values, formula))}
      />
      {formulaFacts(values.formula).powers && (
        <section class="pair">{field('power', 'Power of z', { whole: true, hint: 'From 2 to 8.' })}</section>
      )}
      <section>
        <Choice
          legend="The constant c"
          name="choice"
          value={values.choice}
          options={C_CHOICES[values.formula === 'julia' ? 'julia' : 'others']}
          onChoose={(choice) => change(withChoice(values, choice))}
        />
        <div class="pair">
          {values.choice === 'given' && field('c_re', 'Real part (c_re)')}
          {values.choice === 'given' && field('c_im', 'Imaginary part (c_im)')}
          {values.choice === 'seed' &&
            values.formula === 'julia' &&
            field('seed', 'Seed', {
              whole: true,
              hint: 'The same seed and window give the same c. Empty: a new one each time.',
            })}
        </div>
      </section>
      <section>
        <h2>Window on the complex plane</h2>
        <div class="quad">
          {field('xa', 'Left (xa)')}
          {field('xb', 'Right (xb)')}
          {field('ya', 'Top (ya)')}
          {field('yb', 'Bottom (yb)')}
        </div>
      </section>
      <section>
        <h2>Picture</h2>
        <div class="quad">
          {field('width', 'Width, pixels', { whole: true })}
          {field('height', 'Height, pixels', { whole: true })}
          {field('iterations', 'Iterations', { whole: true, hint: 'More of them show finer detail.' })}
          {field('samples', 'Samples', { whole: true, hint: '2 draws 2 × 2 points a pixel: smoother edges.' })}
        </div>
        <PictureSize values={values} onChange={change} />
      </section>
      <section>
        <Choice
          legend="Colours"
          name="palette"
          value={values.palette}
          options={PALETTES.map((palette) => ({ value: palette, label: capital(palette) }))}
          hint={`${PALETTE_TABLE[values.palette].title}.`}
          onChoose={(palette) => change({ palette })}
        />
        {isSmooth(values.palette) && (
          <div class="quad">
            {field('density', 'Density', { hint: 'How fast the colours change.' })}
            {field('offset', 'Offset', { hint: 'Where they begin, 0 to 1.' })}
            {field('interior', 'Interior', { hint: 'Colour of what never leaves.' })}
            {field('shade', 'Shade', { hint: 'How dark it is near the set, 0 to 1.' })}
          </div>
        )}
      </section>
      {/* Where there is one column the way back up to the picture is long. */}
      <div class="at-the-end">{submission}</div>
    </form>
  );
}

const capital = (word: string): string => `${word[0]?.toUpperCase()}${word.slice(1)}`;

function focusFirstInvalid(form: HTMLFormElement | null): void {
  form?.querySelector<HTMLInputElement>('[aria-invalid=true]')?.focus();
}
