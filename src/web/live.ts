import type { Summary } from './api.js';

const FIRST_RETRY_MILLISECONDS = 1_000;
const LONGEST_RETRY_MILLISECONDS = 30_000;

export interface Listening {
  /** The stream is there (again): what happened before is to be asked for. */
  readonly opened: () => void;
  readonly changed: (approval: Summary) => void;
  /** The stream is gone for now; it is tried again. */
  readonly lost: () => void;
}

/** Hears of changes as they happen. @returns what ends it */
export function listenForChanges({ opened, changed, lost }: Listening): () => void {
  let retry = FIRST_RETRY_MILLISECONDS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let source: EventSource;

  function connect(): void {
    source = new EventSource('/api/approvals/events');
    source.addEventListener('open', () => {
      retry = FIRST_RETRY_MILLISECONDS;
      opened();
    });
    source.addEventListener('approval', (event) => changed(JSON.parse(event.data) as Summary));
    source.addEventListener('error', () => {
      // A browser gives up where it was answered with an error, and its own retries would not back off.
      source.close();
      lost();
      timer = setTimeout(connect, retry);
      retry = Math.min(retry * 2, LONGEST_RETRY_MILLISECONDS);
    });
  }

  connect();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
