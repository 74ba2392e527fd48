import { useRef, useState } from 'preact/hooks';
import { PALETTES } from '../../../src/domain/palettes.ts';
import { formulaName } from '../format.ts';
import { Choice } from '../parts/choice.tsx';
import { Field, type FieldProps } from '../parts/field.tsx';
import { DiceIcon } from '../parts/icons.tsx';
import { PictureSize } from '../parts/picture-size.tsx';
import { type FieldName, FORMULAS, type Formula, formulaFacts, isSmooth, type OrderValues } from '../state/order-values.ts';
import { DEFAULTS, PRESETS, randomOrder, wholeOf } from '../state/presets.ts';
import { useTitle } from '../state/title.ts';
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

/** The order form. The API judges what is typed; its words are shown at the fields they are about. */
export function OrderPage() {
  useTitle('Order a fractal');
  const form = useRef<HTMLFormElement>(null);
  const [values, setValues] = useState(DEFAULTS);
  const { busy, errors, send, forget } = useOrder((name) => form.current?.elements.namedItem(name) instanceof HTMLInputElement);

  const change = (changed: Partial<OrderValues>): void => {
    setValues((before) => ({ ...before, ...changed }));
    forget(Object.keys(changed));
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { fields } = await send(values);
    // The errors are drawn by the next frame.
    if (Object.keys(fields).length > 0) requestAnimationFrame(() => focusFirstInvalid(form.current));
  };
  const field = (name: FieldName, label: string, more: Partial<FieldProps> = {}) => (
    <Field
      name={name}
      label={label}
      value={values[name]}
      error={errors.fields[name]}
      onInput={(changed, value) => change({ [changed]: value })}
      {...more}
    />
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
          onChoose={(choice) => change({ choice })}
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
        <div class="triple">
          {field('width', 'Width, pixels', { whole: true })}
          {field('height', 'Height, pixels', { whole: true })}
          {field('iterations', 'Iterations', {
            whole: true,
            hint: 'More of them show finer detail.',
          })}
        </div>
        <PictureSize values={values} onChange={change} />
      </section>
      <section>
        <Choice
          legend="Palette"
          name="palette"
          value={values.palette}
          options={PALETTES.map((palette) => ({ value: palette, label: palette }))}
          onChoose={(palette) => change({ palette })}
        />
        {isSmooth(values.palette) && (
          <div class="triple">
            {field('density', 'Density', { hint: 'How fast the gradient runs.' })}
            {field('offset', 'Offset', { hint: 'Where it begins, 0 to 1.' })}
            {field('interior', 'Interior colour', { hint: 'Of what never leaves.' })}
          </div>
        )}
        <div class="triple">
          {field('samples', 'Samples', { whole: true, hint: 'Anti-aliasing: 2 draws 2 × 2 points a pixel.' })}
        </div>
      </section>
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
    </form>
  );
}

function Presets({ onChoose }: { onChoose: (values: OrderValues) => void }) {
  return (
    <div class="presets">
      <span id="presets">Start from</span>
      <ul aria-labelledby="presets">
        {PRESETS.map(({ name, values }) => (
          <li key={name}>
            <button type="button" class="chip" onClick={() => onChoose(values)}>
              {name}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Each formula has a window of its own to begin with; one that was typed stays. */
function withFormula(values: OrderValues, formula: Formula): Partial<OrderValues> {
  const isAsBegun = [DEFAULTS, wholeOf(values.formula)].some((begun) =>
    (['xa', 'xb', 'ya', 'yb'] as const).every((name) => values[name] === begun[name]),
  );
  const window = isAsBegun ? wholeOf(formula) : {};
  const c = values.c_re === '' ? { c_re: DEFAULTS.c_re, c_im: DEFAULTS.c_im } : {};
  if (formula !== 'julia') return { formula, ...window, choice: 'pixel' };
  return { formula, ...window, ...c, choice: values.choice === 'pixel' ? 'given' : values.choice };
}

function focusFirstInvalid(form: HTMLFormElement | null): void {
  form?.querySelector<HTMLInputElement>('[aria-invalid=true]')?.focus();
}
