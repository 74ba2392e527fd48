import { FORMULAS } from '../../../src/domain/formulas.ts';
import { PALETTES } from '../../../src/domain/palettes.ts';
import { FRACTAL_STATES } from '../../../src/domain/states.ts';
import { formulaName, stateName } from '../format.ts';
import { galleryPath, navigate } from '../router.ts';
import { session } from '../state/session.ts';
import { type Filter, isFiltered } from './filter.ts';

/** Which fractals are shown. The address says it, too. */
export function Filters({ filter }: { filter: Filter }) {
  const change = (changed: Partial<Record<keyof Filter, string | undefined>>): void => {
    const given = Object.entries({ ...filter, ...changed }).filter(([, value]) => value !== undefined && value !== '');
    navigate(galleryPath(Object.fromEntries(given) as Filter));
  };
  const isSomebody = session.value?.name != null;
  return (
    <search class="filters" aria-label="Which fractals">
      <Select
        label="State"
        value={filter.state}
        options={FRACTAL_STATES.map((state) => [state, stateName(state)])}
        onChoose={(state) => change({ state })}
      />
      <Select
        label="Formula"
        value={filter.formula}
        options={FORMULAS.map((formula) => [formula, formulaName(formula)])}
        onChoose={(formula) => change({ formula })}
      />
      <Select
        label="Palette"
        value={filter.palette}
        options={PALETTES.map((palette) => [palette, capital(palette)])}
        onChoose={(palette) => change({ palette })}
      />
      {(isSomebody || filter.owner) && (
        <button
          type="button"
          class="chip"
          aria-pressed={filter.owner === 'me'}
          onClick={() => change({ owner: filter.owner ? undefined : 'me' })}
        >
          Mine
        </button>
      )}
      {isFiltered(filter) && (
        <a class="textual" href="/">
          Show all
        </a>
      )}
    </search>
  );
}

interface SelectProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChoose: (value: string) => void;
}

function Select({ label, value = '', options, onChoose }: SelectProps) {
  return (
    <select
      aria-label={label}
      class={value === '' ? undefined : 'chosen'}
      value={value}
      onChange={(event) => onChoose(event.currentTarget.value)}
    >
      <option value="">{value === '' ? label : `Any ${label.toLowerCase()}`}</option>
      {options.map(([option, text]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </select>
  );
}

const capital = (word: string): string => `${word[0]?.toUpperCase()}${word.slice(1)}`;
