import { useRef, useState } from 'preact/hooks';
import { TrashIcon } from '../parts/icons.tsx';
import type { Explorer } from './explorer.ts';
import { forgetPlace, type Place, places, renamePlace } from './places.ts';
import { Thumb } from './thumb.tsx';
import type { Tools } from './tools.ts';
import { viewOfQuery } from './view-text.ts';

/** Places that were kept in this browser, and one that somebody pastes. */
export function PlacesList({ explorer, tools }: { explorer: Explorer; tools: Tools }) {
  return (
    <details class="panel-section">
      <summary>Your places {places.value.length > 0 && <span class="hint">{places.value.length}</span>}</summary>
      <p class="panel-line">
        <button type="button" class="button quiet" onClick={tools.save}>
          Keep this place
        </button>
      </p>
      {places.value.length === 0 ? (
        <p class="hint">Nothing yet. What you keep stays in this browser.</p>
      ) : (
        <ul class="places">
          {places.value.map((place) => (
            <PlaceItem key={place.id} place={place} explorer={explorer} tools={tools} />
          ))}
        </ul>
      )}
      <GoTo tools={tools} />
    </details>
  );
}

function PlaceItem({ place, explorer, tools }: { place: Place; explorer: Explorer; tools: Tools }) {
  const view = viewOfQuery(place.query);
  return (
    <li>
      <button type="button" class="place-go" aria-label={`Go to ${place.name}`} onClick={() => tools.leap(view, false)}>
        <Thumb explorer={explorer} view={view} name={place.query} />
      </button>
      <input
        type="text"
        aria-label={`Name of ${place.name}`}
        defaultValue={place.name}
        spellcheck={false}
        onChange={(event) => renamePlace(place.id, event.currentTarget.value)}
      />
      <button
        type="button"
        class="tool small"
        aria-label={`Forget ${place.name}`}
        title="Forget it"
        onClick={() => forgetPlace(place.id)}
      >
        <TrashIcon />
      </button>
    </li>
  );
}

/** For those who do not press Ctrl V. */
function GoTo({ tools }: { tools: Tools }) {
  const input = useRef<HTMLInputElement>(null);
  const [isWrong, setWrong] = useState(false);
  const go = (event: Event): void => {
    event.preventDefault();
    setWrong(!tools.paste(input.current?.value ?? ''));
  };
  return (
    <form class="panel-field" onSubmit={go} noValidate>
      <label for="go-to">Coordinates, link or order</label>
      <div class="panel-line">
        <input
          id="go-to"
          ref={input}
          type="text"
          autocomplete="off"
          spellcheck={false}
          placeholder="−0.7453 + 0.1127i, 0.004"
          aria-invalid={isWrong || undefined}
          aria-describedby={isWrong ? 'go-to-error' : undefined}
          onInput={() => setWrong(false)}
        />
        <button type="submit" class="button quiet">
          Go
        </button>
      </div>
      {isWrong && (
        <p class="field-error" id="go-to-error" role="alert">
          This tells no place. Two numbers would, and a third for half the width.
        </p>
      )}
    </form>
  );
}
