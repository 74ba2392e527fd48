export interface ChoiceProps<T extends string> {
  readonly legend: string;
  readonly name: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  /** a line about the chosen one */
  readonly hint?: string;
  readonly onChoose: (value: T) => void;
}

/** One of a few, all of them visible. */
export function Choice<T extends string>({ legend, name, value, options, hint, onChoose }: ChoiceProps<T>) {
  return (
    <fieldset class="choice">
      <legend>{legend}</legend>
      <div class="segments">
        {options.map((option) => (
          <label key={option.value}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={value === option.value}
              onChange={() => onChoose(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
      {hint !== undefined && (
        <p class="hint" aria-live="polite">
          {hint}
        </p>
      )}
    </fieldset>
  );
}
