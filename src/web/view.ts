import type { Detail } from './api.js';

/** One of the page's views. */
export interface View {
  readonly element: HTMLElement;
  /** For the browser's title. */
  readonly title: string;
  /** Called when the list of approvals changed, and with an approval when that was read anew. */
  update(changed?: Detail): void;
  /** What keys do here. */
  readonly keys: Readonly<Record<string, () => void>>;
}
