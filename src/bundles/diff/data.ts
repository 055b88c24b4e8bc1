import { canonicalJson, isObject } from '../canonical-json.js';
import type { StrictJson } from '../strict-json.js';

/** A place in a bundle's data that is not as it was. */
export interface DataChange {
  /** JSON Pointer (RFC 6901) from `data`. */
  readonly path: string;
  /** JSON text; missing where there was nothing. */
  readonly before?: string;
  /** JSON text; missing where there is nothing. */
  readonly after?: string;
}

/** Where two data documents differ. An array that differs anywhere is one place, as is what comes or goes whole. */
export function diffData(before: StrictJson, after: StrictJson, path = ''): DataChange[] {
  if (!isObject(before) || !isObject(after)) {
    const texts = { before: canonicalJson(before), after: canonicalJson(after) };
    return texts.before === texts.after ? [] : [{ path, ...texts }];
  }
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name) => {
    const place = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const old = before.get(name);
    const young = after.get(name);
    if (old === undefined) return young === undefined ? [] : [{ path: place, after: canonicalJson(young) }];
    if (young === undefined) return [{ path: place, before: canonicalJson(old) }];
    return diffData(old, young, place);
  });
}
