import { unlessAborted } from '../deadline.js';
import type { Credential } from './credential.js';
import type { HeaderOptions } from './options.js';
import { type FileReading, readLine, stateAt } from './secret-file.js';

/** A file is looked at again after this long, and not before. */
const LOOK_AGAIN_MILLISECONDS = 1_000;

/** A header with a value that does not change, or with what a file holds now. */
export function headerCredential(options: HeaderOptions): Credential {
  const { name, prefix } = options;
  if ('value' in options) {
    const headers = { [name]: prefix + options.value };
    return { headersFor: async () => headers, refused: () => false, close: () => undefined };
  }
  const file = new WatchedLine(options.file);
  return {
    headersFor: async (_outgoing, signal) => ({
      [name]: prefix + (await unlessAborted(file.read(), signal)),
    }),
    refused: () => file.lookAgain(),
    close: () => undefined,
  };
}

/**
 * The one line of a file that is replaced from time to time, as platforms do with the tokens that they project into
 * workloads. It is looked at when it is used, so that there is nothing to stop. What it held before never stands in
 * for what cannot be read.
 */
class WatchedLine {
  readonly #path: string;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<string> | undefined;
  #reading: FileReading | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws Error that says what is wrong with the file */
  read(): Promise<string> {
    const now = performance.now();
    if (this.#looking !== undefined && now - this.#lookedAt < LOOK_AGAIN_MILLISECONDS) return this.#looking;
    this.#lookedAt = now;
    this.#looking = this.#look();
    return this.#looking;
  }

  /** Looks at the file the next time that it is used, however short ago it was looked at. */
  lookAgain(): boolean {
    this.#lookedAt = Number.NEGATIVE_INFINITY;
    return true;
  }

  async #look(): Promise<string> {
    const known = this.#reading;
    if (known?.state !== undefined && (await stateAt(this.#path)) === known.state) return known.text;
    this.#reading = undefined;
    this.#reading = await readLine(this.#path);
    return this.#reading.text;
  }
}
