import type { FieldName } from '../state/order-values.ts';

export interface FieldProps {
  readonly name: FieldName;
  readonly label: string;
  readonly value: string;
  readonly error: string | undefined;
  readonly hint?: string;
  /** whole numbers get the telephone's number pad; others need its minus sign */
  readonly whole?: boolean;
  readonly onInput: (name: FieldName, value: string) => void;
}

/** One number of the order form, with what the API has to say about it. */
export function Field({ name, label, value, error, hint, whole = false, onInput }: FieldProps) {
  const described = [error && `${name}-error`, hint && `${name}-hint`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        id={name}
        name={name}
        type="text"
        inputMode={whole ? 'numeric' : undefined}
        autocomplete="off"
        spellcheck={false}
        value={value}
        aria-invalid={error === undefined ? undefined : true}
        aria-describedby={described || undefined}
        onInput={(event) => onInput(name, event.currentTarget.value)}
      />
      {error !== undefined && (
        <p class="field-error" id={`${name}-error`}>
          {error}
        </p>
      )}
      {hint !== undefined && (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
