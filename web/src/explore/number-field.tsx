import { useEffect, useId, useState } from 'preact/hooks';
import { type Bounds, complaintOf } from '../../../src/domain/bounds.ts';

interface NumberFieldProps {
  readonly label: string;
  readonly value: number;
  readonly bounds: Bounds;
  readonly onChange: (value: number) => void;
}

/** A number that is taken as soon as it is one, and says what is wrong with it until then. */
export function NumberField({ label, value, bounds, onChange }: NumberFieldProps) {
  const id = useId();
  const [text, setText] = useState<string | null>(null);
  useEffect(() => setText(null), [value]);
  const complaint = text === null ? null : complaintOf(numberOf(text), bounds);
  const take = (typed: string): void => {
    setText(typed);
    const number = numberOf(typed);
    if (complaintOf(number, bounds) === null && number !== value) onChange(number);
  };
  return (
    <div class="panel-field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        inputMode={bounds.isWhole ? 'numeric' : undefined}
        autocomplete="off"
        spellcheck={false}
        value={text ?? String(value)}
        aria-invalid={complaint === null ? undefined : true}
        aria-describedby={complaint === null ? undefined : `${id}-error`}
        onInput={(event) => take(event.currentTarget.value)}
        onBlur={() => setText(null)}
      />
      {complaint !== null && (
        <p class="field-error" id={`${id}-error`}>
          {complaint}
        </p>
      )}
    </div>
  );
}

/** The real minus sign is what this page shows and people paste back. */
const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text.trim().replace('−', '-')));
