/* The page at /explore, for whoever comes there first: the picture begins before the rest of the page is read. */
import { beginEarly } from './explore/early.ts';

beginEarly();
void import('./explore/page.tsx');
void import('./main.tsx');
