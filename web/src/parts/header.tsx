import { connection } from '../api/live.ts';
import logo from '../icon.png';
import { route } from '../router.ts';
import { mayLook, mayOrder, session } from '../state/session.ts';
import { isHelpOpen } from '../state/shortcuts.ts';
import { KeysIcon, PlusIcon } from './icons.tsx';
import { Who } from './who.tsx';

const CONNECTION_TEXT = { opening: 'Connecting', live: 'Live', away: 'Offline' } as const;

export function Header() {
  const { page } = route.value;
  const state = connection.value;
  return (
    <header class="top">
      <a class="brand" href="/" aria-label="faafo, to the gallery">
        <img src={logo} alt="" width="28" height="28" />
        <span>faafo</span>
      </a>
      <nav aria-label="Main">
        <a href="/" aria-current={page === 'gallery' ? 'page' : undefined}>
          Gallery
        </a>
        <a href="/explore" aria-current={page === 'explore' ? 'page' : undefined}>
          Explore
        </a>
        {(session.value === undefined || mayLook.value) && (
          <a href="/farm" aria-current={page === 'farm' ? 'page' : undefined}>
            Farm
          </a>
        )}
        <a href="/docs">API</a>
      </nav>
      {(session.value === undefined || mayLook.value) && (
        <span class={`link-state ${state}`} title="Whether changes arrive here by themselves">
          {CONNECTION_TEXT[state]}
        </span>
      )}
      <button
        type="button"
        class="keys-button"
        aria-label="Keys and gestures"
        title="Keys and gestures (?)"
        onClick={() => {
          isHelpOpen.value = true;
        }}
      >
        <KeysIcon />
      </button>
      <Who />
      {(session.value === undefined || mayOrder.value) && (
        <a class="button" href="/new" aria-current={page === 'order' ? 'page' : undefined}>
          <PlusIcon />
          <span>
            Order<span class="wide-only"> a fractal</span>
          </span>
        </a>
      )}
    </header>
  );
}
