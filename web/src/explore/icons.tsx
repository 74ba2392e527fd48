import { Icon } from '../parts/icons.tsx';

export { PlusIcon } from '../parts/icons.tsx';

export const MinusIcon = () => (
  <Icon>
    <path d="M4 10h12" />
  </Icon>
);
export const HomeIcon = () => (
  <Icon>
    <path d="M3.5 9.5L10 4l6.5 5.5M5.5 8.5V16h9V8.5" />
  </Icon>
);
export const UndoIcon = () => (
  <Icon>
    <path d="M7.5 4.5L4 8l3.5 3.5M4.5 8H12a4 4 0 0 1 0 8H8" />
  </Icon>
);
export const RedoIcon = () => (
  <Icon>
    <path d="M12.5 4.5L16 8l-3.5 3.5M15.5 8H8a4 4 0 0 0 0 8h4" />
  </Icon>
);
export const FullscreenIcon = () => (
  <Icon>
    <path d="M3.5 7.5v-4h4M12.5 3.5h4v4M16.5 12.5v4h-4M7.5 16.5h-4v-4" />
  </Icon>
);
export const HelpIcon = () => (
  <Icon>
    <path d="M7.2 7.4a2.8 2.8 0 1 1 4.3 2.4c-.9.6-1.5 1.1-1.5 2.2M10 15.2h.01" />
  </Icon>
);
export const PanelIcon = () => (
  <Icon>
    <path d="M3 6h7M14 6h3M3 14h3M10 14h7" />
    <circle cx="12" cy="6" r="2" />
    <circle cx="8" cy="14" r="2" />
  </Icon>
);
export const CloseIcon = () => (
  <Icon>
    <path d="M5 5l10 10M15 5L5 15" />
  </Icon>
);
