import type { Approval } from './api.js';

/** One of the page's views. */
export interface View {
  readonly element: HTMLElement;
  /** For the browser's title. */
  readonly title: string;
  /** Called when approvals changed: one, or where undefined maybe all. */
  update(changed?: Approval): void;
  /** What keys do here. */
  readonly keys: Readonly<Record<string, () => void>>;
}
