import '@preact/signals';
import { render } from 'preact';
import './styles/index.css';
import { openLive } from './api/live.ts';
import { App } from './app.tsx';
import { listenToNavigation } from './router.ts';

listenToNavigation();
openLive();
const root = document.getElementById('app')!;
root.replaceChildren();
render(<App />, root);
