import { useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { isLinked } from './api/client.ts';
import { connection } from './api/live.ts';
import { filterText } from './gallery/filter.ts';
import { ExplorePage } from './pages/explore.tsx';
import { FarmPage } from './pages/farm.tsx';
import { GalleryPage } from './pages/gallery.tsx';
import { NothingPage } from './pages/nothing.tsx';
import { OrderPage } from './pages/order.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { ViewPage } from './pages/view.tsx';
import { Broken } from './parts/broken.tsx';
import { Header } from './parts/header.tsx';
import { ShortcutsList } from './parts/shortcuts-list.tsx';
import { SignInAgain } from './parts/sign-in-again.tsx';
import { navigate, type Route, route } from './router.ts';
import { notice } from './state/notice.ts';
import { interrupted, mayLook, mayOrder, session } from './state/session.ts';
import { isHelpOpen, type Shortcut, useShortcuts } from './state/shortcuts.ts';

const EVERYWHERE: readonly Shortcut[] = [
  { keys: ['g'], shown: 'G', meaning: 'to the gallery', run: () => navigate('/') },
  { keys: ['e'], shown: 'E', meaning: 'to the explorer', run: () => navigate('/explore') },
  {
    keys: ['n'],
    shown: 'N',
    meaning: 'order a fractal',
    run: () => {
      if (!mayOrder.peek()) return false;
      navigate('/new');
    },
  },
  {
    keys: ['?'],
    shown: '?',
    meaning: 'this list',
    run: () => {
      isHelpOpen.value = true;
    },
  },
];

export function App() {
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useSignalEffect(() => {
    void route.value;
    // After going to another page, reading and tabbing begin at its top; after loading, where the browser says.
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
  });
  useShortcuts('Everywhere', EVERYWHERE, true);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Header />
      <div role="status" class="banner-place">
        {connection.value === 'away' && <Away />}
      </div>
      <main id="main" tabIndex={-1} ref={main}>
        <Broken key={keyOf(route.value)}>
          <Page route={route.value} />
        </Broken>
      </main>
      <div role="status" class="notice-place">
        {notice.value !== null && <p class="notice">{notice.value}</p>}
      </div>
      {isHelpOpen.value && <ShortcutsList />}
      {interrupted.value !== null && <SignInAgain reason={interrupted.value} />}
    </>
  );
}

/** Another page has another chance. */
const keyOf = (route: Route): string => ('uuid' in route ? route.uuid : route.page);

function Page({ route }: { route: Route }) {
  if (!isAllowed(route)) return <SignInPage to={route.page === 'order' && mayLook.value ? 'to order' : 'to look'} />;
  switch (route.page) {
    case 'gallery':
      return <GalleryPage key={filterText(route.filter)} number={route.number} filter={route.filter} />;
    case 'view':
      return <ViewPage key={route.uuid} uuid={route.uuid} />;
    case 'order':
      return <OrderPage key={route.search} search={route.search} />;
    case 'explore':
      return <ExplorePage />;
    case 'farm':
      return <FarmPage />;
    case 'signin':
      return <SignInPage to="to faafo" />;
    case 'nothing':
      return <NothingPage path={route.path} />;
  }
}

/** Until it is known who sits here, pages begin as if all were well. A page that was open when a session ended stays, below the question. */
function isAllowed(route: Route): boolean {
  if (session.value === undefined || interrupted.value !== null || ['nothing', 'explore'].includes(route.page)) return true;
  if (route.page === 'order') return mayOrder.value;
  return mayLook.value || route.page === 'signin' || (route.page === 'view' && isLinked(route.uuid));
}

function Away() {
  return (
    <p class="banner">
      <strong>The service cannot be reached.</strong> What you see may be out of date. Trying again; this page catches up by
      itself.
    </p>
  );
}
