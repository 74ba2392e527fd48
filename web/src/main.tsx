import '@preact/signals';
import { render } from 'preact';
import './styles/index.css';
import { App } from './app.tsx';
import { loadExplorer } from './explore/load.ts';
import { listenToNavigation, route } from './router.ts';
import { followSession } from './state/session.ts';
import { listenToShortcuts } from './state/shortcuts.ts';

// Before anything else, so that the first picture is there as soon as can be.
if (route.peek().page === 'explore') loadExplorer().catch(() => undefined);
listenToNavigation();
listenToShortcuts();
void followSession();
const root = document.getElementById('app')!;
root.replaceChildren();
render(<App />, root);
