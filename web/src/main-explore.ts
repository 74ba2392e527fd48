/* The page at /explore, for whoever comes there first: the picture is drawn before the rest of the page is read, which would take the time from it. */
import { beginEarly } from './explore/early.ts';

void beginEarly().finally(() => {
  void import('./explore/page.tsx');
  void import('./main.tsx');
});
