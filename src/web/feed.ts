import { list, type Summary } from './api.js';

const LIMIT = '50';
/** Pages that are read at once, where what is on them is all for others. */
const MOST_PAGES = 5;

/** A list that is read page by page. */
export interface Feed {
  /** Whether there may be more than was read. */
  hasMore(): boolean;
  /** Reads on; what fails is shown by itself. */
  more(): Promise<void>;
}

/** Reads a list page by page, and gives what it read away. */
export class PagedFeed implements Feed {
  readonly #query: Readonly<Record<string, string>>;
  readonly #take: (read: readonly Summary[]) => void;
  readonly #failed: (thrown: unknown) => void;
  #next: string | undefined;

  constructor(
    query: Readonly<Record<string, string>>,
    take: (read: readonly Summary[]) => void,
    failed: (thrown: unknown) => void,
  ) {
    this.#query = query;
    this.#take = take;
    this.#failed = failed;
  }

  hasMore(): boolean {
    return this.#next !== undefined;
  }

  /** Reads the first page again. */
  async begin(): Promise<void> {
    this.#next = undefined;
    await this.#read();
  }

  async more(): Promise<void> {
    try {
      for (let page = 0; page < MOST_PAGES && this.#next !== undefined; page++)
        if ((await this.#read()) > 0) return;
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  async #read(): Promise<number> {
    const cursor = this.#next === undefined ? {} : { cursor: this.#next };
    const { approvals, next } = await list({ ...this.#query, limit: LIMIT, ...cursor });
    this.#next = next;
    this.#take(approvals);
    return approvals.length;
  }
}
