import { useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { connection } from './api/live.ts';
import { GalleryPage } from './pages/gallery.tsx';
import { NothingPage } from './pages/nothing.tsx';
import { OrderPage } from './pages/order.tsx';
import { ViewPage } from './pages/view.tsx';
import { Header } from './parts/header.tsx';
import { type Route, route } from './router.ts';
import { notice } from './state/notice.ts';

export function App() {
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useSignalEffect(() => {
    void route.value;
    // After going to another page, reading and tabbing begin at its top; after loading, where the browser says.
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
  });
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
        <Page route={route.value} />
      </main>
      <div role="status" class="notice-place">
        {notice.value !== null && <p class="notice">{notice.value}</p>}
      </div>
    </>
  );
}

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case 'gallery':
      return <GalleryPage key={route.number} number={route.number} />;
    case 'view':
      return <ViewPage key={route.uuid} uuid={route.uuid} />;
    case 'order':
      return <OrderPage />;
    case 'nothing':
      return <NothingPage path={route.path} />;
  }
}

function Away() {
  return (
    <p class="banner">
      <strong>The service cannot be reached.</strong> What you see may be out of date. Trying again; this page catches up by
      itself.
    </p>
  );
}
