import type { ComponentChildren } from 'preact';

/** Line icons on a 20 x 20 grid; the text beside them, or the label around them, says what they mean. */
export function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
      {children}
    </svg>
  );
}

export const PlusIcon = () => (
  <Icon>
    <path d="M10 4v12M4 10h12" />
  </Icon>
);
export const KeysIcon = () => (
  <Icon>
    <rect x="2.5" y="5" width="15" height="10" rx="1.8" />
    <path d="M5.5 8h.01M8.5 8h.01M11.5 8h.01M14.5 8h.01M5.5 12h.01M14.5 12h.01M8 12h4" />
  </Icon>
);
export const MinusIcon = () => (
  <Icon>
    <path d="M4 10h12" />
  </Icon>
);
export const WholeIcon = () => (
  <Icon>
    <path d="M3.5 7V3.5H7M13 3.5h3.5V7M16.5 13v3.5H13M7 16.5H3.5V13" />
    <rect x="7" y="7.5" width="6" height="5" rx="0.8" />
  </Icon>
);
export const CopyIcon = () => (
  <Icon>
    <rect x="7" y="7" width="9" height="9" rx="1.5" />
    <path d="M13 4.5A1.5 1.5 0 0 0 11.5 3h-7A1.5 1.5 0 0 0 3 4.5v7A1.5 1.5 0 0 0 4.5 13" />
  </Icon>
);
export const CheckIcon = () => (
  <Icon>
    <path d="M4 10.5l4 4 8-9" />
  </Icon>
);
export const DownloadIcon = () => (
  <Icon>
    <path d="M10 3v10M6 9.5l4 4 4-4M3.5 17h13" />
  </Icon>
);
export const EnlargeIcon = () => (
  <Icon>
    <path d="M12 3h5v5M17 3l-6 6M8 17H3v-5M3 17l6-6" />
  </Icon>
);
export const CompassIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="7" />
    <path d="M12.8 7.2l-1.7 3.9-3.9 1.7 1.7-3.9z" />
  </Icon>
);
export const TrashIcon = () => (
  <Icon>
    <path d="M3.5 5.5h13M8 5.5V3.5h4v2M5.5 5.5l.7 11h7.6l.7-11M8.5 8.5v5M11.5 8.5v5" />
  </Icon>
);
export const StopIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="7" />
    <path d="M7.5 7.5l5 5M12.5 7.5l-5 5" />
  </Icon>
);
export const ShareIcon = () => (
  <Icon>
    <circle cx="5" cy="10" r="2.2" />
    <circle cx="14.5" cy="4.8" r="2.2" />
    <circle cx="14.5" cy="15.2" r="2.2" />
    <path d="M7 9l5.5-3.1M7 11l5.5 3.1" />
  </Icon>
);
export const RetryIcon = () => (
  <Icon>
    <path d="M16 10a6 6 0 1 1-2-4.5M16 2.5V6h-3.5" />
  </Icon>
);
export const NewerIcon = () => (
  <Icon>
    <path d="M12 4.5l-5.5 5.5 5.5 5.5" />
  </Icon>
);
export const OlderIcon = () => (
  <Icon>
    <path d="M8 4.5l5.5 5.5L8 15.5" />
  </Icon>
);
export const DiceIcon = () => (
  <Icon>
    <rect x="3.5" y="3.5" width="13" height="13" rx="2.5" />
    <path d="M7 7h.01M13 7h.01M10 10h.01M7 13h.01M13 13h.01" />
  </Icon>
);
