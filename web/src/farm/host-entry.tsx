import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { HostBadge } from './patterns.tsx';

/** So many are shown at first. */
export const HOSTS_IN_LEGEND = 24;

interface HostEntryProps {
  readonly host: string;
  readonly chosen: Signal<string | null>;
  /** what it has drawn */
  readonly children: ComponentChildren;
}

/** A host in a legend; a press lets its bands stand out, another one ends that. */
export function HostEntry({ host, chosen, children }: HostEntryProps) {
  return (
    <li>
      <button
        type="button"
        aria-pressed={chosen.value === host}
        onClick={() => {
          chosen.value = chosen.value === host ? null : host;
        }}
      >
        <HostBadge host={host} />
        <span>{host}</span>
        <small>{children}</small>
      </button>
    </li>
  );
}
