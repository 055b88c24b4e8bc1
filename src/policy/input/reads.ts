import type { InputPath } from '../../domain/index.js';

/** What of a JSON value is read: all of it, or of an object some members. Anything but an object is read whole. */
export interface ReadTree {
  readonly whole: boolean;
  readonly members: readonly MemberRead[];
  /** What it leaves of long-lived objects, as JSON text. */
  readonly texts: WeakMap<object, string>;
}

export interface MemberRead {
  readonly name: string;
  /** The name as it stands before the member's value. */
  readonly label: string;
  /** What goes before the value where the member is the first of its object. */
  readonly first: string;
  /** The same behind another member. */
  readonly next: string;
  readonly below: ReadTree;
}

/** Compiles the paths that an entrypoint reads, once for a revision; a path stands for everything under it. */
export function compileReads(paths: readonly InputPath[]): ReadTree {
  const whole = paths.some((path) => path.length === 0);
  const below = new Map<string, InputPath[]>();
  for (const [name, ...rest] of whole ? [] : paths) {
    if (name !== undefined) below.set(name, [...(below.get(name) ?? []), rest]);
  }
  const members = [...below].map(([name, rests]) => {
    const label = `${JSON.stringify(name)}:`;
    return { name, label, first: `{${label}`, next: `,${label}`, below: compileReads(rests) };
  });
  return { whole, members, texts: new WeakMap() };
}
