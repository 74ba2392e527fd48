import '@preact/signals';
import { render } from 'preact';
import './styles/index.css';
import { App } from './app.tsx';
import { listenToNavigation } from './router.ts';
import { followSession } from './state/session.ts';

listenToNavigation();
void followSession();
const root = document.getElementById('app')!;
root.replaceChildren();
render(<App />, root);
